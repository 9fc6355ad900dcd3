//! Collections of a registry as cards, each page in a handful of queries, and links made from there.

use std::collections::HashMap;

use ballast_meta::artifacts::{
    ArtifactReference, CollectionKind, CollectionQuery, CollectionRecord, MembershipRecord,
    NamedVersion,
};
use ballast_model::{
    ArtifactAlias, ArtifactKey, CollectionKey, CollectionName, EntityName, ProjectName, Timestamp,
    UserKey,
};

use crate::artifacts::{LATEST, LinkTarget, Page, VersionPath, source_seen_by};
use crate::{Access, Caller, Result, Tracking};

/// Aliases that a card tells of; more than a reader takes in.
pub const NAMED_PER_CARD: usize = 20;

/// Which collections of a registry to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardListing {
    /// Text that the name contains, in any case of its ASCII letters.
    pub search: Option<String>,
    /// Only collections older than this one.
    pub before: Option<CollectionKey>,
    /// At most so many.
    pub limit: usize,
}

/// A collection of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The collection.
    pub collection: CollectionRecord,
    /// Its tags, in byte order.
    pub tags: Vec<String>,
    /// How many versions are linked into it.
    pub n_versions: u64,
    /// The version that is called `latest`.
    pub latest: Option<LatestVersion>,
    /// Which version has which other alias, the newest version first, at most [`NAMED_PER_CARD`].
    pub named: Vec<NamedVersion>,
}

/// The latest version of a collection of links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestVersion {
    /// The number in the collection.
    pub version: u64,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// The username of whoever linked it, if that user still exists.
    pub linked_by: Option<String>,
    /// The aliases in the collection, in byte order.
    pub aliases: Vec<String>,
    /// Where it is linked from, if the caller may know.
    pub source: Option<ArtifactReference>,
}

impl Tracking {
    /// A page of the collections of a registry.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`].
    pub async fn registry_cards(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        listing: &CardListing,
    ) -> Result<Page<Card>> {
        let (_, record) = self
            .registry_for(caller, organization, project, Access::List)
            .await?;
        let query = CollectionQuery {
            projects: vec![record.key],
            kind: Some(CollectionKind::Links),
            search: listing.search.clone(),
            before: listing.before,
            limit: listing.limit as u64,
            ..CollectionQuery::default()
        };
        let db = self.inner.meta.read();
        let collections = db.list_collections(&query).await?;
        Ok(Page {
            items: self.cards_of(caller, collections).await?,
            total: db.count_collections(&query).await?,
        })
    }

    async fn cards_of(
        &self,
        caller: &Caller,
        collections: Vec<CollectionRecord>,
    ) -> Result<Vec<Card>> {
        let db = self.inner.meta.read();
        let keys: Vec<CollectionKey> = collections.iter().map(|found| found.key).collect();
        let figures = db.collection_figures(&keys).await?;
        let mut tags = db.tags_of_collections(&keys).await?;
        let latest = db.memberships_with_alias(&keys, LATEST).await?;
        let mut named = db
            .named_versions(&keys, LATEST, NAMED_PER_CARD as u64)
            .await?;
        let artifacts: Vec<ArtifactKey> = latest.iter().map(|found| found.artifact.key).collect();
        let mut aliases = db.aliases_of_artifacts(&artifacts).await?;
        let users: Vec<UserKey> = latest.iter().filter_map(|found| found.linked_by).collect();
        let names = self.names_of_users(users).await?;
        let mut latest: HashMap<CollectionKey, LatestVersion> = latest
            .into_iter()
            .map(|membership| {
                let collection = membership.collection.key;
                let key = (membership.artifact.key, collection);
                let version = LatestVersion {
                    version: membership.version,
                    linked_at: membership.created_at,
                    linked_by: membership
                        .linked_by
                        .and_then(|user| names.get(&user).cloned()),
                    aliases: aliases.remove(&key).unwrap_or_default(),
                    source: source_seen_by(caller, &membership),
                };
                (collection, version)
            })
            .collect();
        Ok(collections
            .into_iter()
            .map(|collection| Card {
                tags: tags.remove(&collection.key).unwrap_or_default(),
                n_versions: figures
                    .get(&collection.key)
                    .copied()
                    .unwrap_or_default()
                    .n_versions,
                latest: latest.remove(&collection.key),
                named: named.remove(&collection.key).unwrap_or_default(),
                collection,
            })
            .collect())
    }

    /// Links a version into a collection of a registry, which is made if it is missing.
    ///
    /// # Errors
    /// As [`Tracking::membership_at`] for the version, and as [`Tracking::link_version`].
    pub async fn link_into_registry(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        collection: CollectionName,
        version: &VersionPath,
        aliases: Vec<ArtifactAlias>,
    ) -> Result<MembershipRecord> {
        let (organization, record) = self
            .registry_for(caller, organization, project, Access::Write)
            .await?;
        let artifact = self.membership_at(caller, version).await?.artifact;
        let target = LinkTarget {
            entity: organization.name,
            project: record.name,
            collection,
            aliases,
        };
        self.link_version(caller, artifact.key, target).await
    }
}
