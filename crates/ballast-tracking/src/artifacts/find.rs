//! Finding versions, collections and types.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ballast_meta::artifacts::{
    AliasRecord, ArtifactRecord, ArtifactRole, ArtifactTypeRecord, CollectionQuery,
    CollectionRecord, MembershipRecord, RunArtifactQuery, VersionQuery,
};
use ballast_model::names::version_number;
use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTypeName, CollectionKey, CollectionName, EntityName,
    MembershipKey, ProjectName, RunPath,
};

use super::LATEST;
use crate::runs::Run;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// How often a version may have turned out to be the same as another before that one did.
const MAX_HOPS: usize = 16;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// How many items all pages have.
    pub total: u64,
}

/// Which collections of a project to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionListing {
    /// Only collections of this type.
    pub artifact_type: Option<ArtifactTypeName>,
    /// Text that the name contains, in any case of its ASCII letters.
    pub search: Option<String>,
    /// Only collections older than this one.
    pub before: Option<CollectionKey>,
    /// How many to pass over.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

/// Which versions of a collection to list, newest first unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionListing {
    /// Versions that have all of these tags.
    pub tags: Vec<String>,
    /// Oldest first.
    pub oldest_first: bool,
    /// Only versions with smaller numbers.
    pub before: Option<u64>,
    /// How many to pass over.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

impl Tracking {
    /// A version by its storage key, in whatever state; `None` if it does not exist or the caller may not know of it,
    /// neither in its own project nor by a link. For one that turned out to be the same as another, that other one.
    pub async fn lookup_version(
        &self,
        caller: &Caller,
        key: ArtifactKey,
    ) -> Result<Option<ArtifactRecord>> {
        self.lookup_version_for(caller, key, Access::List).await
    }

    async fn lookup_version_for(
        &self,
        caller: &Caller,
        key: ArtifactKey,
        access: Access,
    ) -> Result<Option<ArtifactRecord>> {
        let db = self.inner.meta.read();
        let mut key = key;
        for _ in 0..MAX_HOPS {
            let Some(found) = db.artifact(key).await? else {
                return Ok(None);
            };
            let own = &found.collection;
            let links = if caller.may_read(own.entity, own.project) {
                Vec::new()
            } else {
                db.memberships_of(found.key).await?
            };
            if caller.check_version(&found, &links, access)?.is_none() {
                return Ok(None);
            }
            match found.same_as {
                Some(same) => key = same,
                None => return Ok(Some(found)),
            }
        }
        Ok(None)
    }

    /// A version by its storage key, as [`Tracking::lookup_version`].
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller may not know of it.
    pub async fn get_version(&self, caller: &Caller, key: ArtifactKey) -> Result<ArtifactRecord> {
        self.version_for(caller, key, Access::List).await
    }

    /// A version for an operation that needs `access` to it.
    ///
    /// # Errors
    /// As [`Tracking::get_version`], and [`TrackingError::Forbidden`] if the caller's role is too small.
    pub(crate) async fn version_for(
        &self,
        caller: &Caller,
        key: ArtifactKey,
        access: Access,
    ) -> Result<ArtifactRecord> {
        self.lookup_version_for(caller, key, access)
            .await?
            .ok_or_else(|| TrackingError::not_found("artifact version", key))
    }

    /// Where the caller meets each of these versions: in its own collection, or else by a link that they may know of.
    /// Versions that they meet nowhere are missing.
    pub(crate) async fn memberships_met_by(
        &self,
        caller: &Caller,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, MembershipRecord>> {
        let found = self
            .inner
            .meta
            .read()
            .memberships_of_artifacts(artifacts)
            .await?;
        let mut met: HashMap<ArtifactKey, MembershipRecord> = HashMap::with_capacity(found.len());
        for membership in found {
            if !caller.may_list_in(&membership.collection) {
                continue;
            }
            let is_own = membership.collection.key == membership.artifact.collection.key;
            match met.entry(membership.artifact.key) {
                Entry::Occupied(mut known) if is_own => {
                    known.insert(membership);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(membership);
                }
            }
        }
        Ok(met)
    }

    /// The version that `name` means in a project: `collection`, `collection:alias` or `collection:v3`. Without alias,
    /// the latest. `None` if there is none.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn lookup_membership(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        name: &str,
    ) -> Result<Option<MembershipRecord>> {
        let (collection, alias) = name.split_once(':').unwrap_or((name, LATEST));
        let Ok(collection) = CollectionName::new(collection) else {
            return Ok(None);
        };
        let found = self
            .lookup_collection(caller, entity, project, &collection)
            .await?;
        match found {
            Some(collection) => self.membership_in(caller, &collection, alias).await,
            None => Ok(None),
        }
    }

    /// The version of a collection that has this alias or number; `None` if there is none.
    pub async fn membership_in(
        &self,
        caller: &Caller,
        collection: &CollectionRecord,
        alias: &str,
    ) -> Result<Option<MembershipRecord>> {
        let db = self.inner.meta.read();
        let found = match (version_number(alias), ArtifactAlias::new(alias)) {
            (Some(version), _) => db.membership_by_version(collection.key, version).await?,
            (None, Ok(alias)) => db.membership_by_alias(collection.key, &alias).await?,
            (None, Err(_)) => None,
        };
        Ok(found.filter(|found| caller.may_list_in(&found.collection)))
    }

    /// A membership by its storage key; `None` if it does not exist or is not the caller's.
    pub async fn lookup_membership_by_key(
        &self,
        caller: &Caller,
        key: MembershipKey,
    ) -> Result<Option<MembershipRecord>> {
        let found = self.inner.meta.read().membership(key).await?;
        Ok(found.filter(|found| caller.may_list_in(&found.collection)))
    }

    /// The collection `name` of a project; `None` if there is none.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn lookup_collection(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        name: &CollectionName,
    ) -> Result<Option<CollectionRecord>> {
        let project = self
            .project_for(caller, entity, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        Ok(db.lookup_collection(project.key, name).await?)
    }

    /// A collection by its storage key, also if it is deleted; `None` if it does not exist or is not the caller's.
    pub async fn lookup_collection_by_key(
        &self,
        caller: &Caller,
        key: CollectionKey,
    ) -> Result<Option<CollectionRecord>> {
        let found = self.inner.meta.read().collection(key).await?;
        Ok(found.filter(|found| caller.may_list_in(found)))
    }

    /// A page of the collections of a project.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn list_collections(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        listing: &CollectionListing,
    ) -> Result<Page<CollectionRecord>> {
        let project = self
            .project_for(caller, entity, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        let artifact_type = match &listing.artifact_type {
            Some(name) => match db.lookup_artifact_type(project.key, name).await? {
                Some(found) => Some(found.key),
                None => {
                    return Ok(Page {
                        items: Vec::new(),
                        total: 0,
                    });
                }
            },
            None => None,
        };
        let query = CollectionQuery {
            projects: vec![project.key],
            artifact_type,
            kind: None,
            search: listing.search.clone(),
            before: listing.before,
            order: None,
            offset: listing.offset as u64,
            limit: listing.limit as u64,
        };
        Ok(Page {
            items: db.list_collections(&query).await?,
            total: db.count_collections(&query).await?,
        })
    }

    /// The artifact type `name` of a project; `None` if there is none.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn lookup_artifact_type(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        name: &ArtifactTypeName,
    ) -> Result<Option<ArtifactTypeRecord>> {
        let project = self
            .project_for(caller, entity, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        Ok(db.lookup_artifact_type(project.key, name).await?)
    }

    /// The artifact types of a project, by name.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn list_artifact_types(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
    ) -> Result<Vec<ArtifactTypeRecord>> {
        let project = self
            .project_for(caller, entity, project, Access::List)
            .await?;
        Ok(self
            .inner
            .meta
            .read()
            .list_artifact_types(project.key)
            .await?)
    }

    /// A page of the versions in a collection.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the collection is not the caller's.
    pub async fn list_versions(
        &self,
        caller: &Caller,
        collection: CollectionKey,
        listing: &VersionListing,
    ) -> Result<Page<MembershipRecord>> {
        self.get_collection(caller, collection).await?;
        let query = VersionQuery {
            collection,
            tags: listing.tags.clone(),
            oldest_first: listing.oldest_first,
            before: listing.before,
            offset: listing.offset as u64,
            limit: listing.limit as u64,
        };
        let db = self.inner.meta.read();
        Ok(Page {
            items: db.list_versions(&query).await?,
            total: db.count_versions(&query).await?,
        })
    }

    /// The newest version that a collection owns; `None` if it has none.
    ///
    /// # Errors
    /// As [`Tracking::list_versions`].
    pub async fn latest_version(
        &self,
        caller: &Caller,
        collection: CollectionKey,
    ) -> Result<Option<ArtifactRecord>> {
        self.get_collection(caller, collection).await?;
        Ok(self.inner.meta.read().latest_version(collection).await?)
    }

    /// A collection that is not deleted, for an operation that needs `access` to its project.
    pub(super) async fn collection_for(
        &self,
        caller: &Caller,
        key: CollectionKey,
        access: Access,
    ) -> Result<CollectionRecord> {
        let found = self.get_collection(caller, key).await?;
        caller.check_in(&found, access)?;
        Ok(found)
    }

    /// A collection that is not deleted, by its storage key.
    pub(super) async fn get_collection(
        &self,
        caller: &Caller,
        key: CollectionKey,
    ) -> Result<CollectionRecord> {
        self.lookup_collection_by_key(caller, key)
            .await?
            .filter(|collection| !collection.is_deleted)
            .ok_or_else(|| TrackingError::not_found("artifact collection", key))
    }

    /// The aliases of a version in all collections that the caller may see, in byte order.
    ///
    /// # Errors
    /// As [`Tracking::get_version`].
    pub async fn version_aliases(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<Vec<AliasRecord>> {
        let artifact = self.get_version(caller, artifact).await?;
        let db = self.inner.meta.read();
        let mut aliases = db.aliases_of_artifact(artifact.key).await?;
        aliases.retain(|alias| caller.may_list_in(&alias.collection));
        Ok(aliases)
    }

    /// The aliases of a version in one collection, in byte order.
    pub async fn membership_aliases(
        &self,
        caller: &Caller,
        membership: MembershipKey,
    ) -> Result<Vec<AliasRecord>> {
        let db = self.inner.meta.read();
        let mut aliases = db.aliases_of_membership(membership).await?;
        aliases.retain(|alias| caller.may_list_in(&alias.collection));
        Ok(aliases)
    }

    /// The aliases of a collection, in byte order.
    ///
    /// # Errors
    /// As [`Tracking::list_versions`].
    pub async fn collection_aliases(
        &self,
        caller: &Caller,
        collection: CollectionKey,
    ) -> Result<Vec<AliasRecord>> {
        self.get_collection(caller, collection).await?;
        Ok(self
            .inner
            .meta
            .read()
            .aliases_of_collection(collection)
            .await?)
    }

    /// The tags of a version, in byte order.
    ///
    /// # Errors
    /// As [`Tracking::get_version`].
    pub async fn version_tags(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<Vec<String>> {
        let artifact = self.get_version(caller, artifact).await?;
        Ok(self.inner.meta.read().artifact_tags(artifact.key).await?)
    }

    /// The tags of a collection, in byte order.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the collection is not the caller's.
    pub async fn collection_tags(
        &self,
        caller: &Caller,
        collection: CollectionKey,
    ) -> Result<Vec<String>> {
        let found = self.lookup_collection_by_key(caller, collection).await?;
        found.ok_or_else(|| TrackingError::not_found("artifact collection", collection))?;
        Ok(self.inner.meta.read().collection_tags(collection).await?)
    }

    /// The collections that a version is in, its own first, as far as the caller may see them.
    ///
    /// # Errors
    /// As [`Tracking::get_version`].
    pub async fn version_memberships(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<Vec<MembershipRecord>> {
        let artifact = self.get_version(caller, artifact).await?;
        let db = self.inner.meta.read();
        let mut memberships = db.memberships_of(artifact.key).await?;
        memberships.retain(|membership| caller.may_list_in(&membership.collection));
        Ok(memberships)
    }

    /// The version that a client's own identifier stands for; for a collection's, its newest. `None` if it is unknown
    /// or not the caller's.
    pub async fn version_by_client_id(
        &self,
        caller: &Caller,
        client_id: &str,
    ) -> Result<Option<ArtifactRecord>> {
        let db = self.inner.meta.read();
        let artifact = match db.client_id(client_id).await? {
            Some((Some(artifact), _)) => Some(artifact),
            Some((None, Some(collection))) => db
                .latest_version(collection)
                .await?
                .map(|artifact| artifact.key),
            Some((None, None)) | None => None,
        };
        match artifact {
            Some(key) => self.lookup_version(caller, key).await,
            None => Ok(None),
        }
    }

    /// A page of the versions that a run logged or used, in the order in which it did.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn run_versions(
        &self,
        caller: &Caller,
        run: &RunPath,
        role: ArtifactRole,
        offset: usize,
        limit: usize,
    ) -> Result<Page<ArtifactRecord>> {
        let query = RunArtifactQuery {
            run: self.run_key(caller, run, Access::Read).await?,
            role,
            offset: offset as u64,
            limit: limit as u64,
        };
        let db = self.inner.meta.read();
        let mut items = db.artifacts_of_run(&query).await?;
        let keys: Vec<ArtifactKey> = items.iter().map(|artifact| artifact.key).collect();
        let met = self.memberships_met_by(caller, &keys).await?;
        items.retain(|artifact| met.contains_key(&artifact.key));
        let total = db.count_artifacts_of_run(&query).await?;
        Ok(Page { items, total })
    }

    /// The runs that logged or used a version, in the order in which they were made, as far as the caller may see them.
    ///
    /// # Errors
    /// As [`Tracking::get_version`].
    pub async fn version_runs(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        role: ArtifactRole,
    ) -> Result<Vec<Run>> {
        let artifact = self.get_version(caller, artifact).await?;
        let keys = self
            .inner
            .meta
            .read()
            .runs_of_artifact(artifact.key, role)
            .await?;
        let mut runs = Vec::with_capacity(keys.len());
        for key in keys {
            runs.extend(self.lookup_run_by_key(caller, key).await?);
        }
        Ok(runs)
    }
}
