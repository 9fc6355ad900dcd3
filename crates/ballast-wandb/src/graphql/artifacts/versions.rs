//! Versions of artifacts, read.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::RunPath;
use ballast_tracking::TrackingError;
use ballast_tracking::artifacts::{AliasRecord, ArtifactRecord, ArtifactRole, MembershipRecord};
use ballast_tracking::projects::Project;

use super::collections::{ArtifactCollection, ArtifactSequence, ArtifactType};
use super::{ArtifactDigestAlgorithm, ArtifactState};
use crate::graphql::access::Access;
use crate::graphql::connection::{Connection, Window};
use crate::graphql::files::{FileConnection, FileNode, list_contents};
use crate::graphql::runs::{Creator, RunNode};
use crate::graphql::scalars::{DateTime, Int64, JsonString};
use crate::ids;

/// What is said of the time to live of a version that has none of its own.
const NO_TTL: i64 = -1;

/// One version of an artifact.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    record: Arc<ArtifactRecord>,
}

impl From<ArtifactRecord> for Artifact {
    fn from(record: ArtifactRecord) -> Self {
        Self {
            record: Arc::new(record),
        }
    }
}

#[Object]
impl Artifact {
    async fn id(&self) -> ID {
        ids::artifact(self.record.key)
    }

    async fn state(&self) -> ArtifactState {
        self.record.state.into()
    }

    async fn digest(&self) -> &str {
        &self.record.digest
    }

    async fn digest_algorithm(&self) -> ArtifactDigestAlgorithm {
        ArtifactDigestAlgorithm::ManifestMd5
    }

    async fn version_index(&self) -> Option<u64> {
        self.record.version
    }

    async fn commit_hash(&self) -> Option<&str> {
        Some(&self.record.commit_hash)
    }

    async fn description(&self) -> Option<&str> {
        self.record.description.as_deref()
    }

    async fn metadata(&self) -> Option<JsonString> {
        self.record.metadata.clone().map(JsonString)
    }

    async fn labels(&self) -> Option<JsonString> {
        None
    }

    async fn size(&self) -> Int64 {
        Int64(self.record.size_bytes as i64)
    }

    async fn storage_bytes(&self) -> Int64 {
        Int64(self.record.size_bytes as i64)
    }

    async fn file_count(&self) -> u64 {
        self.record.n_files
    }

    async fn history_step(&self) -> Option<Int64> {
        self.record.history_step.map(Int64)
    }

    /// Seconds to live; not positive if the version is kept for good.
    async fn ttl_duration_seconds(&self) -> Int64 {
        Int64(self.record.ttl_s.unwrap_or(NO_TTL))
    }

    async fn ttl_is_inherited(&self) -> bool {
        self.record.ttl_s.is_none_or(|ttl_s| ttl_s == NO_TTL)
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.record.created_at)
    }

    async fn updated_at(&self) -> Option<DateTime> {
        Some(DateTime(self.record.updated_at))
    }

    async fn artifact_type(&self, context: &Context<'_>) -> Result<ArtifactType> {
        ArtifactType::of(Access::of(context), &self.record.collection).await
    }

    /// The collection that owns the version.
    async fn artifact_sequence(&self, context: &Context<'_>) -> ArtifactSequence {
        ArtifactSequence::of_version(Access::of(context), self.record.collection.clone())
    }

    /// Its aliases, in all collections that it is in.
    async fn aliases(&self, context: &Context<'_>) -> Result<Vec<ArtifactAlias>> {
        let access = Access::of(context);
        let aliases = access
            .tracking
            .version_aliases(&access.caller, self.record.key)
            .await?;
        Ok(aliases.into_iter().map(ArtifactAlias::from).collect())
    }

    async fn tags(&self, context: &Context<'_>) -> Result<Vec<Tag>> {
        let access = Access::of(context);
        let tags = access
            .tracking
            .version_tags(&access.caller, self.record.key)
            .await?;
        Ok(tags.into_iter().map(Tag::new).collect())
    }

    /// The list of its files; null until it is committed.
    async fn current_manifest(&self) -> Option<ArtifactManifest> {
        self.record.manifest_object.as_ref()?;
        Some(ArtifactManifest::committed(&self.record))
    }

    /// The run that made it; null if none did, or it is gone.
    async fn created_by(&self, context: &Context<'_>) -> Result<Option<Creator>> {
        let access = Access::of(context);
        let Some(run) = self.record.run else {
            return Ok(None);
        };
        let run = access
            .tracking
            .lookup_run_by_key(&access.caller, run)
            .await?;
        Ok(run.map(|run| Creator::Run(run.into())))
    }

    async fn used_by(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<RunNode>> {
        let access = Access::of(context);
        let runs = access
            .tracking
            .version_runs(&access.caller, self.record.key, ArtifactRole::Used)
            .await?;
        let runs = runs.into_iter().map(RunNode::from).collect();
        Ok(Connection::page_of(
            runs,
            Window::new(first, after.as_deref(), 1000),
        ))
    }

    /// The collections that it is in, its own first.
    async fn artifact_memberships(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<ArtifactCollectionMembership>> {
        let access = Access::of(context);
        let memberships = access
            .tracking
            .version_memberships(&access.caller, self.record.key)
            .await?;
        let memberships = memberships
            .into_iter()
            .map(ArtifactCollectionMembership::from)
            .collect();
        Ok(Connection::page_of(
            memberships,
            Window::new(first, after.as_deref(), 1000),
        ))
    }

    async fn files(
        &self,
        context: &Context<'_>,
        names: Option<Vec<String>>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<FileConnection> {
        list_contents(Access::of(context), self.record.key, names, first, after).await
    }

    /// The files that entries of its manifest name.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the wire's")]
    async fn files_by_manifest_entries(
        &self,
        context: &Context<'_>,
        entries: Option<Vec<ArtifactManifestEntryInput>>,
        storage_layout: String,
        manifest_version: String,
        storage_region: Option<String>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<FileConnection> {
        let _ = (storage_layout, manifest_version, storage_region);
        let entries = entries.unwrap_or_default();
        let first = first.or_else(|| i64::try_from(entries.len()).ok());
        let names = entries.into_iter().map(|entry| entry.name).collect();
        list_contents(
            Access::of(context),
            self.record.key,
            Some(names),
            first,
            after,
        )
        .await
    }
}

/// A file of a manifest.
#[derive(Debug, InputObject)]
pub(crate) struct ArtifactManifestEntryInput {
    name: String,
    digest: String,
    #[graphql(name = "birthArtifactID")]
    birth_artifact_id: Option<ID>,
    r#ref: Option<String>,
    size: Option<Int64>,
}

/// The place of a version in a collection.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactCollectionMembership {
    record: Arc<MembershipRecord>,
}

impl From<MembershipRecord> for ArtifactCollectionMembership {
    fn from(record: MembershipRecord) -> Self {
        Self {
            record: Arc::new(record),
        }
    }
}

#[Object]
impl ArtifactCollectionMembership {
    async fn id(&self) -> ID {
        ids::membership(self.record.key)
    }

    async fn version_index(&self) -> Option<u64> {
        Some(self.record.version)
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.record.created_at)
    }

    async fn aliases(&self, context: &Context<'_>) -> Result<Vec<ArtifactAlias>> {
        let access = Access::of(context);
        let aliases = access
            .tracking
            .membership_aliases(&access.caller, self.record.key)
            .await?;
        Ok(aliases.into_iter().map(ArtifactAlias::from).collect())
    }

    async fn artifact_collection(&self) -> Option<ArtifactCollection> {
        Some(self.record.collection.clone().into())
    }

    async fn artifact(&self) -> Option<Artifact> {
        Some(self.record.artifact.clone().into())
    }

    async fn files(
        &self,
        context: &Context<'_>,
        names: Option<Vec<String>>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<FileConnection> {
        list_contents(
            Access::of(context),
            self.record.artifact.key,
            names,
            first,
            after,
        )
        .await
    }
}

/// A name for a version in a collection.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactAlias {
    record: AliasRecord,
}

impl From<AliasRecord> for ArtifactAlias {
    fn from(record: AliasRecord) -> Self {
        Self { record }
    }
}

#[Object]
impl ArtifactAlias {
    async fn id(&self) -> ID {
        ids::encode("ArtifactAlias", self.record.key)
    }

    async fn alias(&self) -> &str {
        self.record.alias.as_str()
    }

    async fn artifact_collection(&self) -> Option<ArtifactCollection> {
        Some(self.record.collection.clone().into())
    }

    async fn artifact_collection_name(&self) -> &str {
        self.record.collection.name.as_str()
    }
}

/// A word that versions and collections are found by.
#[expect(clippy::struct_field_names, reason = "names are the wire's")]
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Tag {
    id: ID,
    name: String,
    tag_category_name: Option<String>,
}

impl Tag {
    pub(super) fn new(name: String) -> Self {
        Self {
            id: ids::encode("Tag", &name),
            name,
            tag_category_name: None,
        }
    }
}

/// The list of a version's files.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ArtifactManifest {
    id: ID,
    file: FileNode,
}

impl ArtifactManifest {
    /// The manifest of a committed version.
    fn committed(record: &ArtifactRecord) -> Self {
        Self {
            // Where a version has its own manifest there is one, whatever it was made of.
            id: ids::encode("ArtifactManifest", format_args!("of-{}", record.key)),
            file: FileNode::manifest(record),
        }
    }

    /// A manifest that is to be sent.
    pub(super) fn announced(key: i64, file: FileNode) -> Self {
        Self {
            id: ids::manifest(key),
            file,
        }
    }
}

/// The version behind an identifier that a client made up.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "ClientIDMapping")]
pub(crate) struct ClientIdMapping {
    #[graphql(name = "serverID")]
    server_id: ID,
}

impl ClientIdMapping {
    pub(crate) async fn lookup(access: &Access, client_id: &str) -> Result<Option<Self>> {
        let found = access
            .tracking
            .version_by_client_id(&access.caller, client_id)
            .await?;
        Ok(found.map(|artifact| Self {
            server_id: ids::artifact(artifact.key),
        }))
    }
}

impl Artifact {
    /// The version behind an id; `None` if there is none that the caller may see.
    pub(crate) async fn lookup(access: &Access, id: &str) -> Result<Option<Self>> {
        let Some(key) = ids::artifact_key(id) else {
            return Ok(None);
        };
        let found = access.tracking.lookup_version(&access.caller, key).await?;
        Ok(found.map(Self::from))
    }
}

/// What `collection:alias` means in a project.
pub(crate) async fn lookup_membership(
    access: &Access,
    project: &Project,
    name: &str,
) -> Result<Option<MembershipRecord>> {
    let (entity, project) = (&project.entity, &project.name);
    Ok(access
        .tracking
        .lookup_membership(&access.caller, entity, project, name)
        .await?)
}

/// A page of the versions that a run logged or used.
pub(crate) async fn run_artifacts(
    access: &Access,
    run: &RunPath,
    role: ArtifactRole,
    window: Window,
) -> Result<Connection<Artifact>> {
    let page = access
        .tracking
        .run_versions(&access.caller, run, role, window.offset, window.limit)
        .await;
    match page {
        Ok(page) => Ok(Connection::page(
            page.items.into_iter().map(Artifact::from).collect(),
            window.offset,
            page.total as usize,
        )),
        Err(TrackingError::NotFound { .. }) => Ok(Connection::empty()),
        Err(error) => Err(error.into()),
    }
}
