//! Changing versions and collections.

use std::slice;

use ballast_meta::artifacts::{
    AliasRecord, AliasScope, ArtifactEventKind, ArtifactPatch, ArtifactRecord, ArtifactRole,
    ArtifactState, CollectionKind, CollectionPatch, CollectionRecord, MembershipRecord,
    NewCollection, VersionQuery,
};
use ballast_meta::{MetaError, Tx};
use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTag, ArtifactTypeName, CollectionKey, CollectionName,
    EntityName, ProjectName, RunKey, RunPath, Timestamp,
};

use super::LATEST;
use super::announce::check_description;
use super::events::{Author, place, quoted};
use crate::projects::project_to_write;
use crate::registries::{check_aliases, check_loss, is_registry, registry_to_link};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Versions that are deleted with one read, with their collection.
const VERSIONS_PER_READ: u64 = 500;
/// How many aliases or links an error names.
const NAMED_REASONS: usize = 3;

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
        let run = self.run_key(caller, run, Access::Write).await?;
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
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
        let artifact = self.version_for(caller, artifact, Access::Write).await?;
        check_description(changes.description.as_deref())?;
        self.check_metadata(changes.metadata.as_deref())?;
        if artifact.state == ArtifactState::Deleted {
            return Err(deleted(&artifact));
        }
        let key = artifact.key;
        let author = Author::new(caller, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(artifact.collection.key).await?;
                    let patch = ArtifactPatch {
                        description: changes.description,
                        metadata: changes.metadata,
                        ttl_s: changes.ttl_s,
                        wanted: None,
                    };
                    patch_version(tx, author, &artifact, patch).await?;
                    author
                        .change_tags(tx, key, &changes.add_tags, &changes.delete_tags)
                        .await?;
                    if let Some(aliases) = changes.aliases {
                        set_aliases(tx, author, &artifact, &aliases).await?;
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
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the version is not in one of the collections;
    /// [`TrackingError::Forbidden`] if a registry protects an alias and the caller is no admin of it. Then no alias moves.
    pub async fn add_aliases(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        aliases: Vec<AliasTarget>,
    ) -> Result<()> {
        let targets = self.alias_targets(caller, artifact, aliases).await?;
        let author = Author::new(caller, self.inner.clock.now());
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for (membership, alias) in targets {
                        let (collection, version) =
                            (&membership.collection, membership.artifact.key);
                        tx.lock_collection(collection.key).await?;
                        let given = (slice::from_ref(&alias), &[][..]);
                        check_aliases(tx, &caller, collection, Some(membership.key), given).await?;
                        author
                            .put_alias(tx, collection, membership.key, version, &alias)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
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
        let author = Author::new(caller, self.inner.clock.now());
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for (membership, alias) in targets {
                        let (collection, version) =
                            (&membership.collection, membership.artifact.key);
                        let taken = (&[][..], slice::from_ref(&alias));
                        check_aliases(tx, &caller, collection, Some(membership.key), taken).await?;
                        author
                            .delete_alias(tx, collection, membership.key, version, &alias)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
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
                    caller.check_in(&collection, Access::Write)?;
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
    /// these may go; [`TrackingError::Forbidden`] if a registry protects one and the caller is no admin of it.
    pub async fn delete_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        with_aliases: bool,
    ) -> Result<ArtifactRecord> {
        let artifact = self.version_for(caller, artifact, Access::Write).await?;
        let key = artifact.key;
        let author = Author::new(caller, self.inner.clock.now());
        let deleter = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(artifact.collection.key).await?;
                    let aliases = tx.aliases_of_artifact(key).await?;
                    if !with_aliases && !aliases.is_empty() {
                        return Err(TrackingError::Conflict(format!(
                            "version `v{}` of artifact `{}` has aliases ({}); delete them first, or ask to delete them with it",
                            artifact.version.unwrap_or_default(),
                            artifact.collection.name,
                            quoted(&aliases)
                        )));
                    }
check_loss(tx, &deleter, AliasScope::Version(key)).await?;
                    delete_named(tx, author, &artifact, &aliases).await
                })
            })
            .await?;
        self.get_version(caller, key).await
    }

    /// Puts a version into a collection of links, and makes it the latest there. One that is in there keeps its number.
    /// The project is made if it is missing, unless it would be a registry.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the entity of the target does not exist or is not
    /// the caller's; [`TrackingError::Forbidden`] if the caller may not write there, or an alias is protected;
    /// [`TrackingError::Conflict`] if the version is not committed, or the target is of another type or has versions of
    /// its own.
    pub async fn link_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        target: LinkTarget,
    ) -> Result<MembershipRecord> {
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        if artifact.state == ArtifactState::Deleted {
            return Err(deleted(&artifact));
        }
        if artifact.state == ArtifactState::Pending {
            return Err(TrackingError::Conflict(format!(
                "a version of artifact `{}` is not committed yet and cannot be linked",
                artifact.collection.name
            )));
        }
        let entity = caller.entity_for(&target.entity, Access::List)?.clone();
        let now = self.inner.clock.now();
        let author = Author::new(caller, now);
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let type_name = &artifact.collection.type_name;
                    let project = if is_registry(entity.kind, &target.project) {
                        registry_to_link(tx, &caller, &entity, &target.project, type_name).await?
                    } else {
                        let target = &target.project;
                        let (project, _) =
                            project_to_write(tx, &caller, &entity, target, now).await?;
                        project
                    };
                    let artifact_type = tx
                        .insert_artifact_type_if_absent(project.key, type_name, None, now)
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
                    // Collection before version, as whoever names or unlinks one takes them.
                    tx.lock_collection(collection.key).await?;
                    // It may have been deleted meanwhile.
                    let still = tx.lock_artifact(artifact.key).await?;
                    if still.is_none_or(|still| still.state != ArtifactState::Committed) {
                        return Err(deleted(&artifact));
                    }
                    let known = tx.membership_of(collection.key, artifact.key).await?;
                    let known = known.map(|known| known.key);
                    let given = (&target.aliases[..], &[][..]);
                    check_aliases(tx, &caller, &collection, known, given).await?;
                    link(tx, author, &collection, artifact.key, &target.aliases).await
                })
            })
            .await
    }

    /// Takes a version out of a collection of links. Doing so twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::NotFound`] if the collection is not the caller's;
    /// [`TrackingError::Conflict`] if it is the one that owns the version; [`TrackingError::Forbidden`] if the version
    /// has an alias there that the registry protects, and the caller is no admin of it.
    pub async fn unlink_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        collection: CollectionKey,
    ) -> Result<()> {
        let artifact = self.get_version(caller, artifact).await?;
        let collection = self
            .collection_for(caller, collection, Access::Write)
            .await?;
        if collection.kind != CollectionKind::Links {
            return Err(TrackingError::Conflict(format!(
                "artifact `{}` owns its versions; delete the version instead of unlinking it",
                collection.name
            )));
        }
        let author = Author::new(caller, self.inner.clock.now());
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(collection.key).await?;
                    if let Some(found) = tx.membership_of(collection.key, artifact.key).await? {
                        check_loss(tx, &caller, AliasScope::Membership(found.key)).await?;
                        tx.delete_membership(found.key).await?;
                        let (kind, detail) = (ArtifactEventKind::Unlinked, place(&collection));
                        author.note(tx, artifact.key, kind, Some(detail)).await?;
                    }
                    Ok(())
                })
            })
            .await
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
        let collection = self
            .collection_for(caller, collection, Access::Write)
            .await?;
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
    /// [`TrackingError::NotFound`] if it does not exist, is deleted, or is not the caller's;
    /// [`TrackingError::Conflict`] if one of its versions has an alias other than `latest` or is linked to, and
    /// `with_aliases` does not say that these may go; [`TrackingError::Forbidden`] if a registry protects such an alias
    /// and the caller is no admin of it.
    pub async fn delete_collection(
        &self,
        caller: &Caller,
        collection: CollectionKey,
        with_aliases: bool,
    ) -> Result<CollectionRecord> {
        let collection = self
            .collection_for(caller, collection, Access::Write)
            .await?;
        let (key, now) = (collection.key, self.inner.clock.now());
        let author = Author::new(caller, now);
        let deleter = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_collection(key).await?;
                    if !with_aliases {
                        refuse_if_named(tx, &collection).await?;
                    }
                    let owns = collection.kind == CollectionKind::Versions;
                    let lost = match collection.kind {
                        CollectionKind::Versions => AliasScope::VersionsOf(key),
                        CollectionKind::Links => AliasScope::Collection(key),
                    };
                    check_loss(tx, &deleter, lost).await?;
                    // Deleted versions leave the list.
                    loop {
                        let query = VersionQuery {
                            collection: key,
                            tags: Vec::new(),
                            oldest_first: true,
                            before: None,
                            offset: 0,
                            limit: VERSIONS_PER_READ,
                        };
                        let versions = tx.list_versions(&query).await?;
                        if !owns || versions.is_empty() {
                            break;
                        }
                        for version in versions {
                            delete(tx, version.artifact.key, author).await?;
                        }
                    }
                    tx.delete_collection(key, now).await?;
                    Ok::<_, TrackingError>(())
                })
            })
            .await?;
        let deleted = self.lookup_collection_by_key(caller, key).await?;
        deleted.ok_or_else(|| TrackingError::not_found("artifact collection", key))
    }
}

pub(super) fn deleted(artifact: &ArtifactRecord) -> TrackingError {
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
    author: Author,
) -> Result<(), MetaError> {
    if let Some(object_key) = tx.delete_artifact(artifact, author.at).await? {
        tx.doom_object(&object_key, author.at).await?;
    }
    author
        .note(tx, artifact, ArtifactEventKind::Deleted, None)
        .await
}

/// Deletes a version that has these aliases. If it was the latest of its collection, the newest that is left becomes that.
async fn delete_named(
    tx: &Tx<'_>,
    author: Author,
    artifact: &ArtifactRecord,
    aliases: &[AliasRecord],
) -> Result<()> {
    delete(tx, artifact.key, author).await?;
    if aliases.iter().any(|alias| alias.alias.as_str() == LATEST) {
        renew_latest(tx, author, &artifact.collection).await?;
    }
    Ok(())
}

/// Deletes the versions that a run logged and no other run did, whatever their aliases and whoever uses them.
///
/// # Errors
/// As [`Tracking::delete_version`].
pub(crate) async fn delete_logged_versions(
    tx: &Tx<'_>,
    caller: &Caller,
    run: RunKey,
    now: Timestamp,
) -> Result<()> {
    let author = Author::new(caller, now);
    let role = ArtifactRole::Logged;
    let logged = tx
        .artifact_keys_of_run(run, role, u64::from(u32::MAX))
        .await?;
    for key in logged {
        if tx.runs_of_artifact(key, role).await? != [run] {
            continue;
        }
        let Some(artifact) = tx.artifact(key).await? else {
            continue;
        };
        caller.check_in(&artifact.collection, Access::Write)?;
        tx.lock_collection(artifact.collection.key).await?;
        check_loss(tx, caller, AliasScope::Version(key)).await?;
        let aliases = tx.aliases_of_artifact(key).await?;
        delete_named(tx, author, &artifact, &aliases).await?;
    }
    Ok(())
}

/// Refuses to delete a collection whose versions people or other collections name.
async fn refuse_if_named(tx: &Tx<'_>, collection: &CollectionRecord) -> Result<()> {
    let aliases = tx.aliases_of_collection(collection.key).await?;
    let own: Vec<&AliasRecord> = aliases
        .iter()
        .filter(|alias| alias.alias.as_str() != LATEST)
        .take(NAMED_REASONS)
        .collect();
    if !own.is_empty() {
        return Err(TrackingError::Conflict(format!(
            "versions of artifact `{}` have aliases ({}); delete them first, or ask to delete them with it",
            collection.name,
            quoted(own)
        )));
    }
    let links = tx
        .links_to_versions_of(collection.key, NAMED_REASONS as u64)
        .await?;
    if links.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = links
        .iter()
        .map(|link| format!("`{}`", place(&link.collection)))
        .collect();
    Err(TrackingError::Conflict(format!(
        "versions of artifact `{}` are linked to ({}); unlink them first, or ask to delete the links with it",
        collection.name,
        places.join(", ")
    )))
}

/// Changes what is said of a version, and notes what is different then.
pub(super) async fn patch_version(
    tx: &Tx<'_>,
    author: Author,
    artifact: &ArtifactRecord,
    patch: ArtifactPatch,
) -> Result<(), MetaError> {
    let is_new = |new: &Option<String>, old: &Option<String>| {
        new.as_deref()
            .is_some_and(|new| new != old.as_deref().unwrap_or_default())
    };
    let mut changes = Vec::new();
    if is_new(&patch.description, &artifact.description) {
        changes.push((ArtifactEventKind::DescriptionChanged, None));
    }
    if is_new(&patch.metadata, &artifact.metadata) {
        changes.push((ArtifactEventKind::MetadataChanged, None));
    }
    if let Some(ttl_s) = patch.ttl_s.filter(|_| patch.ttl_s != artifact.ttl_s) {
        changes.push((ArtifactEventKind::TtlChanged, Some(ttl_s.to_string())));
    }
    tx.update_artifact(artifact.key, patch, author.at).await?;
    for (kind, detail) in changes {
        author.note(tx, artifact.key, kind, detail).await?;
    }
    Ok(())
}

/// Makes the newest version that a collection owns its latest.
async fn renew_latest(tx: &Tx<'_>, author: Author, collection: &CollectionRecord) -> Result<()> {
    let Some(newest) = tx.latest_version(collection.key).await? else {
        return Ok(());
    };
    if let Some(membership) = tx.membership_of(collection.key, newest.key).await? {
        let latest = ArtifactAlias::new(LATEST)?;
        author
            .put_alias(tx, collection, membership.key, newest.key, &latest)
            .await?;
    }
    Ok(())
}

/// Makes these the aliases that a version has in its own collection.
async fn set_aliases(
    tx: &Tx<'_>,
    author: Author,
    artifact: &ArtifactRecord,
    aliases: &[ArtifactAlias],
) -> Result<(), MetaError> {
    let (collection, key) = (&artifact.collection, artifact.key);
    let Some(membership) = tx.membership_of(collection.key, key).await? else {
        return Ok(());
    };
    for known in tx.aliases_of_membership(membership.key).await? {
        if !aliases.contains(&known.alias) {
            author
                .delete_alias(tx, collection, membership.key, key, &known.alias)
                .await?;
        }
    }
    for alias in aliases {
        author
            .put_alias(tx, collection, membership.key, key, alias)
            .await?;
    }
    Ok(())
}

async fn link(
    tx: &Tx<'_>,
    author: Author,
    collection: &CollectionRecord,
    artifact: ArtifactKey,
    aliases: &[ArtifactAlias],
) -> Result<MembershipRecord> {
    let membership = if let Some(known) = tx.membership_of(collection.key, artifact).await? {
        known.key
    } else {
        let version = tx.take_version(collection.key).await?;
        let membership = tx
            .insert_membership(collection.key, artifact, version, author.user, author.at)
            .await?;
        let (kind, detail) = (ArtifactEventKind::Linked, place(collection));
        author.note(tx, artifact, kind, Some(detail)).await?;
        membership
    };
    let latest = ArtifactAlias::new(LATEST)?;
    for alias in aliases.iter().chain([&latest]) {
        author
            .put_alias(tx, collection, membership, artifact, alias)
            .await?;
    }
    let linked = tx.membership(membership).await?;
    Ok(linked.expect("linked in this transaction"))
}
