//! Changes to artifacts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ballast_model::{
    ArtifactAlias as Alias, ArtifactKey, ArtifactTag, ArtifactTypeName, CollectionKey,
    CollectionName, EntityName, ProjectName, RunId,
};
use ballast_tracking::artifacts::{
    AliasTarget, CollectionChanges, Content, LinkTarget, NewVersion, PartUploads, VersionChanges,
    md5_of, md5_of_hex,
};
use ballast_tracking::projects::DEFAULT_PROJECT;

use super::collections::{ArtifactCollection, ArtifactType};
use super::inputs::{
    AddAliasesInput, ArtifactAliasInput, ArtifactCollectionAliasInput, CommitArtifactInput,
    CompleteMultipartUploadArtifactInput, CreateArtifactCollectionTagAssignmentsInput,
    CreateArtifactFileSpecInput, CreateArtifactFilesInput, CreateArtifactInput,
    CreateArtifactManifestInput, CreateArtifactTypeInput, DeleteAliasesInput,
    DeleteArtifactCollectionTagAssignmentsInput, DeleteArtifactInput, DeleteArtifactPortfolioInput,
    DeleteArtifactSequenceInput, LinkArtifactInput, MoveArtifactSequenceInput, TagInput,
    UnlinkArtifactInput, UpdateArtifactInput, UpdateArtifactManifestInput,
    UpdateArtifactPortfolioInput, UpdateArtifactSequenceInput, UploadPartsInput, UseArtifactInput,
};
use super::versions::{Artifact, ArtifactCollectionMembership, ArtifactManifest, Tag};
use super::{ArtifactDigestAlgorithm, SuccessPayload};
use crate::graphql::access::Access;
use crate::graphql::files::{FileConnection, FileNode, UploadMultipartUrls};
use crate::ids;
use crate::refusal::Refusal;
use crate::storage::artifact_upload_address;

/// Changes to artifacts.
#[derive(Debug, Default)]
pub(crate) struct ArtifactMutations;

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, SimpleObject)]
        pub(crate) struct $name {
            $($field: $type,)*
            client_mutation_id: Option<String>,
        }
    )* };
}

payloads! {
    /// Outcome of `createArtifact`.
    CreateArtifactPayload { artifact: Artifact, }
    /// Outcome of `createArtifactManifest`.
    CreateArtifactManifestPayload { artifact_manifest: ArtifactManifest, }
    /// Outcome of `updateArtifactManifest`.
    UpdateArtifactManifestPayload { artifact_manifest: ArtifactManifest, }
    /// Outcome of `createArtifactFiles`.
    CreateArtifactFilesPayload { files: FileConnection, }
    /// Outcome of `completeMultipartUploadArtifact`.
    CompleteMultipartUploadArtifactPayload { digest: Option<String>, }
    /// Outcome of `commitArtifact`.
    CommitArtifactPayload { artifact: Artifact, }
    /// Outcome of `useArtifact`.
    UseArtifactPayload { artifact: Artifact, }
    /// Outcome of `createArtifactType`.
    CreateArtifactTypePayload { artifact_type: ArtifactType, }
    /// Outcome of `linkArtifact`.
    LinkArtifactPayload {
        version_index: Option<u64>,
        artifact_membership: Option<ArtifactCollectionMembership>,
    }
    /// Outcome of a change to a version.
    ArtifactPayload { artifact: Artifact, }
    /// Outcome of a change to a collection.
    ArtifactCollectionPayload { artifact_collection: ArtifactCollection, }
    /// Tags that were given or taken away.
    TagAssignmentsPayload { tags: Vec<Tag>, success: bool, }
}

#[Object]
impl ArtifactMutations {
    async fn create_artifact_type(
        &self,
        context: &Context<'_>,
        input: CreateArtifactTypeInput,
    ) -> Result<Option<CreateArtifactTypePayload>> {
        let access = Access::of(context);
        let entity = entity_name(access, input.entity_name.as_deref())?;
        let project = project_name(input.project_name.as_deref())?;
        let name = ArtifactTypeName::new(input.name).map_err(Refusal::from)?;
        let record = access
            .tracking
            .create_artifact_type(
                &access.caller,
                Some(&entity),
                &project,
                &name,
                input.description,
            )
            .await?;
        let project = access
            .tracking
            .get_project(&access.caller, &entity, &project)
            .await?;
        Ok(Some(CreateArtifactTypePayload {
            artifact_type: ArtifactType::new(record, project),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Announces a version. One that is there already comes back committed.
    async fn create_artifact(
        &self,
        context: &Context<'_>,
        input: CreateArtifactInput,
    ) -> Result<Option<CreateArtifactPayload>> {
        let access = Access::of(context);
        check_algorithm(Some(input.digest_algorithm))?;
        let names = input.artifact_collection_names.unwrap_or_default();
        let collection = input
            .artifact_collection_name
            .or_else(|| names.into_iter().next())
            .ok_or_else(|| Refusal::invalid("no artifact is named"))?;
        let collection = CollectionName::new(collection).map_err(Refusal::from)?;
        let run = match input.run_name.filter(|name| !name.is_empty()) {
            Some(run) => Some(RunId::new(run).map_err(Refusal::from)?),
            None => None,
        };
        let new = NewVersion {
            entity: Some(entity_name(access, Some(&input.entity_name))?),
            project: project_name(Some(&input.project_name))?,
            run,
            aliases: aliases_in(&collection, input.aliases)?,
            collection,
            artifact_type: ArtifactTypeName::new(input.artifact_type_name)
                .map_err(Refusal::from)?,
            digest: input.digest,
            description: input.description,
            metadata: input.metadata.map(|metadata| metadata.0),
            ttl_s: input.ttl_duration_seconds.map(|ttl| ttl.0),
            history_step: input.history_step.map(|step| step.0),
            tags: tags(input.tags)?,
            client_id: given(input.client_id),
            collection_client_id: given(input.sequence_client_id),
            distributed_id: input.distributed_id.filter(|id| !id.is_empty()),
            deduplicate: input.enable_digest_deduplication.unwrap_or(false),
        };
        let announced = access
            .tracking
            .announce_version(&access.caller, new)
            .await?;
        Ok(Some(CreateArtifactPayload {
            artifact: announced.artifact.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Announces the manifest of a version. Without digest there is nothing to upload yet.
    async fn create_artifact_manifest(
        &self,
        context: &Context<'_>,
        input: CreateArtifactManifestInput,
    ) -> Result<Option<CreateArtifactManifestPayload>> {
        let access = Access::of(context);
        let artifact = artifact_key(&input.artifact_id)?;
        let kind = input.r#type.unwrap_or(super::ArtifactManifestType::Full);
        let base = optional_artifact_key(input.base_artifact_id)?;
        let md5 = manifest_md5(Some(&input.digest))?;
        let announced = access
            .tracking
            .begin_manifest(&access.caller, artifact, kind.into(), base, md5)
            .await?;
        Ok(Some(CreateArtifactManifestPayload {
            artifact_manifest: announced_manifest(access, input.name, md5, announced),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Announces a manifest in place of one that was announced before.
    async fn update_artifact_manifest(
        &self,
        context: &Context<'_>,
        input: UpdateArtifactManifestInput,
    ) -> Result<Option<UpdateArtifactManifestPayload>> {
        let access = Access::of(context);
        let unknown = || Refusal::not_found("artifact manifest", &input.artifact_manifest_id);
        let manifest = ids::manifest_key(&input.artifact_manifest_id).ok_or_else(unknown)?;
        let base = optional_artifact_key(input.base_artifact_id.clone())?;
        let md5 = manifest_md5(input.digest.as_deref())?;
        let announced = access
            .tracking
            .renew_manifest(&access.caller, manifest, base, md5)
            .await?;
        let name = "wandb_manifest.json".to_owned();
        Ok(Some(UpdateArtifactManifestPayload {
            artifact_manifest: announced_manifest(access, name, md5, announced),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Asks where to upload files: one answer for each, in order, without an address for what is stored already.
    async fn create_artifact_files(
        &self,
        context: &Context<'_>,
        input: CreateArtifactFilesInput,
    ) -> Result<Option<CreateArtifactFilesPayload>> {
        let access = Access::of(context);
        check_algorithm(input.digest_algorithm)?;
        let mut nodes = Vec::with_capacity(input.artifact_files.len());
        // All of one request are of one version, as far as is known.
        for specs in input
            .artifact_files
            .chunk_by(|a, b| a.artifact_id == b.artifact_id)
        {
            let artifact = artifact_key(&specs[0].artifact_id)?;
            let contents: Vec<Content> = specs
                .iter()
                .map(content_of)
                .collect::<Result<_, Refusal>>()?;
            let steps = access
                .tracking
                .begin_contents(&access.caller, artifact, &contents)
                .await?;
            let mut firsts: HashMap<ArtifactKey, Option<Artifact>> = HashMap::new();
            for (spec, step) in specs.iter().zip(steps) {
                let first = match firsts.entry(step.first_artifact) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        // Its project may have been deleted since; then the content counts as this version's.
                        let id = ids::artifact(step.first_artifact);
                        let first = match Artifact::lookup(access, &id).await? {
                            Some(first) => Some(first),
                            None => Artifact::lookup(access, &spec.artifact_id).await?,
                        };
                        place.insert(first)
                    }
                };
                let address = step
                    .upload
                    .map(|target| artifact_upload_address(&access.base, target));
                let parts = step.parts.map(|uploads| part_addresses(access, uploads));
                nodes.push(FileNode::upload(
                    spec.name.clone(),
                    spec.md5.clone(),
                    address,
                    parts,
                    first.clone(),
                ));
            }
        }
        Ok(Some(CreateArtifactFilesPayload {
            files: FileConnection::known(nodes),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Joins the parts of a large file, which were all sent.
    async fn complete_multipart_upload_artifact(
        &self,
        context: &Context<'_>,
        input: CompleteMultipartUploadArtifactInput,
    ) -> Result<Option<CompleteMultipartUploadArtifactPayload>> {
        let access = Access::of(context);
        let artifact = artifact_key(&input.artifact_id)?;
        let mut parts = input.completed_parts;
        parts.sort_by_key(|part| part.part_number.0);
        check_numbers(&parts)?;
        let tags = parts.into_iter().map(|part| part.hex_md5).collect();
        access
            .tracking
            .complete_parts(&access.caller, artifact, &input.upload_id, tags)
            .await?;
        Ok(Some(CompleteMultipartUploadArtifactPayload {
            digest: None,
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Makes a version complete. Twice is no error.
    async fn commit_artifact(
        &self,
        context: &Context<'_>,
        input: CommitArtifactInput,
    ) -> Result<Option<CommitArtifactPayload>> {
        let access = Access::of(context);
        let key = artifact_key(&input.artifact_id)?;
        let artifact = access.tracking.commit_version(&access.caller, key).await?;
        Ok(Some(CommitArtifactPayload {
            artifact: artifact.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Records that a run reads a version.
    async fn use_artifact(
        &self,
        context: &Context<'_>,
        input: UseArtifactInput,
    ) -> Result<Option<UseArtifactPayload>> {
        let access = Access::of(context);
        let run = access.run_path(
            Some(&input.entity_name),
            Some(&input.project_name),
            &input.run_name,
        )?;
        let key = artifact_key(&input.artifact_id)?;
        let artifact = access
            .tracking
            .use_version(&access.caller, &run, key, input.used_as)
            .await?;
        Ok(Some(UseArtifactPayload {
            artifact: artifact.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    async fn update_artifact(
        &self,
        context: &Context<'_>,
        input: UpdateArtifactInput,
    ) -> Result<Option<ArtifactPayload>> {
        let access = Access::of(context);
        let key = artifact_key(&input.artifact_id)?;
        let aliases = match input.aliases {
            Some(aliases) => Some(
                aliases
                    .into_iter()
                    .map(|alias| alias_name(alias.alias))
                    .collect::<Result<_, Refusal>>()?,
            ),
            None => None,
        };
        let changes = VersionChanges {
            description: input.description,
            metadata: input.metadata.map(|metadata| metadata.0),
            ttl_s: input.ttl_duration_seconds.map(|ttl| ttl.0),
            add_tags: tags(input.tags_to_add)?,
            delete_tags: tags(input.tags_to_delete)?,
            aliases,
        };
        let artifact = access
            .tracking
            .update_version(&access.caller, key, changes)
            .await?;
        Ok(Some(ArtifactPayload {
            artifact: artifact.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    async fn delete_artifact(
        &self,
        context: &Context<'_>,
        input: DeleteArtifactInput,
    ) -> Result<Option<ArtifactPayload>> {
        let access = Access::of(context);
        let key = artifact_key(&input.artifact_id)?;
        let with_aliases = input.delete_aliases.unwrap_or(false);
        let artifact = access
            .tracking
            .delete_version(&access.caller, key, with_aliases)
            .await?;
        Ok(Some(ArtifactPayload {
            artifact: artifact.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    async fn add_aliases(
        &self,
        context: &Context<'_>,
        input: AddAliasesInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let key = artifact_key(&input.artifact_id)?;
        let aliases = alias_targets(input.aliases)?;
        access
            .tracking
            .add_aliases(&access.caller, key, aliases)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    async fn delete_aliases(
        &self,
        context: &Context<'_>,
        input: DeleteAliasesInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let key = artifact_key(&input.artifact_id)?;
        let aliases = alias_targets(input.aliases)?;
        access
            .tracking
            .delete_aliases(&access.caller, key, aliases)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Puts a version into a portfolio, which is made if it is missing.
    async fn link_artifact(
        &self,
        context: &Context<'_>,
        input: LinkArtifactInput,
    ) -> Result<Option<LinkArtifactPayload>> {
        let access = Access::of(context);
        let key = match (given(input.artifact_id), given(input.client_id)) {
            (Some(id), _) => artifact_key(&id)?,
            (None, Some(id)) => {
                let found = access
                    .tracking
                    .version_by_client_id(&access.caller, &id)
                    .await?;
                found
                    .ok_or_else(|| Refusal::not_found("artifact version", &id))?
                    .key
            }
            (None, None) => return Err(Refusal::invalid("no artifact is named").into()),
        };
        let name = input
            .artifact_portfolio_name
            .ok_or_else(|| Refusal::invalid("no collection to link to is named"))?;
        let aliases = input.aliases.unwrap_or_default();
        let target = LinkTarget {
            entity: entity_name(access, input.entity_name.as_deref())?,
            project: project_name(input.project_name.as_deref())?,
            collection: CollectionName::new(name).map_err(Refusal::from)?,
            aliases: aliases
                .into_iter()
                .map(|alias| alias_name(alias.alias))
                .collect::<Result<_, Refusal>>()?,
        };
        let membership = access
            .tracking
            .link_version(&access.caller, key, target)
            .await?;
        Ok(Some(LinkArtifactPayload {
            version_index: Some(membership.version),
            artifact_membership: Some(membership.into()),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    async fn unlink_artifact(
        &self,
        context: &Context<'_>,
        input: UnlinkArtifactInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let artifact = artifact_key(&input.artifact_id)?;
        let collection = collection_key(&input.artifact_portfolio_id)?;
        access
            .tracking
            .unlink_version(&access.caller, artifact, collection)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    async fn delete_artifact_sequence(
        &self,
        context: &Context<'_>,
        input: DeleteArtifactSequenceInput,
    ) -> Result<Option<ArtifactCollectionPayload>> {
        let id = &input.artifact_sequence_id;
        delete_collection(Access::of(context), id, input.client_mutation_id).await
    }

    async fn delete_artifact_portfolio(
        &self,
        context: &Context<'_>,
        input: DeleteArtifactPortfolioInput,
    ) -> Result<Option<ArtifactCollectionPayload>> {
        let id = &input.artifact_portfolio_id;
        delete_collection(Access::of(context), id, input.client_mutation_id).await
    }

    async fn update_artifact_sequence(
        &self,
        context: &Context<'_>,
        input: UpdateArtifactSequenceInput,
    ) -> Result<Option<ArtifactCollectionPayload>> {
        let changes = collection_changes(input.name, input.description)?;
        let id = &input.artifact_sequence_id;
        update_collection(Access::of(context), id, changes, input.client_mutation_id).await
    }

    async fn update_artifact_portfolio(
        &self,
        context: &Context<'_>,
        input: UpdateArtifactPortfolioInput,
    ) -> Result<Option<ArtifactCollectionPayload>> {
        let changes = collection_changes(input.name, input.description)?;
        let id = &input.artifact_portfolio_id;
        update_collection(Access::of(context), id, changes, input.client_mutation_id).await
    }

    /// Gives a collection another type.
    async fn move_artifact_sequence(
        &self,
        context: &Context<'_>,
        input: MoveArtifactSequenceInput,
    ) -> Result<Option<ArtifactCollectionPayload>> {
        let name = input.destination_artifact_type_name;
        let changes = CollectionChanges {
            artifact_type: Some(ArtifactTypeName::new(name).map_err(Refusal::from)?),
            ..CollectionChanges::default()
        };
        let id = &input.artifact_sequence_id;
        update_collection(Access::of(context), id, changes, input.client_mutation_id).await
    }

    async fn create_artifact_collection_tag_assignments(
        &self,
        context: &Context<'_>,
        input: CreateArtifactCollectionTagAssignmentsInput,
    ) -> Result<Option<TagAssignmentsPayload>> {
        let names = [
            &input.entity_name,
            &input.project_name,
            &input.artifact_collection_name,
        ];
        let changes = CollectionChanges {
            add_tags: tags(Some(input.tags))?,
            ..CollectionChanges::default()
        };
        let tags = change_tags(Access::of(context), names, changes).await?;
        Ok(Some(TagAssignmentsPayload {
            tags,
            success: true,
            client_mutation_id: input.client_mutation_id,
        }))
    }

    async fn delete_artifact_collection_tag_assignments(
        &self,
        context: &Context<'_>,
        input: DeleteArtifactCollectionTagAssignmentsInput,
    ) -> Result<Option<TagAssignmentsPayload>> {
        let names = [
            &input.entity_name,
            &input.project_name,
            &input.artifact_collection_name,
        ];
        let changes = CollectionChanges {
            delete_tags: tags(Some(input.tags))?,
            ..CollectionChanges::default()
        };
        let tags = change_tags(Access::of(context), names, changes).await?;
        Ok(Some(TagAssignmentsPayload {
            tags,
            success: true,
            client_mutation_id: input.client_mutation_id,
        }))
    }
}

async fn delete_collection(
    access: &Access,
    id: &str,
    client_mutation_id: Option<String>,
) -> Result<Option<ArtifactCollectionPayload>> {
    let deleted = access
        .tracking
        .delete_collection(&access.caller, collection_key(id)?, true)
        .await?;
    Ok(Some(ArtifactCollectionPayload {
        artifact_collection: deleted.into(),
        client_mutation_id,
    }))
}

async fn update_collection(
    access: &Access,
    id: &str,
    changes: CollectionChanges,
    client_mutation_id: Option<String>,
) -> Result<Option<ArtifactCollectionPayload>> {
    let changed = access
        .tracking
        .update_collection(&access.caller, collection_key(id)?, changes)
        .await?;
    Ok(Some(ArtifactCollectionPayload {
        artifact_collection: changed.into(),
        client_mutation_id,
    }))
}

fn collection_changes(
    name: Option<String>,
    description: Option<String>,
) -> Result<CollectionChanges, Refusal> {
    Ok(CollectionChanges {
        name: name.map(CollectionName::new).transpose()?,
        description,
        ..CollectionChanges::default()
    })
}

/// Changes the tags of the collection `[entity, project, collection]`, and returns those that were named.
async fn change_tags(
    access: &Access,
    [entity, project, collection]: [&String; 3],
    changes: CollectionChanges,
) -> Result<Vec<Tag>> {
    let entity = entity_name(access, Some(entity))?;
    let project = project_name(Some(project))?;
    let name = CollectionName::new(collection.as_str()).map_err(Refusal::from)?;
    let found = access
        .tracking
        .lookup_collection(&access.caller, &entity, &project, &name)
        .await?;
    let found = found.ok_or_else(|| Refusal::not_found("artifact collection", collection))?;
    let named = changes.add_tags.iter().chain(&changes.delete_tags);
    let tags = named.map(|tag| Tag::new(tag.to_string())).collect();
    access
        .tracking
        .update_collection(&access.caller, found.key, changes)
        .await?;
    Ok(tags)
}

/// The content that a client asks an address for.
fn content_of(spec: &CreateArtifactFileSpecInput) -> Result<Content, Refusal> {
    let wrong = |digest: &str, what: &str| {
        Refusal::invalid(format!(
            "digest `{}` of file `{}` is no {what} of an MD5",
            shortened(digest),
            shortened(&spec.name)
        ))
    };
    let digest = spec.digest.as_deref().unwrap_or(&spec.md5);
    let md5 = md5_of(digest).ok_or_else(|| wrong(digest, "base64"))?;
    let parts = spec.upload_parts_input.as_deref().unwrap_or_default();
    check_numbers(parts)?;
    let part = |part: &UploadPartsInput| {
        md5_of_hex(&part.hex_md5).ok_or_else(|| wrong(&part.hex_md5, "hexadecimal"))
    };
    Ok(Content {
        md5,
        parts: parts.iter().map(part).collect::<Result<_, _>>()?,
    })
}

/// Parts are numbered from 1 on, without gaps.
fn check_numbers(parts: &[UploadPartsInput]) -> Result<(), Refusal> {
    match parts
        .iter()
        .zip(1..)
        .find(|(part, number)| part.part_number.0 != *number)
    {
        Some((part, number)) => Err(Refusal::invalid(format!(
            "part {} stands where part {number} is expected",
            part.part_number.0
        ))),
        None => Ok(()),
    }
}

fn part_addresses(access: &Access, uploads: PartUploads) -> UploadMultipartUrls {
    let addresses = uploads
        .parts
        .into_iter()
        .map(|target| artifact_upload_address(&access.base, target).url);
    UploadMultipartUrls::new(uploads.upload_id, addresses)
}

fn announced_manifest(
    access: &Access,
    name: String,
    md5: Option<[u8; 16]>,
    (key, target): (i64, Option<ballast_tracking::files::UploadTarget>),
) -> ArtifactManifest {
    let address = target.map(|target| artifact_upload_address(&access.base, target));
    let digest = md5.map(md5_text).unwrap_or_default();
    let file = FileNode::upload(name, digest, address, None, None);
    ArtifactManifest::announced(key, file)
}

fn md5_text(md5: [u8; 16]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(md5)
}

/// The MD5 that a manifest will have; none as long as the client has not made it.
fn manifest_md5(digest: Option<&str>) -> Result<Option<[u8; 16]>, Refusal> {
    match digest.filter(|digest| !digest.is_empty()) {
        Some(digest) => md5_of(digest).map(Some).ok_or_else(|| {
            Refusal::invalid(format!(
                "digest `{}` of the manifest is no base64 of an MD5",
                shortened(digest)
            ))
        }),
        None => Ok(None),
    }
}

fn check_algorithm(algorithm: Option<ArtifactDigestAlgorithm>) -> Result<(), Refusal> {
    match algorithm {
        Some(ArtifactDigestAlgorithm::ManifestXxh128) => Err(Refusal::invalid(
            "artifacts are named by MD5 here, not by XXH128",
        )),
        Some(ArtifactDigestAlgorithm::ManifestMd5) | None => Ok(()),
    }
}

fn artifact_key(id: &str) -> Result<ArtifactKey, Refusal> {
    ids::artifact_key(id).ok_or_else(|| Refusal::not_found("artifact version", &shortened(id)))
}

fn collection_key(id: &str) -> Result<CollectionKey, Refusal> {
    ids::collection_key(id).ok_or_else(|| Refusal::not_found("artifact collection", &shortened(id)))
}

fn optional_artifact_key(id: Option<ID>) -> Result<Option<ArtifactKey>, Refusal> {
    given(id).map(|id| artifact_key(&id)).transpose()
}

/// An id that is there: the client's core sends empty ones for none.
fn given(id: Option<ID>) -> Option<String> {
    id.map(|id| id.0).filter(|id| !id.is_empty())
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn entity_name(access: &Access, name: Option<&str>) -> Result<EntityName, Refusal> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok(EntityName::new(name)?),
        None => Ok(access.caller.default_entity().clone()),
    }
}

fn project_name(name: Option<&str>) -> Result<ProjectName, Refusal> {
    let name = name.filter(|name| !name.is_empty());
    Ok(ProjectName::new(name.unwrap_or(DEFAULT_PROJECT))?)
}

fn alias_name(alias: String) -> Result<Alias, Refusal> {
    Ok(Alias::new(alias)?)
}

/// The aliases that are meant for one collection.
fn aliases_in(
    collection: &CollectionName,
    aliases: Option<Vec<ArtifactAliasInput>>,
) -> Result<Vec<Alias>, Refusal> {
    aliases
        .unwrap_or_default()
        .into_iter()
        .filter(|alias| alias.artifact_collection_name == collection.as_str())
        .map(|alias| alias_name(alias.alias))
        .collect()
}

fn alias_targets(aliases: Vec<ArtifactCollectionAliasInput>) -> Result<Vec<AliasTarget>, Refusal> {
    aliases
        .into_iter()
        .map(|alias| {
            Ok(AliasTarget {
                entity: EntityName::new(alias.entity_name)?,
                project: ProjectName::new(alias.project_name)?,
                collection: CollectionName::new(alias.artifact_collection_name)?,
                alias: alias_name(alias.alias)?,
            })
        })
        .collect()
}

fn tags(tags: Option<Vec<TagInput>>) -> Result<Vec<ArtifactTag>, Refusal> {
    let tags = tags.unwrap_or_default().into_iter();
    tags.map(|tag| Ok(ArtifactTag::new(tag.tag_name)?))
        .collect()
}
