//! Registries: where an organization shows its members which versions count.
//!
//! A registry is a project of an organization whose name begins with [`REGISTRY_PREFIX`]. It holds collections of links
//! to versions of other projects, and whoever may read it may read the versions through it. Its members have the
//! roles that they have in the organization, unless it is restricted, and users and teams may have greater ones in it.

mod cards;
mod members;
mod protected;
mod search;

use ballast_meta::{MetaError, ProjectAccess, ProjectRecord, RegistryPatch, Tx};
use ballast_model::{
    ArtifactAlias, ArtifactTypeName, EntityKey, EntityKind, EntityName, NameError, ProjectKey,
    ProjectName, REGISTRY_PREFIX, Role, Timestamp, UserKey,
};

use crate::projects::{Project, check_description};
use crate::{Access, Caller, OwnEntity, Result, Tracking, TrackingError};

pub use ballast_meta::artifacts::NamedVersion;
pub use ballast_meta::{ProjectAccess as RegistryAccess, ProjectTeamRecord, RegistryFigures};
pub use cards::{Card, CardListing, LatestVersion, NAMED_PER_CARD};
pub use members::{Holders, RegistryMember, RegistryMembers, Via};
pub(crate) use protected::{check_aliases, check_loss};
pub use search::{RegistryField, RegistrySearch};

/// A registry as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// The organization.
    pub organization: EntityKey,
    /// The project that it is, with the caller's role in it.
    pub project: Project,
    /// The artifact types that it names, in byte order. Unless it takes all, it takes these only.
    pub artifact_types: Vec<ArtifactTypeName>,
    /// The aliases that only its admins give and take, in byte order.
    pub protected_aliases: Vec<ArtifactAlias>,
    /// What it adds up to.
    pub figures: RegistryFigures,
}

impl Registry {
    /// The name without the prefix.
    pub fn name(&self) -> &str {
        short_name(&self.project.name)
    }
}

/// The name of a registry without the prefix that its project has.
fn short_name(project: &ProjectName) -> &str {
    let name = project.as_str();
    name.strip_prefix(REGISTRY_PREFIX).unwrap_or(name)
}

/// Whether a project is a registry if an organization owns it.
pub fn is_registry_name(project: &ProjectName) -> bool {
    let name = project.as_str().strip_prefix(REGISTRY_PREFIX);
    name.is_some_and(|name| !name.is_empty())
}

/// Whether a project of an entity is a registry.
pub fn is_registry(kind: EntityKind, project: &ProjectName) -> bool {
    kind == EntityKind::Organization && is_registry_name(project)
}

/// The project of the registry `name`.
///
/// # Errors
/// [`NameError`] if no registry can be called so.
pub fn registry_project(name: &str) -> Result<ProjectName, NameError> {
    if name.is_empty() {
        // An empty name is refused as it is, not as what it would be with the prefix.
        return ProjectName::new(name);
    }
    ProjectName::new(format!("{REGISTRY_PREFIX}{name}"))
}

/// A registry to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistry {
    /// The project, whose name has the prefix.
    pub project: ProjectName,
    /// What it is about; may be empty.
    pub description: String,
    /// Whom the organization lets in.
    pub access: ProjectAccess,
    /// Whether it takes artifacts of every type; else those of `artifact_types`.
    pub allow_all_artifact_types: bool,
    /// The artifact types that it names.
    pub artifact_types: Vec<ArtifactTypeName>,
}

/// What to change about a registry. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryChanges {
    /// Another name of the project, with the prefix.
    pub project: Option<ProjectName>,
    /// What it is about.
    pub description: Option<String>,
    /// Whom the organization lets in.
    pub access: Option<ProjectAccess>,
    /// Whether it takes artifacts of every type.
    pub allow_all_artifact_types: Option<bool>,
    /// Artifact types that it takes besides; none is ever taken away.
    pub add_artifact_types: Vec<ArtifactTypeName>,
    /// All aliases that only its admins give and take from now on.
    pub protected_aliases: Option<Vec<ArtifactAlias>>,
}

/// Most artifact types that one request adds to a registry.
const MAX_TYPES: usize = 1000;
/// How many artifact types an error names.
const MAX_NAMED_TYPES: usize = 10;

impl Tracking {
    /// The registries of an organization in which the caller has a role, by name.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the organization does not exist or is not the caller's.
    pub async fn list_registries(
        &self,
        caller: &Caller,
        organization: &EntityName,
    ) -> Result<Vec<Registry>> {
        let organization = organization_for(caller, organization, Access::List)?;
        let records = self
            .inner
            .meta
            .read()
            .list_registries(organization.key)
            .await?;
        self.registries_seen_by(caller, &organization.name, records)
            .await
    }

    /// The registry that a project is.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist, or the caller has no role in it.
    pub async fn get_registry(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
    ) -> Result<Registry> {
        let (organization, record) = self
            .registry_for(caller, organization, project, Access::List)
            .await?;
        self.registry_of(caller, &organization, record).await
    }

    /// Makes a registry, in which the caller becomes an admin.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the organization does not exist or is not the caller's;
    /// [`TrackingError::Forbidden`] for viewers of the organization; [`TrackingError::Conflict`] if there is one of that
    /// name; [`TrackingError::Invalid`] and [`TrackingError::TooLarge`] for what cannot be stored.
    pub async fn create_registry(
        &self,
        caller: &Caller,
        organization: &EntityName,
        new: NewRegistry,
    ) -> Result<Registry> {
        let organization = organization_for(caller, organization, Access::Write)?.clone();
        check_name(&new.project)?;
        check_description(Some(&new.description))?;
        check_types(&new.artifact_types)?;
        let (user, now) = (caller.user_key(), self.inner.clock.now());
        let owner = organization.clone();
        let project = new.project.clone();
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { insert(tx, &owner, new, user, now).await }))
            .await?;
        // The caller did not have the role in the new registry when the request came.
        let caller = self.with_roles_of_now(caller).await?;
        self.get_registry(&caller, &organization.name, &project)
            .await
    }

    /// Changes a registry. Its admins only.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`]; [`TrackingError::Forbidden`] for others; [`TrackingError::Conflict`] if the
    /// organization has another registry of the new name; [`TrackingError::Invalid`] and
    /// [`TrackingError::TooLarge`] for what cannot be stored.
    pub async fn update_registry(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        changes: RegistryChanges,
    ) -> Result<Registry> {
        let (organization, record) = self
            .registry_for(caller, organization, project, Access::Manage)
            .await?;
        if let Some(name) = &changes.project {
            check_name(name)?;
        }
        check_description(changes.description.as_deref())?;
        check_types(&changes.add_artifact_types)?;
        protected::check_names(changes.protected_aliases.as_deref().unwrap_or_default())?;
        let (key, now) = (record.key, self.inner.clock.now());
        let name = changes.project.clone().unwrap_or(record.name);
        let changed = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let patch = RegistryPatch {
                        name: changes.project,
                        description: changes.description,
                        access: changes.access,
                        allow_all_artifact_types: changes.allow_all_artifact_types,
                    };
                    let only_named = patch.allow_all_artifact_types == Some(false);
                    tx.update_registry(key, patch, now).await?;
                    name_types(tx, key, &changes.add_artifact_types, now).await?;
                    if let Some(aliases) = &changes.protected_aliases {
                        tx.set_protected_aliases(key, aliases).await?;
                    }
                    if only_named {
                        // What is in it stays allowed.
                        let used = tx.list_artifact_types(key).await?;
                        let used: Vec<_> = used.into_iter().map(|used| used.name).collect();
                        tx.add_registry_artifact_types(key, &used).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match changed {
            Err(error) if MetaError::is_conflict(&error) => {
                return Err(taken(&name, &organization.name));
            }
            changed => changed?,
        }
        let record = self.inner.meta.read().project(key).await?;
        let record = record.ok_or_else(|| not_found(&name, &organization.name))?;
        // Whether it is restricted may be what changed.
        let caller = self.with_roles_of_now(caller).await?;
        self.registry_of(&caller, &organization, record).await
    }

    /// Deletes a registry with its collections, and all links in them. The versions stay where they are. Its admins only.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`], and [`TrackingError::Forbidden`] for others.
    pub async fn delete_registry(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
    ) -> Result<()> {
        self.registry_for(caller, organization, project, Access::Manage)
            .await?;
        self.delete_project(caller, organization, project).await
    }

    /// A registry for an operation that needs `access` to it, with its organization.
    pub(crate) async fn registry_for(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        access: Access,
    ) -> Result<(OwnEntity, ProjectRecord)> {
        let organization = organization_for(caller, organization, Access::List)?;
        let missing = || not_found(project, &organization.name);
        if !is_registry(organization.kind, project) {
            return Err(missing());
        }
        let record = self
            .inner
            .meta
            .read()
            .lookup_project(organization.key, project)
            .await?
            .ok_or_else(missing)?;
        let role = caller
            .role_in_project(record.entity, record.key)
            .ok_or_else(missing)?;
        access.check(role, format_args!("{}/{project}", organization.name))?;
        Ok((organization.clone(), record))
    }

    async fn registry_of(
        &self,
        caller: &Caller,
        organization: &OwnEntity,
        record: ProjectRecord,
    ) -> Result<Registry> {
        let name = record.name.clone();
        let mut registries = self
            .registries_seen_by(caller, &organization.name, vec![record])
            .await?;
        registries
            .pop()
            .ok_or_else(|| not_found(&name, &organization.name))
    }

    /// Registries as the caller sees them; those in which the caller has no role are left out.
    async fn registries_seen_by(
        &self,
        caller: &Caller,
        organization: &EntityName,
        records: Vec<ProjectRecord>,
    ) -> Result<Vec<Registry>> {
        let seen = |record: ProjectRecord| {
            let owner = record.entity;
            Some((
                owner,
                Project::seen_by(caller, organization.clone(), record)?,
            ))
        };
        let projects: Vec<(EntityKey, Project)> = records.into_iter().filter_map(seen).collect();
        let keys: Vec<ProjectKey> = projects.iter().map(|(_, project)| project.key).collect();
        let db = self.inner.meta.read();
        let figures = db.registry_figures(&keys).await?;
        let mut types = db.registry_artifact_types(&keys).await?;
        let mut protected = db.protected_aliases(&keys).await?;
        Ok(projects
            .into_iter()
            .map(|(organization, project)| Registry {
                organization,
                artifact_types: types.remove(&project.key).unwrap_or_default(),
                protected_aliases: protected.remove(&project.key).unwrap_or_default(),
                figures: figures.get(&project.key).copied().unwrap_or_default(),
                project,
            })
            .collect())
    }
}

/// The organization `name` for an operation that needs `access` to it.
pub(crate) fn organization_for<'a>(
    caller: &'a Caller,
    name: &EntityName,
    access: Access,
) -> Result<&'a OwnEntity> {
    let found = caller.entity_named(name);
    let found = found
        .filter(|entity| entity.kind == EntityKind::Organization)
        .ok_or_else(|| TrackingError::not_found("organization", name))?;
    access.check(found.role, &found.name)?;
    Ok(found)
}

/// The registry `name` of `organization` for a link to a version of a type.
///
/// # Errors
/// [`TrackingError::NotFound`] if there is none that the caller may know of: registries are not made by linking;
/// [`TrackingError::Forbidden`] if the caller's role in it is too small; [`TrackingError::Conflict`] if it does not take
/// the type.
pub(crate) async fn registry_to_link(
    tx: &Tx<'_>,
    caller: &Caller,
    organization: &OwnEntity,
    name: &ProjectName,
    artifact_type: &ArtifactTypeName,
) -> Result<Project> {
    let record = tx.lookup_project(organization.key, name).await?;
    let project = record
        .and_then(|record| Project::seen_by(caller, organization.name.clone(), record))
        .ok_or_else(|| not_found(name, &organization.name))?;
    project.check(Access::Write)?;
    check_type(tx, &project, artifact_type).await?;
    Ok(project)
}

/// Refuses a type that a registry does not take.
async fn check_type(
    tx: &Tx<'_>,
    registry: &Project,
    artifact_type: &ArtifactTypeName,
) -> Result<()> {
    if registry.allow_all_artifact_types {
        return Ok(());
    }
    let mut types = tx.registry_artifact_types(&[registry.key]).await?;
    let types = types.remove(&registry.key).unwrap_or_default();
    if types.contains(artifact_type) {
        return Ok(());
    }
    let named: Vec<String> = types
        .iter()
        .take(MAX_NAMED_TYPES)
        .map(|name| format!("`{name}`"))
        .collect();
    let expected = match named.len() {
        0 => "it takes no type yet".to_owned(),
        _ => format!("expected {}", named.join(", ")),
    };
    Err(TrackingError::Conflict(format!(
        "registry `{}` does not take artifacts of type `{artifact_type}`: {expected}",
        short_name(&registry.name)
    )))
}

fn not_found(project: &ProjectName, organization: &EntityName) -> TrackingError {
    TrackingError::not_found_in("registry", short_name(project), organization)
}

fn taken(project: &ProjectName, organization: &EntityName) -> TrackingError {
    TrackingError::Conflict(format!(
        "organization `{organization}` has another registry `{}`",
        short_name(project)
    ))
}

fn check_name(project: &ProjectName) -> Result<()> {
    if is_registry_name(project) {
        return Ok(());
    }
    Err(TrackingError::Invalid(format!(
        "project `{project}` cannot be a registry: expected a name that begins with `{REGISTRY_PREFIX}`"
    )))
}

fn check_types(types: &[ArtifactTypeName]) -> Result<()> {
    if types.len() <= MAX_TYPES {
        return Ok(());
    }
    Err(TrackingError::Invalid(format!(
        "{} artifact types in one request; at most {MAX_TYPES} are possible",
        types.len()
    )))
}

/// Adds artifact types that a registry takes, which are then types of the project, too.
async fn name_types(
    tx: &Tx<'_>,
    registry: ProjectKey,
    types: &[ArtifactTypeName],
    now: Timestamp,
) -> Result<(), MetaError> {
    for name in types {
        tx.insert_artifact_type_if_absent(registry, name, None, now)
            .await?;
    }
    tx.add_registry_artifact_types(registry, types).await
}

async fn insert(
    tx: &Tx<'_>,
    organization: &OwnEntity,
    new: NewRegistry,
    user: UserKey,
    now: Timestamp,
) -> Result<()> {
    let (record, inserted) = tx
        .insert_project_if_absent(organization.key, &new.project, now)
        .await?;
    if !inserted {
        // Also if the caller does not see that one: names are unique for everyone.
        return Err(taken(&new.project, &organization.name));
    }
    let patch = RegistryPatch {
        name: None,
        description: Some(new.description),
        access: Some(new.access),
        allow_all_artifact_types: Some(new.allow_all_artifact_types),
    };
    tx.update_registry(record.key, patch, now).await?;
    name_types(tx, record.key, &new.artifact_types, now).await?;
    tx.put_project_member(record.key, user, Role::Admin, false, now)
        .await?;
    Ok(())
}
