//! Changing a version where a collection has it: all that a person changes at once, in one transaction.

use ballast_meta::artifacts::{ArtifactPatch, CollectionKind};
use ballast_model::json::{Map, Value};
use ballast_model::{ArtifactAlias, ArtifactTag};

use super::announce::check_description;
use super::change::patch_version;
use super::events::Author;
use super::{VersionOverview, VersionPath};
use crate::registries::check_aliases;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// What to change about a version in a collection. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VersionEdit {
    /// What it is about.
    pub description: Option<String>,
    /// What its maker says of it, as a whole. A string that stands for a number in the strict form of what was there
    /// leaves that number as it is.
    pub metadata: Option<Map>,
    /// How long it is to be kept.
    pub ttl: Option<TimeToLive>,
    /// All its tags from now on.
    pub tags: Option<Vec<ArtifactTag>>,
    /// Aliases to give it in this collection; other versions lose them.
    pub add_aliases: Vec<ArtifactAlias>,
    /// Aliases to take away from it in this collection; those that it does not have are passed over.
    pub delete_aliases: Vec<ArtifactAlias>,
}

/// How long a version is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeToLive {
    /// So many seconds from its announcement on.
    Seconds(u64),
    /// Until it is deleted.
    Unlimited,
}

/// What a maker sends to say that a version is to be kept.
const NO_TTL: i64 = -1;

impl Tracking {
    /// Changes a version in a collection, all or nothing.
    ///
    /// # Errors
    /// As [`Tracking::membership_at`]; [`TrackingError::Invalid`] and [`TrackingError::TooLarge`] for what cannot be
    /// stored; [`TrackingError::Conflict`] if an alias is to be given and taken away at once;
    /// [`TrackingError::Forbidden`] also if a registry protects an alias and the caller is no admin of it.
    pub async fn edit_version(
        &self,
        caller: &Caller,
        path: &VersionPath,
        edit: VersionEdit,
    ) -> Result<VersionOverview> {
        let membership = self.membership_at(caller, path).await?;
        caller.check_in(&membership.collection, Access::Write)?;
        // What is said of the version itself belongs to the project that has it; aliases and tags, where they are.
        if edit.description.is_some() || edit.metadata.is_some() || edit.ttl.is_some() {
            self.version_for(caller, membership.artifact.key, Access::Write)
                .await?;
        }
        check_description(edit.description.as_deref())?;
        let metadata = edit
            .metadata
            .map(|metadata| restored(metadata, membership.artifact.metadata.as_deref()));
        self.check_metadata(metadata.as_deref())?;
        if let Some(alias) = edit
            .add_aliases
            .iter()
            .find(|alias| edit.delete_aliases.contains(alias))
        {
            return Err(TrackingError::Conflict(format!(
                "alias `{alias}` is to be added and removed at once"
            )));
        }
        let ttl_s = match edit.ttl {
            Some(TimeToLive::Seconds(ttl_s)) => {
                let ttl_s = i64::try_from(ttl_s).ok().filter(|ttl_s| *ttl_s > 0);
                Some(ttl_s.ok_or_else(|| {
                    TrackingError::Invalid(
                        "a time to live of 0 seconds or of more than 2^63 is not possible"
                            .to_owned(),
                    )
                })?)
            }
            Some(TimeToLive::Unlimited) => Some(NO_TTL),
            None => None,
        };
        let number = VersionPath {
            collection: path.collection.clone(),
            version: format!("v{}", membership.version),
        };
        let author = Author::new(caller, self.inner.clock.now());
        let editor = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (collection, artifact) = (&membership.collection, &membership.artifact);
                    tx.lock_collection(collection.key).await?;
                    // It may have been deleted or unlinked since.
                    if tx
                        .membership_of(collection.key, artifact.key)
                        .await?
                        .is_none()
                    {
                        return Err(TrackingError::not_found(
                            "artifact version",
                            format_args!("{}:v{}", collection.name, membership.version),
                        ));
                    }
                    let aliases = (&edit.add_aliases[..], &edit.delete_aliases[..]);
                    check_aliases(tx, &editor, collection, Some(membership.key), aliases).await?;
                    let patch = ArtifactPatch {
                        description: edit.description,
                        metadata,
                        ttl_s,
                        wanted: None,
                    };
                    if patch != ArtifactPatch::default() {
                        patch_version(tx, author, artifact, patch).await?;
                    }
                    if let Some(tags) = edit.tags {
                        let before = tx.artifact_tags(artifact.key).await?;
                        let is_gone = |tag: &&String| tags.iter().all(|new| new.as_str() != **tag);
                        let gone = before.iter().filter(is_gone).map(ArtifactTag::new);
                        let gone = gone.collect::<Result<Vec<_>, _>>()?;
                        author.change_tags(tx, artifact.key, &tags, &gone).await?;
                    }
                    for alias in &edit.add_aliases {
                        author
                            .put_alias(tx, collection, membership.key, artifact.key, alias)
                            .await?;
                    }
                    for alias in &edit.delete_aliases {
                        author
                            .delete_alias(tx, collection, membership.key, artifact.key, alias)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.get_version_at(caller, &number).await
    }

    /// Takes a version out of a collection: deletes it where the collection owns it, and unlinks it where it is a link.
    ///
    /// # Errors
    /// As [`Tracking::membership_at`] and [`Tracking::delete_version`].
    pub async fn delete_version_at(
        &self,
        caller: &Caller,
        path: &VersionPath,
        with_aliases: bool,
    ) -> Result<()> {
        let membership = self.membership_at(caller, path).await?;
        let artifact = membership.artifact.key;
        match membership.collection.kind {
            CollectionKind::Versions => {
                self.delete_version(caller, artifact, with_aliases).await?;
            }
            CollectionKind::Links => {
                self.unlink_version(caller, artifact, membership.collection.key)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Metadata as JSON text, with the numbers of `before` that its reader got as strings.
fn restored(metadata: Map, before: Option<&str>) -> String {
    let mut metadata = Value::Map(metadata);
    // What is stored was checked; where there is nothing, nothing is to be restored.
    if let Ok(before) = Value::parse(before.unwrap_or_default().as_bytes()) {
        metadata.restore_numbers(&before);
    }
    metadata.to_text()
}
