//! Announcing versions.

use ballast_meta::MetaError;
use ballast_meta::artifacts::{
    ArtifactEventKind, ArtifactRecord, ArtifactRole, ArtifactState, ArtifactTypeRecord,
    CollectionKind, NewArtifact, NewCollection,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::json::Value;
use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTag, ArtifactTypeName, CollectionName, EntityName,
    ProjectName, RunId, RunKey, Timestamp, UserKey,
};
use serde::{Deserialize, Serialize};

use super::events::Author;
use crate::projects::project_to_write;
use crate::{Access, Caller, OwnEntity, Result, Tracking, TrackingError};

/// Longest identifier that a client makes up, in bytes.
const MAX_CLIENT_ID_BYTES: usize = 256;
/// Longest description, in bytes.
const MAX_DESCRIPTION_BYTES: usize = 64 << 10;
/// Most aliases or tags in one request.
const MAX_NAMES: usize = 1000;
/// Characters of the short name that each version gets.
const COMMIT_HASH_LENGTH: usize = 20;

/// A version to announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// The owner of the project; the caller's own entity if none.
    pub entity: Option<EntityName>,
    /// The project, made if it is missing.
    pub project: ProjectName,
    /// The run that makes the version, if one does.
    pub run: Option<RunId>,
    /// The collection, made if it is missing.
    pub collection: CollectionName,
    /// The type, made if it is missing; a collection keeps the type that it was made with.
    pub artifact_type: ArtifactTypeName,
    /// The digest of the manifest, in hexadecimal.
    pub digest: String,
    /// What the version is about.
    pub description: Option<String>,
    /// What its maker says of it, as JSON text.
    pub metadata: Option<String>,
    /// How long it is to be kept, in seconds.
    pub ttl_s: Option<i64>,
    /// The step of the run at which it is logged.
    pub history_step: Option<i64>,
    /// Aliases that it gets when it is committed, beside `latest`.
    pub aliases: Vec<ArtifactAlias>,
    /// Tags that it gets when it is committed.
    pub tags: Vec<ArtifactTag>,
    /// What the client calls the version.
    pub client_id: Option<String>,
    /// What the client calls the collection.
    pub collection_client_id: Option<String>,
    /// What all writers of the version call it, if there are several.
    pub distributed_id: Option<String>,
    /// Whether the same content again is the same version.
    pub deduplicate: bool,
}

/// A version that was announced, or that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The version. If it is committed, there is nothing to send.
    pub artifact: ArtifactRecord,
    /// The newest committed version of the collection.
    pub latest: Option<ArtifactRecord>,
}

/// What the commit of a version has to do besides, as the metadata database keeps it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) aliases: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) deduplicate: bool,
}

impl Wanted {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts are JSON")
    }

    pub(super) fn of(artifact: &ArtifactRecord) -> Result<Self> {
        match &artifact.wanted {
            Some(text) => serde_json::from_str(text).map_err(TrackingError::internal),
            None => Ok(Self::default()),
        }
    }

    pub(super) fn aliases(&self) -> Result<Vec<ArtifactAlias>> {
        Ok(self
            .aliases
            .iter()
            .map(|alias| ArtifactAlias::new(alias.as_str()))
            .collect::<Result<_, _>>()?)
    }

    pub(super) fn tags(&self) -> Result<Vec<ArtifactTag>> {
        Ok(self
            .tags
            .iter()
            .map(|tag| ArtifactTag::new(tag.as_str()))
            .collect::<Result<_, _>>()?)
    }
}

impl Tracking {
    /// Makes an artifact type, if it is missing.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's.
    pub async fn create_artifact_type(
        &self,
        caller: &Caller,
        entity: Option<&EntityName>,
        project: &ProjectName,
        name: &ArtifactTypeName,
        description: Option<String>,
    ) -> Result<ArtifactTypeRecord> {
        let entity = entity_of_artifacts(caller, entity)?;
        check_description(description.as_deref())?;
        let (project, name) = (project.clone(), name.clone());
        let now = self.inner.clock.now();
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (project, _) =
                        project_to_write(tx, &caller, &entity, &project, now).await?;
                    let made = tx
                        .insert_artifact_type_if_absent(
                            project.key,
                            &name,
                            description.as_deref(),
                            now,
                        )
                        .await?;
                    Ok(made)
                })
            })
            .await
    }

    /// Announces a version, unless it is there: the same content in the collection, or what the same writers announced.
    ///
    /// A version that is there gets the aliases and tags at once; one that is announced gets them when it is committed.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity or run does not exist or is not the caller's;
    /// [`TrackingError::Conflict`] if the collection is of another type or holds links;
    /// [`TrackingError::Invalid`] and [`TrackingError::TooLarge`] for what cannot be stored.
    pub async fn announce_version(&self, caller: &Caller, new: NewVersion) -> Result<Announced> {
        let entity = entity_of_artifacts(caller, new.entity.as_ref())?;
        self.check_version(&new)?;
        let commit_hash = random_text(&*self.inner.entropy, ID_ALPHABET, COMMIT_HASH_LENGTH);
        let (caller, now) = (caller.clone(), self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move { announce(tx, &caller, new, entity, commit_hash, now).await })
            })
            .await
    }

    fn check_version(&self, new: &NewVersion) -> Result<()> {
        let is_digest = (1..=128).contains(&new.digest.len())
            && new.digest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_digest {
            let shown: String = new.digest.chars().take(80).collect();
            return Err(TrackingError::Invalid(format!(
                "digest `{shown}` of artifact `{}` is not valid: expected hexadecimal digits",
                new.collection
            )));
        }
        check_description(new.description.as_deref())?;
        self.check_metadata(new.metadata.as_deref())?;
        for (what, found) in [("aliases", new.aliases.len()), ("tags", new.tags.len())] {
            if found > MAX_NAMES {
                return Err(TrackingError::Invalid(format!(
                    "{found} {what} in one request; at most {MAX_NAMES} are possible"
                )));
            }
        }
        for id in [
            &new.client_id,
            &new.collection_client_id,
            &new.distributed_id,
        ] {
            if id.as_ref().is_some_and(|id| {
                id.is_empty() || id.len() > MAX_CLIENT_ID_BYTES || id.contains('\0')
            }) {
                return Err(TrackingError::Invalid(format!(
                    "a client's identifier has 1 to {MAX_CLIENT_ID_BYTES} bytes"
                )));
            }
        }
        Ok(())
    }

    /// Checks what a maker says of a version.
    pub(super) fn check_metadata(&self, metadata: Option<&str>) -> Result<()> {
        let Some(text) = metadata else {
            return Ok(());
        };
        let (found, limit) = (text.len() as u64, self.limits().config_bytes);
        if found > limit {
            return Err(TrackingError::TooLarge {
                what: "artifact metadata",
                found,
                limit,
            });
        }
        match Value::parse(text.as_bytes()) {
            Ok(Value::Map(_) | Value::Null) => Ok(()),
            Ok(_) => Err(TrackingError::Invalid(
                "artifact metadata is no JSON object".to_owned(),
            )),
            Err(error) => Err(TrackingError::Invalid(format!(
                "artifact metadata is not valid: {error}"
            ))),
        }
    }
}

/// The entity of a new artifact. Whether the caller may write is decided by the project in it.
fn entity_of_artifacts(caller: &Caller, entity: Option<&EntityName>) -> Result<OwnEntity> {
    let name = entity.unwrap_or(caller.default_entity());
    caller.entity_for(name, Access::List).cloned()
}

pub(super) fn check_description(description: Option<&str>) -> Result<()> {
    match description {
        Some(text) if text.len() > MAX_DESCRIPTION_BYTES => Err(TrackingError::TooLarge {
            what: "description",
            found: text.len() as u64,
            limit: MAX_DESCRIPTION_BYTES as u64,
        }),
        _ => Ok(()),
    }
}

async fn announce(
    tx: &ballast_meta::Tx<'_>,
    caller: &Caller,
    new: NewVersion,
    entity: OwnEntity,
    commit_hash: String,
    now: Timestamp,
) -> Result<Announced> {
    let user = caller.user;
    let (project, _) = project_to_write(tx, caller, &entity, &new.project, now).await?;
    let run = match &new.run {
        Some(run) => {
            let head = tx.lookup_run_head(project.key, run).await?;
            let head = head.filter(|head| head.deleted_at.is_none());
            let missing = || TrackingError::not_found_in("run", run, &new.project);
            Some(head.ok_or_else(missing)?.key)
        }
        None => None,
    };
    let artifact_type = tx
        .insert_artifact_type_if_absent(project.key, &new.artifact_type, None, now)
        .await?;
    let collection = tx
        .insert_collection_if_absent(NewCollection {
            project: project.key,
            artifact_type: artifact_type.key,
            kind: CollectionKind::Versions,
            name: new.collection.clone(),
            created_at: now,
        })
        .await?;
    if collection.kind != CollectionKind::Versions {
        return Err(TrackingError::Conflict(format!(
            "artifact `{}` of `{}` holds links to other artifacts; log the version under another name",
            collection.name, collection.project_name
        )));
    }
    if !artifact_type.is_of(&collection) {
        return Err(TrackingError::Conflict(format!(
            "artifact `{}` of `{}` has type `{}`, not `{}`",
            collection.name, collection.project_name, collection.type_name, new.artifact_type
        )));
    }
    if let Some(id) = &new.collection_client_id {
        tx.put_client_id(id, None, Some(collection.key)).await?;
    }
    let latest = tx.latest_version(collection.key).await?;
    let known = find_known(tx, &new, &collection).await?;
    let artifact = if let Some(artifact) = known {
        adopt(tx, &artifact, &new, run, user, now).await?;
        artifact
    } else {
        let wanted = Wanted {
            aliases: new.aliases.iter().map(ToString::to_string).collect(),
            tags: new.tags.iter().map(ToString::to_string).collect(),
            deduplicate: new.deduplicate && new.distributed_id.is_none(),
        };
        let key = tx
            .insert_artifact(NewArtifact {
                collection: collection.key,
                digest: new.digest,
                description: new.description,
                metadata: new.metadata,
                ttl_s: new.ttl_s,
                history_step: new.history_step,
                run,
                user: Some(user),
                distributed_id: new.distributed_id,
                commit_hash,
                wanted: wanted.to_text(),
                created_at: now,
            })
            .await?;
        let made = tx.artifact(key).await?;
        made.expect("the version has just been announced")
    };
    if let Some(id) = &new.client_id {
        tx.put_client_id(id, Some(artifact.key), None).await?;
    }
    Ok(Announced { artifact, latest })
}

/// The version that an announcement means, if it is there: by what its writers call it, or by content.
async fn find_known(
    tx: &ballast_meta::Tx<'_>,
    new: &NewVersion,
    collection: &ballast_meta::artifacts::CollectionRecord,
) -> Result<Option<ArtifactRecord>, MetaError> {
    // The answer to an earlier announcement may have been lost.
    if let Some(id) = &new.client_id
        && let Some((Some(artifact), _)) = tx.client_id(id).await?
        && let Some(known) = tx.artifact(artifact).await?
        && known.collection.key == collection.key
        && known.state != ArtifactState::Deleted
    {
        return Ok(Some(known));
    }
    if let Some(id) = &new.distributed_id {
        return tx.pending_with_distributed_id(collection.key, id).await;
    }
    if new.deduplicate {
        return tx.committed_with_digest(collection.key, &new.digest).await;
    }
    Ok(None)
}

/// Notes that a run made the same version once more, unless it is known to have made it.
pub(super) async fn note_logged_again(
    tx: &ballast_meta::Tx<'_>,
    author: Author,
    artifact: ArtifactKey,
    run: RunKey,
) -> Result<(), MetaError> {
    if tx
        .is_artifact_of_run(run, artifact, ArtifactRole::Logged)
        .await?
    {
        return Ok(());
    }
    let head = tx.run_head(run).await?;
    let detail = head.map(|head| head.run_id.to_string());
    author
        .note(tx, artifact, ArtifactEventKind::LoggedAgain, detail)
        .await
}

/// Gives a version that is there what an announcement asks for.
async fn adopt(
    tx: &ballast_meta::Tx<'_>,
    artifact: &ArtifactRecord,
    new: &NewVersion,
    run: Option<RunKey>,
    user: UserKey,
    now: Timestamp,
) -> Result<()> {
    let author = Author {
        user: Some(user),
        at: now,
    };
    match artifact.state {
        ArtifactState::Committed => {
            if let Some(membership) = tx
                .membership_of(artifact.collection.key, artifact.key)
                .await?
            {
                for alias in &new.aliases {
                    author
                        .put_alias(
                            tx,
                            &artifact.collection,
                            membership.key,
                            artifact.key,
                            alias,
                        )
                        .await?;
                }
            }
            author.change_tags(tx, artifact.key, &new.tags, &[]).await?;
            if let Some(run) = run {
                note_logged_again(tx, author, artifact.key, run).await?;
                tx.add_artifact_run(run, artifact.key, ArtifactRole::Logged, None, now)
                    .await?;
            }
        }
        ArtifactState::Pending => {
            let mut wanted = Wanted::of(artifact)?;
            let add = |names: &mut Vec<String>, name: String| {
                if !names.contains(&name) && names.len() < MAX_NAMES {
                    names.push(name);
                }
            };
            for alias in &new.aliases {
                add(&mut wanted.aliases, alias.to_string());
            }
            for tag in &new.tags {
                add(&mut wanted.tags, tag.to_string());
            }
            let patch = ballast_meta::artifacts::ArtifactPatch {
                wanted: Some(wanted.to_text()),
                ..Default::default()
            };
            tx.update_artifact(artifact.key, patch, now).await?;
        }
        ArtifactState::Deleted => {}
    }
    Ok(())
}
