//! Changing versions and collections.

use ballast_meta::artifacts::{
    ArtifactPatch, ArtifactRecord, ArtifactRole, ArtifactState, CollectionKind, CollectionPatch,
    CollectionRecord, MembershipRecord, NewCollection, VersionQuery,
};
use ballast_meta::{MetaError, Tx};
use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTag, ArtifactTypeName, CollectionKey, CollectionName,
    EntityName, ProjectName, RunPath, Timestamp,
};

use super::LATEST;
use super::announce::check_description;
use crate::{Caller, Result, Tracking, TrackingError};

/// Versions that are deleted with one read, with their collection.
const VERSIONS_PER_READ: u64 = 500;

/// What to change about a version. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionChanges {
    /// What it is about.
    pub description: Option<String>,
    /// What its maker says of it, as JSON text.
    pub metadata: Option<String>,
    /// How long it is to be kept, in seconds.
    pub ttl_s: Option<i64>,
    /// Tags to add.
    pub add_tags: Vec<ArtifactTag>,
    /// Tags to take away.
    pub delete_tags: Vec<ArtifactTag>,
    /// All aliases that it has in its own collection from now on.
    pub aliases: Option<Vec<ArtifactAlias>>,
}

/// An alias in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasTarget {
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The collection.
    pub collection: CollectionName,
    /// The alias.
    pub alias: ArtifactAlias,
}

/// Where to link a version to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTarget {
    /// The owner of the project.
    pub entity: EntityName,
    /// The project, made if it is missing.
    pub project: ProjectName,
    /// The collection of links, made if it is missing.
    pub collection: CollectionName,
    /// Aliases that the version gets there, beside `latest`.
    pub aliases: Vec<ArtifactAlias>,
}

/// What to change about a collection. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionChanges {
    /// Another name.
    pub name: Option<CollectionName>,
    /// What it is about.
    pub description: Option<String>,
    /// Another type, made if it is missing.
    pub artifact_type: Option<ArtifactTypeName>,
    /// Tags to add.
    pub add_tags: Vec<ArtifactTag>,
    /// Tags to take away.
    pub delete_tags: Vec<ArtifactTag>,
}

impl Tracking {
    /// Records that a run reads a version. Saying so twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::get_run`] and [`Tracking::get_version`]; [`TrackingError::Conflict`] if the version was deleted.
    pub async fn use_version(
        &self,
        caller: &Caller,
        run: &RunPath,
        artifact: ArtifactKey,
        used_as: Option<String>,
    ) -> Result<ArtifactRecord> {
        let run = self.run_key(caller, run).await?;
        let artifact = self.get_version(caller, artifact).await?;
        if artifact.state == ArtifactState::Deleted {
            return Err(TrackingError::Conflict(format!(
                "a deleted version of artifact `{}` cannot be used",
                artifact.collection.name
            )));
        }
        let (key, now) = (artifact.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let used_as = used_as.as_deref();
                    tx.add_artifact_run(run, key, ArtifactRole::Used, used_as, now)
                        .await
                })
            })
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        Ok(artifact)
    }

    /// Changes what is said of a version; its files never change.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`] if it was deleted; [`TrackingError::Invalid`] and
    /// [`TrackingError::TooLarge`] for what cannot be stored.
    pub async fn update_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        changes: VersionChanges,
    ) -> Result<ArtifactRecord> {
        let artifact = self.get_version(caller, artifact).await?;
        check_description(changes.description.as_deref())?;
        self.check_metadata(changes.metadata.as_deref())?;
        if artifact.state == ArtifactState::Deleted {
            return Err(deleted(&artifact));
        }
        let (key, now) = (artifact.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let patch = ArtifactPatch {
                        description: changes.description,
                        metadata: changes.metadata,
                        ttl_s: changes.ttl_s,
                        wanted: None,
                    };
                    tx.update_artifact(key, patch, now).await?;
                    tx.add_artifact_tags(key, &changes.add_tags).await?;
                    tx.delete_artifact_tags(key, &changes.delete_tags).await?;
                    if let Some(aliases) = changes.aliases {
                        set_aliases(tx, &artifact, &aliases).await?;
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        self.get_version(caller, key).await
    }

    /// Makes aliases name a version, each in a collection that the version is in. An alias that names another version
    /// moves, in one step for all.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the version is not in one of the collections. Then
    /// no alias moves.
    pub async fn add_aliases(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        aliases: Vec<AliasTarget>,
    ) -> Result<()> {
        let targets = self.alias_targets(caller, artifact, aliases).await?;
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for (membership, alias) in targets {
                        tx.lock_collection(membership.collection.key).await?;
                        tx.put_alias(membership.collection.key, membership.key, &alias)
                            .await?;
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Takes aliases away from a version; those that it does not have are passed over.
    ///
    /// # Errors
    /// As [`Tracking::add_aliases`].
    pub async fn delete_aliases(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        aliases: Vec<AliasTarget>,
    ) -> Result<()> {
        let targets = self.alias_targets(caller, artifact, aliases).await?;
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for (membership, alias) in targets {
                        tx.delete_alias(membership.key, &alias).await?;
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        Ok(())
    }

    async fn alias_targets(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        aliases: Vec<AliasTarget>,
    ) -> Result<Vec<(MembershipRecord, ArtifactAlias)>> {
        let artifact = self.get_version(caller, artifact).await?;
        let mut targets = Vec::with_capacity(aliases.len());
        for target in aliases {
            let collection = self
                .lookup_collection(caller, &target.entity, &target.project, &target.collection)
                .await?;
            let membership = match collection {
                Some(collection) => {
                    let db = self.inner.meta.read();
                    db.membership_of(collection.key, artifact.key).await?
                }
                None => None,
            };
            let membership = membership.ok_or_else(|| {
                let version = artifact.version.unwrap_or_default();
                TrackingError::not_found_in(
                    "version",
                    format_args!("{}:v{version}", artifact.collection.name),
                    format_args!("{}/{}/{}", target.entity, target.project, target.collection),
                )
            })?;
            targets.push((membership, target.alias));
        }
        Ok(targets)
    }

    /// Deletes a version: it leaves all collections, its number stays taken, and its files go after a while unless
    /// other versions have them. If it was the latest of its collection, the newest that is left becomes that.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`] if it has an alias and `with_aliases` does not say that
    /// these may go.
    pub async fn delete_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        with_aliases: bool,
    ) -> Result<ArtifactRecord> {
        let artifact = self.get_version(caller, artifact).await?;
        let (key, now) = (artifact.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(artifact.collection.key).await?;
                    let aliases = tx.aliases_of_artifact(key).await?;
                    if !with_aliases && !aliases.is_empty() {
                        let names: Vec<String> = aliases
                            .iter()
                            .map(|alias| format!("`{}`", alias.alias))
                            .collect();
                        return Err(TrackingError::Conflict(format!(
                            "version `v{}` of artifact `{}` has aliases ({}); delete them first, or ask to delete them with it",
                            artifact.version.unwrap_or_default(),
                            artifact.collection.name,
                            names.join(", ")
                        )));
                    }
                    delete(tx, key, now).await?;
                    if aliases
                        .iter()
                        .any(|alias| alias.alias.as_str() == LATEST)
                    {
                        renew_latest(tx, artifact.collection.key).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.get_version(caller, key).await
    }

    /// Puts a version into a collection of links, and makes it the latest there. One that is in there keeps its number.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the entity of the target does not exist or is not
    /// the caller's; [`TrackingError::Conflict`] if the version is not committed, or the target is of another type or
    /// has versions of its own.
    pub async fn link_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        target: LinkTarget,
    ) -> Result<MembershipRecord> {
        let artifact = self.get_version(caller, artifact).await?;
        if artifact.state == ArtifactState::Deleted {
            return Err(deleted(&artifact));
        }
        if artifact.state == ArtifactState::Pending {
            return Err(TrackingError::Conflict(format!(
                "a version of artifact `{}` is not committed yet and cannot be linked",
                artifact.collection.name
            )));
        }
        let (entity, _) = self
            .usable_entity(caller, &target.entity)
            .await?
            .ok_or_else(|| TrackingError::not_found("entity", &target.entity))?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (project, _) = tx
                        .insert_project_if_absent(entity, &target.project, now)
                        .await?;
                    let artifact_type = tx
                        .insert_artifact_type_if_absent(
                            project.key,
                            &artifact.collection.type_name,
                            None,
                            now,
                        )
                        .await?;
                    let collection = tx
                        .insert_collection_if_absent(NewCollection {
                            project: project.key,
                            artifact_type: artifact_type.key,
                            kind: CollectionKind::Links,
                            name: target.collection,
                            created_at: now,
                        })
                        .await?;
                    if collection.kind != CollectionKind::Links
                        || collection.artifact_type != artifact_type.key
                    {
                        return Err(TrackingError::Conflict(format!(
                            "artifact `{}` of `{}` cannot take links to versions of type `{}`",
                            collection.name, collection.project_name, artifact.collection.type_name
                        )));
                    }
                    link(tx, &collection, artifact.key, &target.aliases, now).await
                })
            })
            .await
    }

    /// Takes a version out of a collection of links. Doing so twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the collection is not the caller's;
    /// [`TrackingError::Conflict`] if it is the one that owns the version.
    pub async fn unlink_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        collection: CollectionKey,
    ) -> Result<()> {
        let artifact = self.get_version(caller, artifact).await?;
        let collection = self.get_collection(caller, collection).await?;
        if collection.kind != CollectionKind::Links {
            return Err(TrackingError::Conflict(format!(
                "artifact `{}` owns its versions; delete the version instead of unlinking it",
                collection.name
            )));
        }
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(found) = tx.membership_of(collection.key, artifact.key).await? {
                        tx.delete_membership(found.key).await?;
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Changes a collection.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist, is deleted, or is not the caller's;
    /// [`TrackingError::Conflict`] if the project has another one of the new name.
    pub async fn update_collection(
        &self,
        caller: &Caller,
        collection: CollectionKey,
        changes: CollectionChanges,
    ) -> Result<CollectionRecord> {
        let collection = self.get_collection(caller, collection).await?;
        check_description(changes.description.as_deref())?;
        let (key, now) = (collection.key, self.inner.clock.now());
        let name = changes.name.clone();
        let changed = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let artifact_type = match &changes.artifact_type {
                        Some(name) => {
                            let project = collection.project;
                            let made = tx
                                .insert_artifact_type_if_absent(project, name, None, now)
                                .await?;
                            Some(made.key)
                        }
                        None => None,
                    };
                    let patch = CollectionPatch {
                        name: changes.name,
                        description: changes.description,
                        artifact_type,
                    };
                    tx.update_collection(key, patch, now).await?;
                    tx.add_collection_tags(key, &changes.add_tags).await?;
                    tx.delete_collection_tags(key, &changes.delete_tags).await
                })
            })
            .await;
        match (changed, name) {
            (Err(error), Some(name)) if error.is_conflict() => {
                return Err(TrackingError::Conflict(format!(
                    "the project has another artifact `{name}`"
                )));
            }
            (changed, _) => changed?,
        }
        self.get_collection(caller, key).await
    }

    /// Deletes a collection with all its versions, or with all its links. Its name is free again.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist, is deleted, or is not the caller's.
    pub async fn delete_collection(
        &self,
        caller: &Caller,
        collection: CollectionKey,
    ) -> Result<CollectionRecord> {
        let collection = self.get_collection(caller, collection).await?;
        let (key, now) = (collection.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(key).await?;
                    let owns = collection.kind == CollectionKind::Versions;
                    // Deleted versions leave the list.
                    loop {
                        let query = VersionQuery {
                            collection: key,
                            tags: Vec::new(),
                            oldest_first: true,
                            offset: 0,
                            limit: VERSIONS_PER_READ,
                        };
                        let versions = tx.list_versions(&query).await?;
                        if !owns || versions.is_empty() {
                            break;
                        }
                        for version in versions {
                            delete(tx, version.artifact.key, now).await?;
                        }
                    }
                    tx.delete_collection(key, now).await?;
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        let deleted = self.lookup_collection_by_key(caller, key).await?;
        deleted.ok_or_else(|| TrackingError::not_found("artifact collection", key))
    }
}

fn deleted(artifact: &ArtifactRecord) -> TrackingError {
    TrackingError::Conflict(format!(
        "version `v{}` of artifact `{}` is deleted",
        artifact.version.unwrap_or_default(),
        artifact.collection.name
    ))
}

/// Deletes a version, whatever its aliases.
pub(super) async fn delete(
    tx: &Tx<'_>,
    artifact: ArtifactKey,
    now: Timestamp,
) -> Result<(), MetaError> {
    if let Some(object_key) = tx.delete_artifact(artifact, now).await? {
        tx.doom_object(&object_key, now).await?;
    }
    Ok(())
}

/// Makes the newest version that a collection owns its latest.
async fn renew_latest(tx: &Tx<'_>, collection: CollectionKey) -> Result<()> {
    let Some(newest) = tx.latest_version(collection).await? else {
        return Ok(());
    };
    if let Some(membership) = tx.membership_of(collection, newest.key).await? {
        let latest = ArtifactAlias::new(LATEST)?;
        tx.put_alias(collection, membership.key, &latest).await?;
    }
    Ok(())
}

/// Makes these the aliases that a version has in its own collection.
async fn set_aliases(
    tx: &Tx<'_>,
    artifact: &ArtifactRecord,
    aliases: &[ArtifactAlias],
) -> Result<(), MetaError> {
    let collection = artifact.collection.key;
    let Some(membership) = tx.membership_of(collection, artifact.key).await? else {
        return Ok(());
    };
    for known in tx.aliases_of_membership(membership.key).await? {
        if !aliases.contains(&known.alias) {
            tx.delete_alias(membership.key, &known.alias).await?;
        }
    }
    for alias in aliases {
        tx.put_alias(collection, membership.key, alias).await?;
    }
    Ok(())
}

async fn link(
    tx: &Tx<'_>,
    collection: &CollectionRecord,
    artifact: ArtifactKey,
    aliases: &[ArtifactAlias],
    now: Timestamp,
) -> Result<MembershipRecord> {
    let membership = if let Some(known) = tx.membership_of(collection.key, artifact).await? {
        known.key
    } else {
        let version = tx.take_version(collection.key).await?;
        tx.insert_membership(collection.key, artifact, version, now)
            .await?
    };
    let latest = ArtifactAlias::new(LATEST)?;
    for alias in aliases.iter().chain([&latest]) {
        tx.put_alias(collection.key, membership, alias).await?;
    }
    let linked = tx.membership(membership).await?;
    Ok(linked.expect("linked in this transaction"))
}
