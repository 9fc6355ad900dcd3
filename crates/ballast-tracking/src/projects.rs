//! Projects: where an entity keeps its runs.

use ballast_meta::{
    MetaError, ProjectAccess, ProjectOverview as OverviewRecord, ProjectRecord, Tx,
};
use ballast_model::{EntityKey, EntityName, ProjectKey, ProjectName, Role, Timestamp};

use crate::registries::is_registry;
use crate::{Access, Caller, OwnEntity, Result, Tracking, TrackingError};

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
    /// Storage key of the owner.
    pub entity_key: EntityKey,
    /// The owner.
    pub entity: EntityName,
    /// The name in URLs.
    pub name: ProjectName,
    /// What it is about; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings were last changed.
    pub updated_at: Timestamp,
    /// Whom the organization of a registry lets in.
    pub access: ProjectAccess,
    /// Whether a registry takes artifacts of every type.
    pub allow_all_artifact_types: bool,
    /// What the caller may do in it.
    pub role: Role,
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
    /// The project as `caller` sees it; `None` for a stranger.
    pub(crate) fn seen_by(
        caller: &Caller,
        entity: EntityName,
        record: ProjectRecord,
    ) -> Option<Self> {
        let role = caller.role_in_project(record.entity, record.key)?;
        Some(Self {
            key: record.key,
            entity_key: record.entity,
            entity,
            role,
            name: record.name,
            description: record.description,
            created_at: record.created_at,
            updated_at: record.updated_at,
            access: record.access,
            allow_all_artifact_types: record.allow_all_artifact_types,
        })
    }

    /// Refuses the caller if their role in the project is too small.
    pub(crate) fn check(&self, access: Access) -> Result<()> {
        access.check(self.role, format_args!("{}/{}", self.entity, self.name))
    }
}

impl ProjectOverview {
    fn new(project: Project, record: &OverviewRecord) -> Self {
        Self {
            project,
            n_runs: record.n_runs,
            n_live_runs: record.n_live_runs,
            last_activity_at: record.last_activity_at,
            activity: record.activity,
        }
    }
}

impl Tracking {
    /// A project in which the caller has any role; `None` if it does not exist or is not the caller's.
    pub async fn lookup_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<Option<Project>> {
        let Some(entity) = caller.entity_named(entity) else {
            return Ok(None);
        };
        let record = self
            .inner
            .meta
            .read()
            .lookup_project(entity.key, name)
            .await?;
        Ok(record.and_then(|record| Project::seen_by(caller, entity.name.clone(), record)))
    }

    /// A project by its storage key, in which the caller has any role; `None` if it does not exist or is not the
    /// caller's.
    pub async fn lookup_project_by_key(
        &self,
        caller: &Caller,
        key: ProjectKey,
    ) -> Result<Option<Project>> {
        let db = self.inner.meta.read();
        let Some(record) = db.project(key).await? else {
            return Ok(None);
        };
        let Some(entity) = db.entity(record.entity).await? else {
            return Ok(None);
        };
        Ok(Project::seen_by(caller, entity.name, record))
    }

    /// A project that the caller may read.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn get_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<Project> {
        self.project_for(caller, entity, name, Access::Read).await
    }

    /// A project for an operation that needs `access`.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's; [`TrackingError::Forbidden`] if the
    /// caller's role in it is too small.
    pub(crate) async fn project_for(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
        access: Access,
    ) -> Result<Project> {
        let project = self.lookup_project(caller, entity, name).await?;
        let project =
            project.ok_or_else(|| TrackingError::not_found_in("project", name, entity))?;
        project.check(access)?;
        Ok(project)
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
        let entity = caller.entity_for(entity, Access::List)?;
        let records = self
            .inner
            .meta
            .read()
            .list_projects(entity.key, self.inner.clock.now())
            .await?;
        let seen = |record: OverviewRecord| {
            let project = Project::seen_by(caller, entity.name.clone(), record.project.clone())?;
            Some(ProjectOverview::new(project, &record))
        };
        Ok(records.into_iter().filter_map(seen).collect())
    }

    /// The projects of every entity that the caller is in: the own ones first, each entity's by name. Registries, which
    /// have lists of their own, are left out.
    pub async fn list_all_projects(&self, caller: &Caller) -> Result<Vec<ProjectOverview>> {
        let mut projects = Vec::new();
        for entity in caller.entities() {
            let found = self.list_projects(caller, &entity.name).await?;
            let seen = found
                .into_iter()
                .filter(|found| !is_registry(entity.kind, &found.project.name));
            projects.extend(seen);
        }
        Ok(projects)
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
        Ok(ProjectOverview::new(project, &record))
    }

    /// Makes a project if it is missing, and sets its description if one is given. The flag tells whether it was made.
    ///
    /// Without an entity the project is in the caller's default entity.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's; [`TrackingError::Forbidden`] for
    /// a viewer; [`TrackingError::TooLarge`] for an overlong description.
    pub async fn upsert_project(
        &self,
        caller: &Caller,
        entity: Option<&EntityName>,
        name: &ProjectName,
        description: Option<String>,
    ) -> Result<(Project, bool)> {
        let entity = caller
            .entity_for(entity.unwrap_or(caller.default_entity()), Access::List)?
            .clone();
        check_description(description.as_deref())?;
        let name = name.clone();
        let now = self.inner.clock.now();
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (mut project, inserted) =
                        project_to_write(tx, &caller, &entity, &name, now).await?;
                    if let Some(description) = description {
                        tx.update_project(project.key, &description).await?;
                        project.description = description;
                    }
                    Ok((project, inserted))
                })
            })
            .await
    }

    /// Deletes a project with all its runs, rows, files and artifacts, for good. Admins of the entity only.
    ///
    /// # Errors
    /// As [`Tracking::get_project`], and [`TrackingError::Forbidden`] for others.
    pub async fn delete_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        name: &ProjectName,
    ) -> Result<()> {
        let project = self
            .project_for(caller, entity, name, Access::Manage)
            .await?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    doom_project(tx, project.key, now).await?;
                    tx.want_blobs_of_project(project.key, now).await?;
                    tx.delete_project(project.key).await
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(())
    }
}

/// Refuses an overlong description of a project.
pub(crate) fn check_description(description: Option<&str>) -> Result<()> {
    match description {
        Some(text) if text.len() > MAX_DESCRIPTION_BYTES => Err(TrackingError::TooLarge {
            what: "description",
            found: text.len() as u64,
            limit: MAX_DESCRIPTION_BYTES as u64,
        }),
        _ => Ok(()),
    }
}

/// The project `name` of `entity` for a change in it, made now if it is missing. The flag tells whether it was made.
///
/// Making one takes the right to write in the entity, changing one that in the project. Registries hold links only and
/// are made on purpose, so they are refused.
pub(crate) async fn project_to_write(
    tx: &Tx<'_>,
    caller: &Caller,
    entity: &OwnEntity,
    name: &ProjectName,
    now: Timestamp,
) -> Result<(Project, bool)> {
    if is_registry(entity.kind, name) {
        return Err(TrackingError::Conflict(format!(
            "`{}/{name}` is a registry, which holds links only; log to a project, and link versions from there",
            entity.name
        )));
    }
    let (record, inserted) = if let Some(record) = tx.lookup_project(entity.key, name).await? {
        (record, false)
    } else {
        Access::Write.check(entity.role, &entity.name)?;
        tx.insert_project_if_absent(entity.key, name, now).await?
    };
    let project = Project::seen_by(caller, entity.name.clone(), record)
        .ok_or_else(|| TrackingError::not_found_in("project", name, &entity.name))?;
    project.check(Access::Write)?;
    Ok((project, inserted))
}

/// Dooms the objects of a project, which is about to be deleted.
///
/// An object that comes into use while it is looked for would be neither found nor pending. So commits and reports that are
/// under way are waited for, and none can begin: first in what the project has, then, when nothing can come into it any
/// more, in what came meanwhile. Collections are locked before runs, as a commit does.
async fn doom_project(tx: &Tx<'_>, project: ProjectKey, now: Timestamp) -> Result<(), MetaError> {
    tx.lock_collections_of_project(project).await?;
    tx.lock_runs_of_project(project).await?;
    tx.lock_project(project).await?;
    tx.lock_collections_of_project(project).await?;
    tx.lock_runs_of_project(project).await?;
    for object in tx.project_object_keys(project).await? {
        tx.doom_object(&object, now).await?;
    }
    Ok(())
}

/// Deletes an entity with everything in it, and dooms its objects.
pub(crate) async fn delete_entity(
    tx: &Tx<'_>,
    entity: EntityKey,
    now: Timestamp,
) -> Result<(), MetaError> {
    // Nothing may come into it while its projects and contents are looked through.
    tx.lock_entity(entity).await?;
    for project in tx.list_projects(entity, now).await? {
        doom_project(tx, project.project.key, now).await?;
    }
    for object in tx.blob_objects(entity).await? {
        tx.doom_object(&object, now).await?;
    }
    tx.delete_entity(entity).await?;
    Ok(())
}
