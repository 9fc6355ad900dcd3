//! The history of versions: what happened to each, noted in the transaction in which it happened.

use std::collections::HashMap;

use ballast_meta::artifacts::{
    AliasRecord, ArtifactEventKind, CollectionKind, CollectionRecord, NewArtifactEvent,
};
use ballast_meta::{MetaError, Tx};
use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTag, EntityName, MembershipKey, ProjectName, Timestamp,
    UserKey,
};

use super::VersionPath;
use crate::{Caller, Result, Tracking};

/// How many events of a version are told.
const MAX_EVENTS: u64 = 10_000;

/// What happened to a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// What happened; `None` for its announcement.
    pub kind: Option<ArtifactEventKind>,
    /// What it is about, as the kind says; of an announcement, the id of the run.
    pub detail: Option<String>,
    /// The username of whoever did it; `None` for the server itself, and if that user is gone.
    pub by: Option<String>,
}

/// Who changes versions, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Author {
    pub(super) user: Option<UserKey>,
    pub(super) at: Timestamp,
}

impl Author {
    /// Notes what happened to a version.
    pub(super) async fn note(
        self,
        tx: &Tx<'_>,
        artifact: ArtifactKey,
        kind: ArtifactEventKind,
        detail: Option<String>,
    ) -> Result<(), MetaError> {
        tx.add_artifact_event(NewArtifactEvent {
            artifact,
            kind,
            detail,
            user: self.user,
            at: self.at,
        })
        .await
    }

    /// Makes an alias name a membership of `artifact`, and no other one of the collection. The caller has locked the
    /// collection.
    pub(super) async fn put_alias(
        self,
        tx: &Tx<'_>,
        collection: &CollectionRecord,
        membership: MembershipKey,
        artifact: ArtifactKey,
        alias: &ArtifactAlias,
    ) -> Result<(), MetaError> {
        let holder = tx.alias_holder(collection.key, alias).await?;
        if holder.is_some_and(|(held_by, _)| held_by == membership) {
            return Ok(());
        }
        tx.put_alias(collection.key, membership, alias).await?;
        let detail = alias_detail(collection, alias);
        if let Some((_, former)) = holder {
            let kind = ArtifactEventKind::AliasRemoved;
            self.note(tx, former, kind, Some(detail.clone())).await?;
        }
        self.note(tx, artifact, ArtifactEventKind::AliasAdded, Some(detail))
            .await
    }

    /// Takes an alias away from a membership of `artifact`. One that it does not have is passed over.
    pub(super) async fn delete_alias(
        self,
        tx: &Tx<'_>,
        collection: &CollectionRecord,
        membership: MembershipKey,
        artifact: ArtifactKey,
        alias: &ArtifactAlias,
    ) -> Result<(), MetaError> {
        if tx.delete_alias(membership, alias).await? {
            let (kind, detail) = (
                ArtifactEventKind::AliasRemoved,
                alias_detail(collection, alias),
            );
            self.note(tx, artifact, kind, Some(detail)).await?;
        }
        Ok(())
    }

    /// Adds tags to a version and takes others away.
    pub(super) async fn change_tags(
        self,
        tx: &Tx<'_>,
        artifact: ArtifactKey,
        add: &[ArtifactTag],
        delete: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        if add.is_empty() && delete.is_empty() {
            return Ok(());
        }
        let before = tx.artifact_tags(artifact).await?;
        tx.add_artifact_tags(artifact, add).await?;
        tx.delete_artifact_tags(artifact, delete).await?;
        let after = tx.artifact_tags(artifact).await?;
        for (kind, tags, others) in [
            (ArtifactEventKind::TagRemoved, &before, &after),
            (ArtifactEventKind::TagAdded, &after, &before),
        ] {
            for tag in tags.iter().filter(|tag| !others.contains(tag)) {
                self.note(tx, artifact, kind, Some(tag.clone())).await?;
            }
        }
        Ok(())
    }
}

/// An alias, and where it is one if that is not the version's own collection.
fn alias_detail(collection: &CollectionRecord, alias: &ArtifactAlias) -> String {
    match collection.kind {
        CollectionKind::Versions => alias.to_string(),
        CollectionKind::Links => format!("{alias} @ {}", place(collection)),
    }
}

/// The full name of a collection.
pub(super) fn place(collection: &CollectionRecord) -> String {
    format!(
        "{}/{}/{}",
        collection.entity_name, collection.project_name, collection.name
    )
}

/// Aliases in backticks, for errors.
pub(super) fn quoted<'a>(aliases: impl IntoIterator<Item = &'a AliasRecord>) -> String {
    let names = aliases
        .into_iter()
        .map(|alias| format!("`{}`", alias.alias));
    names.collect::<Vec<_>>().join(", ")
}

impl Author {
    pub(super) fn new(caller: &Caller, at: Timestamp) -> Self {
        Self {
            user: Some(caller.user),
            at,
        }
    }

    /// The server itself.
    pub(super) fn server(at: Timestamp) -> Self {
        Self { user: None, at }
    }
}

impl Tracking {
    /// What happened to a version, oldest first: its announcement, and the last 10,000 things that were noted since, as
    /// far as the caller may know of the collections where they did.
    ///
    /// # Errors
    /// As [`Tracking::get_version_at`].
    pub async fn version_history(
        &self,
        caller: &Caller,
        path: &VersionPath,
    ) -> Result<Vec<HistoryEntry>> {
        let artifact = self.membership_at(caller, path).await?.artifact;
        let db = self.inner.meta.read();
        let events = db.events_of_artifact(artifact.key, MAX_EVENTS).await?;
        let mut users: Vec<UserKey> = events.iter().filter_map(|event| event.user).collect();
        users.extend(artifact.user);
        let names = self.names_of_users(users).await?;
        let name = |user: Option<UserKey>| user.and_then(|user| names.get(&user).cloned());
        let run = match artifact.run {
            Some(run) => db.run_references(&[run]).await?.pop(),
            None => None,
        };
        let run = run.filter(|run| caller.may_read(run.entity, run.project));
        let announced = HistoryEntry {
            at: artifact.created_at,
            kind: None,
            detail: run.map(|run| run.run_id.to_string()),
            by: name(artifact.user),
        };
        let knows_home = caller.may_list_in(&artifact.collection);
        let mut places: HashMap<String, bool> = HashMap::new();
        let mut history = vec![announced];
        for event in events {
            let is_known = if let Some(place) = place_of(event.kind, event.detail.as_deref()) {
                if let Some(is_known) = places.get(place) {
                    *is_known
                } else {
                    let is_known = self.is_place_known(caller, place).await?;
                    places.insert(place.to_owned(), is_known);
                    is_known
                }
            } else {
                let at_home = [
                    ArtifactEventKind::AliasAdded,
                    ArtifactEventKind::AliasRemoved,
                    ArtifactEventKind::LoggedAgain,
                ];
                knows_home || !at_home.contains(&event.kind)
            };
            if is_known {
                history.push(HistoryEntry {
                    at: event.at,
                    kind: Some(event.kind),
                    detail: event.detail,
                    by: name(event.user),
                });
            }
        }
        Ok(history)
    }

    /// Whether the caller may know of a collection by its full name. One whose project is called otherwise now counts
    /// as unknown.
    async fn is_place_known(&self, caller: &Caller, place: &str) -> Result<bool> {
        let mut parts = place.splitn(3, '/');
        let (Some(Ok(entity)), Some(Ok(project))) = (
            parts.next().map(EntityName::new),
            parts.next().map(ProjectName::new),
        ) else {
            return Ok(false);
        };
        let project = self.lookup_project(caller, &entity, &project).await?;
        Ok(project.is_some())
    }
}

/// The collection that an event names, if it is not the version's own.
fn place_of(kind: ArtifactEventKind, detail: Option<&str>) -> Option<&str> {
    match kind {
        ArtifactEventKind::Linked | ArtifactEventKind::Unlinked => detail,
        ArtifactEventKind::AliasAdded | ArtifactEventKind::AliasRemoved => {
            detail?.split_once(" @ ").map(|(_, place)| place)
        }
        _ => None,
    }
}
