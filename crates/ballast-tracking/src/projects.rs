//! Projects: where an entity keeps its runs.

use ballast_meta::{MetaError, ProjectOverview as OverviewRecord, ProjectRecord};
use ballast_model::{EntityKey, EntityName, ProjectKey, ProjectName, Timestamp};

use crate::{Caller, Result, Tracking, TrackingError};

pub use ballast_meta::ACTIVITY_DAYS;

/// The project of runs whose script names none.
pub const DEFAULT_PROJECT: &str = "uncategorized";

/// Longest description, in bytes.
const MAX_DESCRIPTION_BYTES: usize = 64 << 10;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Storage key.
    pub key: ProjectKey,
    /// The owner.
    pub entity: EntityName,
    /// The name in URLs.
    pub name: ProjectName,
    /// What it is about; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A project with figures of its runs, the bin left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectOverview {
    /// The project.
    pub project: Project,
    /// How many runs it has.
    pub n_runs: u64,
    /// How many of them are live.
    pub n_live_runs: u64,
    /// The latest report of its runs.
    pub last_activity_at: Option<Timestamp>,
    /// Runs started per day (UTC), oldest day first; the last is today.
    pub activity: [u32; ACTIVITY_DAYS],
}

impl Project {
    pub(crate) fn new(entity: EntityName, record: ProjectRecord) -> Self {
        Self {
            key: record.key,
            entity,
            name: record.name,
            description: record.description,
            created_at: record.created_at,
        }
    }
}

impl ProjectOverview {
    fn new(entity: EntityName, record: OverviewRecord) -> Self {
        Self {
            project: Project::new(entity, record.project),
            n_runs: record.n_runs,
            n_live_runs: record.n_live_runs,
            last_activity_at: record.last_activity_at,
            activity: record.activity,
        }
    }
}

impl Tracking {
    /// The storage key of an entity that the caller may use, and its name as stored.
    ///
    /// `None` both for an unknown entity and for another user's, so that names cannot be probed.
    pub(crate) async fn usable_entity(
        &self,
        caller: &Caller,
        name: &EntityName,
    ) -> Result<Option<(EntityKey, EntityName)>> {
        if name == caller.entity() {
            return Ok(Some((caller.entity_key, name.clone())));
        }
        let entity = self.inner.meta.read().lookup_entity(name).await?;
        Ok(entity
            .filter(|entity| caller.may_use(entity.key))
            .map(|entity| (entity.key, entity.name)))
    }

    async fn get_entity(
        &self,
        caller: &Caller,
        name: &EntityName,
    ) -> Result<(EntityKey, EntityName)> {
        self.usable_entity(caller, name)
            .await?
            .ok_or_else(|| TrackingError::not_found("entity", name))
    }

    /// Whether the caller may use the entity `name`.
    pub async fn may_use_entity(&self, caller: &Caller, name: &EntityName) -> Result<bool> {
        Ok(self.usable_entity(caller, name).await?.is_some())
    }

    /// A project; `None` if it does not exist or is not the caller's.
    pub async fn lookup_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<Option<Project>> {
        let Some((key, entity)) = self.usable_entity(caller, entity).await? else {
            return Ok(None);
        };
        let record = self.inner.meta.read().lookup_project(key, name).await?;
        Ok(record.map(|record| Project::new(entity, record)))
    }

    /// A project.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn get_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<Project> {
        let project = self.lookup_project(caller, entity, name).await?;
        project.ok_or_else(|| TrackingError::not_found_in("project", name, entity))
    }

    /// The projects of an entity, by name.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's.
    pub async fn list_projects(
        &self,
        caller: &Caller,
        entity: &EntityName,
    ) -> Result<Vec<ProjectOverview>> {
        let (key, entity) = self.get_entity(caller, entity).await?;
        let records = self
            .inner
            .meta
            .read()
            .list_projects(key, self.inner.clock.now())
            .await?;
        Ok(records
            .into_iter()
            .map(|record| ProjectOverview::new(entity.clone(), record))
            .collect())
    }

    /// A project with figures of its runs.
    ///
    /// # Errors
    /// As [`Tracking::get_project`].
    pub async fn project_overview(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<ProjectOverview> {
        let project = self.get_project(caller, entity, name).await?;
        let record = self
            .inner
            .meta
            .read()
            .project_overview(project.key, self.inner.clock.now())
            .await?;
        let record = record.ok_or_else(|| TrackingError::not_found_in("project", name, entity))?;
        Ok(ProjectOverview::new(project.entity, record))
    }

    /// Makes a project if it is missing, and sets its description if one is given. The flag tells whether it was made.
    ///
    /// Without an entity the project is the caller's own.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's; [`TrackingError::TooLarge`]
    /// for an overlong description.
    pub async fn upsert_project(
        &self,
        caller: &Caller,
        entity: Option<&EntityName>,
        name: &ProjectName,
        description: Option<String>,
    ) -> Result<(Project, bool)> {
        let (entity_key, entity) = self
            .get_entity(caller, entity.unwrap_or(caller.entity()))
            .await?;
        if let Some(text) = description
            .as_ref()
            .filter(|text| text.len() > MAX_DESCRIPTION_BYTES)
        {
            let (found, limit) = (text.len() as u64, MAX_DESCRIPTION_BYTES as u64);
            return Err(TrackingError::TooLarge {
                what: "description",
                found,
                limit,
            });
        }
        let name = name.clone();
        let now = self.inner.clock.now();
        let (record, inserted) = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (mut record, inserted) =
                        tx.insert_project_if_absent(entity_key, &name, now).await?;
                    if let Some(description) = description {
                        tx.update_project(record.key, &description).await?;
                        record.description = description;
                    }
                    Ok::<_, MetaError>((record, inserted))
                })
            })
            .await?;
        Ok((Project::new(entity, record), inserted))
    }

    /// Deletes a project with all its runs, rows, files and artifacts, for good.
    ///
    /// # Errors
    /// As [`Tracking::get_project`].
    pub async fn delete_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<()> {
        let project = self.get_project(caller, entity, name).await?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_runs_of_project(project.key).await?;
                    for object in tx.project_object_keys(project.key).await? {
                        tx.doom_object(&object, now).await?;
                    }
                    tx.want_blobs_of_project(project.key, now).await?;
                    tx.delete_project(project.key).await
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(())
    }
}
