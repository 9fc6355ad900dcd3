//! Collections and versions as lists and pages show them: each page in a handful of queries, however long it is.

use std::collections::HashMap;
use std::fmt;

use ballast_meta::artifacts::{
    ArtifactReference, ArtifactRole, ArtifactTypeRecord, CollectionKind, CollectionRecord,
    MembershipRecord, RunReference,
};
use ballast_model::{
    ArtifactKey, CollectionKey, CollectionName, EntityName, ProjectName, RunKey, RunPath, UserKey,
};

use super::{CollectionListing, LATEST, Page, VersionListing};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Most versions of a run that are listed on its page.
const MAX_RUN_VERSIONS: u64 = 1000;

/// Where a collection is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionPath {
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The collection.
    pub collection: CollectionName,
}

/// Where a version is: a number such as `v3` or an alias, in a collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionPath {
    /// The collection.
    pub collection: CollectionPath,
    /// The number or alias.
    pub version: String,
}

impl fmt::Display for CollectionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.entity, self.project, self.collection)
    }
}

impl fmt::Display for VersionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.collection, self.version)
    }
}

/// A type with how many collections have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeOverview {
    /// The type.
    pub artifact_type: ArtifactTypeRecord,
    /// How many collections of the project have it.
    pub n_collections: u64,
}

/// A collection with figures of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionOverview {
    /// The collection.
    pub collection: CollectionRecord,
    /// Its tags, in byte order.
    pub tags: Vec<String>,
    /// How many versions are in it.
    pub n_versions: u64,
    /// The sum of their sizes, in bytes. A content that several of them have counts once for each.
    pub size_bytes: u64,
    /// The version that is called `latest`.
    pub latest: Option<ShortVersion>,
}

/// A version as it is named beside other things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortVersion {
    /// The version, as it is named in a collection.
    pub reference: ArtifactReference,
    /// Its aliases in that collection, in byte order.
    pub aliases: Vec<String>,
}

/// A version in a collection, with what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionOverview {
    /// The version and where it is.
    pub membership: MembershipRecord,
    /// Its aliases in this collection, in byte order.
    pub aliases: Vec<String>,
    /// Its tags, in byte order.
    pub tags: Vec<String>,
    /// The run that made it, if it still exists and the caller may see it.
    pub logged_by: Option<RunReference>,
    /// How many runs used it.
    pub n_used_by: u64,
    /// What the run at hand called it when it used it.
    pub used_as: Option<String>,
    /// Where the collection has only a link: the version in its own collection, if the caller may know.
    pub source: Option<ArtifactReference>,
}

/// What a run dealt with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunVersions {
    /// Versions that it used, in that order.
    pub used: Vec<VersionOverview>,
    /// Versions that it made, in that order.
    pub logged: Vec<VersionOverview>,
}

impl Tracking {
    /// The artifact types of a project, by name.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn type_overviews(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
    ) -> Result<Vec<TypeOverview>> {
        let project = self
            .project_for(caller, entity, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        let counts = db.count_collections_by_type(project.key).await?;
        let types = db.list_artifact_types(project.key).await?;
        Ok(types
            .into_iter()
            .map(|artifact_type| TypeOverview {
                n_collections: counts.get(&artifact_type.key).copied().unwrap_or_default(),
                artifact_type,
            })
            .collect())
    }

    /// A page of the collections of a project with their figures, newest first.
    ///
    /// # Errors
    /// As [`Tracking::list_collections`].
    pub async fn collection_overviews(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        listing: &CollectionListing,
    ) -> Result<Page<CollectionOverview>> {
        let page = self
            .list_collections(caller, entity, project, listing)
            .await?;
        Ok(Page {
            items: self.overviews_of_collections(page.items).await?,
            total: page.total,
        })
    }

    /// A collection with its figures.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn collection_overview(
        &self,
        caller: &Caller,
        path: &CollectionPath,
    ) -> Result<CollectionOverview> {
        let collection = self.collection_at(caller, path).await?;
        let mut overviews = self.overviews_of_collections(vec![collection]).await?;
        Ok(overviews.pop().expect("one collection gives one overview"))
    }

    /// The collection at a path.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn collection_at(
        &self,
        caller: &Caller,
        path: &CollectionPath,
    ) -> Result<CollectionRecord> {
        let CollectionPath {
            entity,
            project,
            collection,
        } = path;
        let found = self
            .lookup_collection(caller, entity, project, collection)
            .await?;
        found.ok_or_else(|| {
            let place = format_args!("{entity}/{project}");
            TrackingError::not_found_in("artifact collection", collection, place)
        })
    }

    async fn overviews_of_collections(
        &self,
        collections: Vec<CollectionRecord>,
    ) -> Result<Vec<CollectionOverview>> {
        let keys: Vec<CollectionKey> = collections.iter().map(|found| found.key).collect();
        let db = self.inner.meta.read();
        let figures = db.collection_figures(&keys).await?;
        let mut tags = db.tags_of_collections(&keys).await?;
        let latest = db.memberships_with_alias(&keys, LATEST).await?;
        let latest: Vec<ArtifactReference> = latest.iter().map(Into::into).collect();
        let mut latest: HashMap<CollectionKey, ShortVersion> = self
            .with_aliases(latest)
            .await?
            .into_iter()
            .map(|version| (version.reference.collection, version))
            .collect();
        Ok(collections
            .into_iter()
            .map(|collection| {
                let figures = figures.get(&collection.key).copied().unwrap_or_default();
                CollectionOverview {
                    tags: tags.remove(&collection.key).unwrap_or_default(),
                    n_versions: figures.n_versions,
                    size_bytes: figures.size_bytes,
                    latest: latest.remove(&collection.key),
                    collection,
                }
            })
            .collect())
    }

    /// Versions with their aliases in the collections in which they are named.
    pub(crate) async fn with_aliases(
        &self,
        references: Vec<ArtifactReference>,
    ) -> Result<Vec<ShortVersion>> {
        let keys: Vec<ArtifactKey> = references.iter().map(|found| found.key).collect();
        let mut aliases = self.inner.meta.read().aliases_of_artifacts(&keys).await?;
        Ok(references
            .into_iter()
            .map(|reference| ShortVersion {
                aliases: aliases
                    .remove(&(reference.key, reference.collection))
                    .unwrap_or_default(),
                reference,
            })
            .collect())
    }

    /// A page of the versions in a collection with what is shown of them.
    ///
    /// # Errors
    /// As [`Tracking::list_versions`].
    pub async fn version_overviews(
        &self,
        caller: &Caller,
        collection: CollectionKey,
        listing: &VersionListing,
    ) -> Result<Page<VersionOverview>> {
        let page = self.list_versions(caller, collection, listing).await?;
        Ok(Page {
            items: self.overviews_of_versions(caller, page.items).await?,
            total: page.total,
        })
    }

    /// A version in a collection with what is shown of it.
    ///
    /// # Errors
    /// As [`Tracking::membership_at`].
    pub async fn get_version_at(
        &self,
        caller: &Caller,
        path: &VersionPath,
    ) -> Result<VersionOverview> {
        let membership = self.membership_at(caller, path).await?;
        let mut overviews = self.overviews_of_versions(caller, vec![membership]).await?;
        Ok(overviews.pop().expect("one version gives one overview"))
    }

    /// The version at a path, as its collection has it.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn membership_at(
        &self,
        caller: &Caller,
        path: &VersionPath,
    ) -> Result<MembershipRecord> {
        let collection = self.collection_at(caller, &path.collection).await?;
        let found = self
            .membership_in(caller, &collection, &path.version)
            .await?;
        found.ok_or_else(|| {
            TrackingError::not_found_in("artifact version", &path.version, &path.collection)
        })
    }

    /// What a run used and made, at most 1,000 versions each.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn versions_of_run(&self, caller: &Caller, run: &RunPath) -> Result<RunVersions> {
        let run = self.run_key(caller, run, Access::Read).await?;
        Ok(RunVersions {
            used: self
                .versions_in_role(caller, run, ArtifactRole::Used)
                .await?,
            logged: self
                .versions_in_role(caller, run, ArtifactRole::Logged)
                .await?,
        })
    }

    async fn versions_in_role(
        &self,
        caller: &Caller,
        run: RunKey,
        role: ArtifactRole,
    ) -> Result<Vec<VersionOverview>> {
        let db = self.inner.meta.read();
        let keys = db.artifact_keys_of_run(run, role, MAX_RUN_VERSIONS).await?;
        let mut found = self.memberships_met_by(caller, &keys).await?;
        let mut memberships = Vec::with_capacity(keys.len());
        for key in &keys {
            memberships.extend(found.remove(key));
        }
        let mut versions = self.overviews_of_versions(caller, memberships).await?;
        if role == ArtifactRole::Used {
            let mut names = db.names_of_use(run, &keys).await?;
            for version in &mut versions {
                version.used_as = names.remove(&version.membership.artifact.key);
            }
        }
        Ok(versions)
    }

    async fn overviews_of_versions(
        &self,
        caller: &Caller,
        memberships: Vec<MembershipRecord>,
    ) -> Result<Vec<VersionOverview>> {
        let keys: Vec<ArtifactKey> = memberships.iter().map(|found| found.artifact.key).collect();
        let runs: Vec<RunKey> = memberships
            .iter()
            .filter_map(|found| found.artifact.run)
            .collect();
        let db = self.inner.meta.read();
        let mut aliases = db.aliases_of_artifacts(&keys).await?;
        let mut tags = db.tags_of_artifacts(&keys).await?;
        let n_used_by = db.count_users_of_artifacts(&keys).await?;
        let runs: HashMap<RunKey, RunReference> = db
            .run_references(&runs)
            .await?
            .into_iter()
            .filter(|run| caller.may_read(run.entity, run.project))
            .map(|run| (run.key, run))
            .collect();
        Ok(memberships
            .into_iter()
            .map(|membership| {
                let artifact = &membership.artifact;
                VersionOverview {
                    aliases: aliases
                        .remove(&(artifact.key, membership.collection.key))
                        .unwrap_or_default(),
                    tags: tags.remove(&artifact.key).unwrap_or_default(),
                    logged_by: artifact.run.and_then(|run| runs.get(&run).cloned()),
                    n_used_by: n_used_by.get(&artifact.key).copied().unwrap_or_default(),
                    used_as: None,
                    source: source_seen_by(caller, &membership),
                    membership,
                }
            })
            .collect())
    }

    /// The usernames of people; those who are gone are missing.
    pub(crate) async fn names_of_users(
        &self,
        users: Vec<UserKey>,
    ) -> Result<HashMap<UserKey, String>> {
        let mut names = HashMap::new();
        for key in users {
            if let std::collections::hash_map::Entry::Vacant(entry) = names.entry(key)
                && let Some(user) = self.inner.meta.read().user(key).await?
            {
                entry.insert(user.username.as_str().to_owned());
            }
        }
        Ok(names)
    }
}

/// Where a linked version is from, if the caller may know.
pub(crate) fn source_seen_by(
    caller: &Caller,
    membership: &MembershipRecord,
) -> Option<ArtifactReference> {
    let artifact = &membership.artifact;
    let is_link = membership.collection.kind == CollectionKind::Links;
    let is_known = is_link && caller.may_list_in(&artifact.collection);
    is_known.then(|| ArtifactReference::at_home(artifact))
}
