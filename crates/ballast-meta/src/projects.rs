//! Projects of entities.

use ballast_model::{EntityKey, ProjectKey, ProjectName, Timestamp};

use crate::{Db, MetaError, Tx};

/// How many days [`ProjectOverview::activity`] covers.
pub const ACTIVITY_DAYS: usize = 30;

/// A stored project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The storage key.
    pub key: ProjectKey,
    /// The owner.
    pub entity: EntityKey,
    /// The name in URLs, unique in the entity.
    pub name: ProjectName,
    /// What it is about; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The number that its next run gets; the first run has 1.
    pub next_run_number: u64,
}

/// A project with figures of its runs. Runs in the bin do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectOverview {
    /// The project.
    pub project: ProjectRecord,
    /// How many runs it has.
    pub n_runs: u64,
    /// How many of them are live.
    pub n_live_runs: u64,
    /// The latest heartbeat of its runs.
    pub last_activity_at: Option<Timestamp>,
    /// Runs made per day (UTC), oldest day first; the last is the day of `now`.
    pub activity: [u32; ACTIVITY_DAYS],
}

// ---- queries
impl Db<'_> {
    /// The project `name` of `entity`.
    pub async fn lookup_project(
        &self,
        entity: EntityKey,
        name: &ProjectName,
    ) -> Result<Option<ProjectRecord>, MetaError> {
        todo!()
    }

    /// The project under `key`.
    pub async fn project(&self, key: ProjectKey) -> Result<Option<ProjectRecord>, MetaError> {
        todo!()
    }

    /// The projects of `entity` with their figures, by name.
    pub async fn list_projects(
        &self,
        entity: EntityKey,
        now: Timestamp,
    ) -> Result<Vec<ProjectOverview>, MetaError> {
        todo!()
    }

    /// The figures of one project.
    pub async fn project_overview(
        &self,
        key: ProjectKey,
        now: Timestamp,
    ) -> Result<Option<ProjectOverview>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// The project `name` of `entity`, made now if it is not there. The flag tells whether it was made.
    pub async fn insert_project_if_absent(
        &self,
        entity: EntityKey,
        name: &ProjectName,
        now: Timestamp,
    ) -> Result<(ProjectRecord, bool), MetaError> {
        todo!()
    }

    /// Sets the description. Returns whether there is such a project.
    pub async fn update_project(
        &self,
        key: ProjectKey,
        description: &str,
    ) -> Result<bool, MetaError> {
        todo!()
    }

    /// Deletes a project with its runs for good. Returns whether there was one.
    ///
    /// The objects are not doomed here: see [`Db::project_object_keys`].
    pub async fn delete_project(&self, key: ProjectKey) -> Result<bool, MetaError> {
        todo!()
    }
}
