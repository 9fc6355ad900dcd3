//! Finding collections and versions by conditions on anything about them.
//!
//! Candidates are read a part at a time in the order that is asked for, and looked at one by one, so that a search
//! holds a page and a part in memory, however much it passes over. Where a page ends is told as a position among the
//! candidates, not among what fits, so that the next page does not look at them again.

use std::collections::HashSet;

use ballast_meta::artifacts::{
    CollectionKind, CollectionOrder, CollectionQuery, CollectionRecord, MembershipOrder,
    MembershipQuery, MembershipRecord, VersionQuery,
};
use ballast_model::json::Value;
use ballast_model::{
    ArtifactKey, ArtifactTypeName, CollectionKey, EntityName, ProjectKey, ProjectName,
};

use crate::filter::{FieldOf, Predicate};
use crate::runs::filter::find_dotted;
use crate::{Caller, Result, Tracking, TrackingError};

/// Collections that are read with one query.
const COLLECTIONS_PER_READ: u64 = 500;
/// Versions that are read with one query; each may have much metadata.
const VERSIONS_PER_READ: u64 = 100;

/// What fits a condition, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What fits, each with the position at which a page behind it begins.
    pub items: Vec<(T, u64)>,
    /// Whether more fits.
    pub has_more: bool,
    /// How much fits on all pages, where that was counted.
    pub total: Option<u64>,
}

impl<T> Found<T> {
    /// The same with something else for each item.
    pub fn map<R>(self, mut change: impl FnMut(T) -> R) -> Found<R> {
        let items = self.items.into_iter();
        Found {
            items: items.map(|(item, end)| (change(item), end)).collect(),
            has_more: self.has_more,
            total: self.total,
        }
    }
}

/// Which page of a search to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchPage {
    /// The position at which it begins: 0, or one that a page before told.
    pub start: u64,
    /// At most so many items.
    pub limit: usize,
    /// Whether to count what fits on all pages.
    pub count: bool,
}

/// Something about a collection that can be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionField {
    /// The storage key.
    Key,
    /// The name.
    Name,
    /// The name of the type.
    Type,
    /// What it is about.
    Description,
    /// The tags; a test fits if it fits any of them, or the list.
    Tags,
    /// When it was made, as RFC 3339 text.
    CreatedAt,
    /// When it was last changed, as RFC 3339 text.
    UpdatedAt,
}

/// Something about a version in a collection that can be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionField {
    /// The storage key of the version.
    Key,
    /// The number in the collection; `3` and `v3` are the same.
    Version,
    /// The tags; a test fits if it fits any of them, or the list.
    Tags,
    /// The aliases in the collection; a test fits if it fits any of them, or the list.
    Aliases,
    /// What its maker says of it: the keys from the top, outermost first; none for all of it.
    Metadata(Vec<String>),
    /// The sum of the sizes of its entries, in bytes.
    Size,
    /// When it was announced, as RFC 3339 text.
    CreatedAt,
    /// When it was last changed, as RFC 3339 text.
    UpdatedAt,
    /// When it came into the collection, as RFC 3339 text.
    LinkedAt,
}

/// A collection as conditions see it.
struct SeenCollection {
    record: CollectionRecord,
    tags: Vec<String>,
}

/// A version in a collection as conditions see it.
struct SeenVersion {
    membership: MembershipRecord,
    tags: Vec<String>,
    aliases: Vec<String>,
    collection_tags: Vec<String>,
}

fn texts(texts: &[String]) -> Value {
    Value::List(
        texts
            .iter()
            .map(|text| Value::from(text.as_str()))
            .collect(),
    )
}

fn number(number: u64) -> Value {
    i64::try_from(number).map_or(Value::Null, Value::Int)
}

impl CollectionField {
    fn value_in(&self, record: &CollectionRecord, tags: &[String]) -> Value {
        match self {
            Self::Key => Value::Int(record.key.0),
            Self::Name => Value::from(record.name.as_str()),
            Self::Type => Value::from(record.type_name.as_str()),
            Self::Description => {
                let description = record.description.clone();
                description.map_or(Value::Null, Value::String)
            }
            Self::Tags => texts(tags),
            Self::CreatedAt => Value::String(record.created_at.to_string()),
            Self::UpdatedAt => Value::String(record.updated_at.to_string()),
        }
    }
}

impl FieldOf<SeenCollection> for CollectionField {
    fn value(&self, seen: &SeenCollection) -> Value {
        self.value_in(&seen.record, &seen.tags)
    }
}

impl FieldOf<SeenVersion> for CollectionField {
    fn value(&self, seen: &SeenVersion) -> Value {
        self.value_in(&seen.membership.collection, &seen.collection_tags)
    }
}

impl FieldOf<SeenVersion> for VersionField {
    fn value(&self, seen: &SeenVersion) -> Value {
        let (membership, artifact) = (&seen.membership, &seen.membership.artifact);
        match self {
            Self::Key => Value::Int(artifact.key.0),
            Self::Version => Value::List(vec![
                number(membership.version),
                Value::String(format!("v{}", membership.version)),
            ]),
            Self::Tags => texts(&seen.tags),
            Self::Aliases => texts(&seen.aliases),
            Self::Metadata(path) => {
                let text = artifact.metadata.as_deref().unwrap_or("null");
                match Value::parse(text.as_bytes()) {
                    Ok(Value::Map(metadata)) if path.is_empty() => Value::Map(metadata),
                    Ok(Value::Map(metadata)) => find_dotted(&metadata, path),
                    _ => Value::Null,
                }
            }
            Self::Size => number(artifact.size_bytes),
            Self::CreatedAt => Value::String(artifact.created_at.to_string()),
            Self::UpdatedAt => Value::String(artifact.updated_at.to_string()),
            Self::LinkedAt => Value::String(membership.created_at.to_string()),
        }
    }
}

/// Which collections to search.
#[derive(Debug, Clone)]
pub struct CollectionSearch {
    /// What they have to fit.
    pub filter: Predicate<CollectionField>,
    /// The order; the newest first if there is none.
    pub order: Option<CollectionOrder>,
    /// The page.
    pub page: SearchPage,
}

/// Which versions to search.
#[derive(Debug, Clone)]
pub struct VersionSearch {
    /// What their collections have to fit.
    pub collections: Predicate<CollectionField>,
    /// What they have to fit.
    pub filter: Predicate<VersionField>,
    /// The order.
    pub order: MembershipOrder,
    /// The page.
    pub page: SearchPage,
}

/// A page that is being gathered.
struct Gathered<T> {
    page: SearchPage,
    found: Found<T>,
    n_fitting: u64,
}

impl<T> Gathered<T> {
    fn new(page: SearchPage) -> Self {
        let found = Found {
            items: Vec::new(),
            has_more: false,
            total: None,
        };
        Self {
            page,
            found,
            n_fitting: 0,
        }
    }

    /// Where to begin to look: whatever is counted is looked at from the beginning.
    fn first_position(&self) -> u64 {
        if self.page.count { 0 } else { self.page.start }
    }

    /// Takes what fits at a position.
    fn take(&mut self, item: T, position: u64) {
        self.n_fitting += 1;
        if position < self.page.start {
            return;
        }
        if self.found.items.len() < self.page.limit {
            self.found.items.push((item, position + 1));
        } else {
            self.found.has_more = true;
        }
    }

    /// Whether looking on changes nothing any more.
    fn is_complete(&self) -> bool {
        self.found.has_more && !self.page.count
    }

    /// The page, once everything was looked at.
    fn finish(self) -> Found<T> {
        Found {
            total: self.page.count.then_some(self.n_fitting),
            ..self.found
        }
    }
}

impl Tracking {
    /// Collections of a project that fit a condition.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn search_collections(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        artifact_type: Option<&ArtifactTypeName>,
        search: &CollectionSearch,
    ) -> Result<Found<CollectionRecord>> {
        let project = self.get_project(caller, entity, project).await?;
        let mut query = CollectionQuery {
            projects: vec![project.key],
            ..CollectionQuery::default()
        };
        if let Some(name) = artifact_type {
            let db = self.inner.meta.read();
            match db.lookup_artifact_type(project.key, name).await? {
                Some(found) => query.artifact_type = Some(found.key),
                None => query.projects.clear(),
            }
        }
        self.collections_that_fit(query, search).await
    }

    /// Collections among those of a query that fit a condition.
    pub(crate) async fn collections_that_fit(
        &self,
        query: CollectionQuery,
        search: &CollectionSearch,
    ) -> Result<Found<CollectionRecord>> {
        let db = self.inner.meta.read();
        let mut page = Gathered::new(search.page);
        let mut query = CollectionQuery {
            order: search.order,
            offset: page.first_position(),
            limit: COLLECTIONS_PER_READ,
            ..query
        };
        while !page.is_complete() {
            let records = db.list_collections(&query).await?;
            if records.is_empty() {
                break;
            }
            let keys: Vec<CollectionKey> = records.iter().map(|record| record.key).collect();
            let mut tags = db.tags_of_collections(&keys).await?;
            let seen = records.into_iter().map(|record| SeenCollection {
                tags: tags.remove(&record.key).unwrap_or_default(),
                record,
            });
            let filter = search.filter.clone();
            let sifted = sift(seen.collect(), move |seen| filter.fits(seen)).await?;
            for ((seen, fits), position) in sifted.into_iter().zip(query.offset..) {
                if fits {
                    page.take(seen.record, position);
                }
            }
            query.offset += query.limit;
        }
        Ok(page.finish())
    }

    /// Versions in one collection that fit a condition.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the collection is not the caller's.
    pub async fn search_versions(
        &self,
        caller: &Caller,
        collection: CollectionKey,
        search: &VersionSearch,
    ) -> Result<Found<MembershipRecord>> {
        let found = self.get_collection(caller, collection).await?;
        let projects = vec![found.project];
        if !search.collections.is_everything() || !search.filter.is_everything() {
            return self
                .versions_that_fit(projects, Some(collection), found.kind, search)
                .await;
        }
        // Nothing has to be looked at: the database passes over what comes before the page, and counts.
        let SearchPage {
            start,
            limit,
            count,
        } = search.page;
        let query = MembershipQuery {
            projects,
            collection: Some(collection),
            kind: None,
            order: search.order,
            offset: start,
            limit: limit as u64 + 1,
        };
        let db = self.inner.meta.read();
        let mut memberships = db.list_memberships(&query).await?;
        let has_more = memberships.len() > limit;
        memberships.truncate(limit);
        let total = if count {
            let all = VersionQuery {
                collection,
                tags: Vec::new(),
                oldest_first: false,
                before: None,
                offset: 0,
                limit: 0,
            };
            Some(db.count_versions(&all).await?)
        } else {
            None
        };
        Ok(Found {
            items: memberships.into_iter().zip(start + 1..).collect(),
            has_more,
            total,
        })
    }

    /// Versions in collections of these projects, or in one of them, that fit a condition.
    pub(crate) async fn versions_that_fit(
        &self,
        projects: Vec<ProjectKey>,
        collection: Option<CollectionKey>,
        kind: CollectionKind,
        search: &VersionSearch,
    ) -> Result<Found<MembershipRecord>> {
        let db = self.inner.meta.read();
        let mut page = Gathered::new(search.page);
        let mut query = MembershipQuery {
            projects,
            collection,
            kind: Some(kind),
            order: search.order,
            offset: page.first_position(),
            limit: VERSIONS_PER_READ,
        };
        while !page.is_complete() {
            let memberships = db.list_memberships(&query).await?;
            if memberships.is_empty() {
                break;
            }
            let keys: Vec<ArtifactKey> = memberships.iter().map(|seen| seen.artifact.key).collect();
            let collections: HashSet<CollectionKey> =
                memberships.iter().map(|seen| seen.collection.key).collect();
            let collections: Vec<CollectionKey> = collections.into_iter().collect();
            let tags = db.tags_of_artifacts(&keys).await?;
            let mut aliases = db.aliases_of_artifacts(&keys).await?;
            let collection_tags = db.tags_of_collections(&collections).await?;
            let seen = memberships.into_iter().map(|membership| {
                let (artifact, collection) = (membership.artifact.key, membership.collection.key);
                SeenVersion {
                    tags: tags.get(&artifact).cloned().unwrap_or_default(),
                    aliases: aliases.remove(&(artifact, collection)).unwrap_or_default(),
                    collection_tags: collection_tags
                        .get(&collection)
                        .cloned()
                        .unwrap_or_default(),
                    membership,
                }
            });
            let (collections, versions) = (search.collections.clone(), search.filter.clone());
            let fits = move |seen: &SeenVersion| collections.fits(seen) && versions.fits(seen);
            let sifted = sift(seen.collect(), fits).await?;
            for ((seen, fits), position) in sifted.into_iter().zip(query.offset..) {
                if fits {
                    page.take(seen.membership, position);
                }
            }
            query.offset += query.limit;
        }
        Ok(page.finish())
    }
}

/// Tells of each candidate whether it fits, on a thread that may be busy: conditions read JSON and match expressions.
async fn sift<T: Send + 'static>(
    candidates: Vec<T>,
    fits: impl Fn(&T) -> bool + Send + 'static,
) -> Result<Vec<(T, bool)>> {
    let work = move || {
        let tell = |candidate: T| {
            let fits = fits(&candidate);
            (candidate, fits)
        };
        candidates.into_iter().map(tell).collect()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(TrackingError::internal)
}
