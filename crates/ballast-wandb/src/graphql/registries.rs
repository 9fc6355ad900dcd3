//! Registries, which are projects of organizations on the wire.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::{ArtifactTypeName, EntityName, ParseRoleError, ProjectName, Role as ModelRole};
use ballast_tracking::artifacts::{SearchPage, VersionSearch};
use ballast_tracking::projects::Project;
use ballast_tracking::registries::{
    Holders, NewRegistry, ProjectTeamRecord, RegistryAccess, RegistryChanges, RegistryMember,
    RegistrySearch, is_registry_name,
};

use super::access::Access;
use super::artifacts::{
    ArtifactCollection, ArtifactCollectionMembership, SuccessPayload, collection_search,
};
use super::connection::Connection;
use super::entities::EntityNode;
use super::projects::{ProjectNode, UpsertModelInput};
use super::scalars::JsonString;
use crate::filters::{
    parse_collection_filter, parse_registry_filter, parse_registry_order, parse_version_filter,
    parse_version_order,
};
use crate::ids;
use crate::refusal::Refusal;

/// What is said of the access to a registry that every member of its organization sees, and of every other project.
const PRIVATE: &str = "PRIVATE";
/// What is said of the access to a registry that only its own members see.
const RESTRICTED: &str = "RESTRICTED";

/// The role of whoever is added to a registry without one.
const FIRST_ROLE: ModelRole = ModelRole::Viewer;

/// The name of an access on the wire.
pub(crate) fn access_name(access: RegistryAccess) -> &'static str {
    match access {
        RegistryAccess::Private => PRIVATE,
        RegistryAccess::Restricted => RESTRICTED,
    }
}

fn access_of(name: &str) -> Result<RegistryAccess, Refusal> {
    match name {
        PRIVATE => Ok(RegistryAccess::Private),
        RESTRICTED => Ok(RegistryAccess::Restricted),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(Refusal::invalid(format!(
                "access `{shown}` is unknown: expected `{PRIVATE}` or `{RESTRICTED}`"
            )))
        }
    }
}

fn text(json: Option<&JsonString>) -> Option<&str> {
    json.map(|json| json.0.as_str())
}

/// A page of the registries of an organization.
pub(crate) async fn list_registries(
    access: &Access,
    organization: &EntityName,
    filters: Option<&JsonString>,
    order: Option<&str>,
    page: SearchPage,
) -> Result<Connection<ProjectNode>> {
    let search = RegistrySearch {
        filter: parse_registry_filter(text(filters))?,
        order: parse_registry_order(order)?,
        page,
    };
    let found = access
        .tracking
        .search_registries(&access.caller, organization, &search)
        .await?;
    Ok(Connection::found(found.map(|registry| registry.project)))
}

/// What is asked for of what registries have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegistryFilters<'a> {
    /// What the registries have to fit.
    pub(crate) registries: Option<&'a JsonString>,
    /// What their collections have to fit.
    pub(crate) collections: Option<&'a JsonString>,
    /// The order of what is asked for.
    pub(crate) order: Option<&'a str>,
}

/// A page of the collections of registries.
pub(crate) async fn list_registry_collections(
    access: &Access,
    organization: &EntityName,
    filters: RegistryFilters<'_>,
    page: SearchPage,
) -> Result<Connection<ArtifactCollection>> {
    let registries = parse_registry_filter(text(filters.registries))?;
    let search = collection_search(filters.collections, filters.order, page)?;
    let found = access
        .tracking
        .search_registry_collections(&access.caller, organization, &registries, &search)
        .await?;
    Ok(Connection::found(found))
}

/// A page of the versions in registries.
pub(crate) async fn list_registry_versions(
    access: &Access,
    organization: &EntityName,
    filters: RegistryFilters<'_>,
    versions: Option<&JsonString>,
    page: SearchPage,
) -> Result<Connection<ArtifactCollectionMembership>> {
    let registries = parse_registry_filter(text(filters.registries))?;
    let search = VersionSearch {
        collections: parse_collection_filter(text(filters.collections))?,
        filter: parse_version_filter(text(versions))?,
        order: parse_version_order(filters.order)?.unwrap_or_default(),
        page,
    };
    let found = access
        .tracking
        .search_registry_versions(&access.caller, organization, &registries, &search)
        .await?;
    Ok(Connection::found(found))
}

/// A user of a registry.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ProjectMember {
    id: ID,
    name: Option<String>,
    username: Option<String>,
    email: Option<String>,
    role: Role,
}

/// A team of a registry.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ProjectTeamMember {
    team: EntityNode,
    role: Role,
}

/// What a member may do.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Role {
    name: String,
}

impl From<ModelRole> for Role {
    fn from(role: ModelRole) -> Self {
        Self {
            name: role.as_str().to_owned(),
        }
    }
}

/// The users who were given a role in a registry; none for other projects.
pub(crate) async fn list_members(access: &Access, project: &Project) -> Result<Vec<ProjectMember>> {
    if !is_registry_name(&project.name) {
        return Ok(Vec::new());
    }
    let members = access
        .tracking
        .own_registry_members(&access.caller, &project.entity, &project.name)
        .await?;
    let member = |user: RegistryMember| ProjectMember {
        id: ids::user(user.user),
        name: Some(user.username.to_string()),
        username: Some(user.username.to_string()),
        email: Some(user.email),
        role: user.role.into(),
    };
    Ok(members.users.into_iter().map(member).collect())
}

/// The teams that were given a role in a registry; none for other projects.
pub(crate) async fn list_teams(
    access: &Access,
    project: &Project,
) -> Result<Vec<ProjectTeamMember>> {
    if !is_registry_name(&project.name) {
        return Ok(Vec::new());
    }
    let members = access
        .tracking
        .own_registry_members(&access.caller, &project.entity, &project.name)
        .await?;
    let team = |team: ProjectTeamRecord| ProjectTeamMember {
        team: EntityNode {
            key: team.team,
            name: team.name,
        },
        role: team.role.into(),
    };
    Ok(members.teams.into_iter().map(team).collect())
}

/// Makes a registry, or changes it. The flag tells whether it was made.
pub(crate) async fn upsert_registry(
    access: &Access,
    organization: &EntityName,
    project: &ProjectName,
    input: UpsertModelInput,
) -> Result<(Project, bool)> {
    let (tracking, caller) = (&access.tracking, &access.caller);
    let project_access = input.access.as_deref().map(access_of).transpose()?;
    let types = input.artifact_types.unwrap_or_default();
    let artifact_types = types
        .into_iter()
        .map(|named| ArtifactTypeName::new(named.name))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Refusal::from)?;
    let known = tracking
        .lookup_project(caller, organization, project)
        .await?;
    let allow_all = input.allow_all_artifact_types_in_registry;
    if known.is_some() {
        let changes = RegistryChanges {
            project: None,
            description: input.description,
            access: project_access,
            allow_all_artifact_types: allow_all,
            add_artifact_types: artifact_types,
            protected_aliases: None,
        };
        let changed = tracking
            .update_registry(caller, organization, project, changes)
            .await?;
        return Ok((changed.project, false));
    }
    let new = NewRegistry {
        project: project.clone(),
        description: input.description.unwrap_or_default(),
        access: project_access.unwrap_or(RegistryAccess::Private),
        allow_all_artifact_types: allow_all.unwrap_or(artifact_types.is_empty()),
        artifact_types,
    };
    let made = tracking.create_registry(caller, organization, new).await?;
    Ok((made.project, true))
}

/// Changes to registries and their members.
#[derive(Debug, Default)]
pub(crate) struct RegistryMutations;

macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        pub(crate) struct $name {
            $($field: $type,)*
            client_mutation_id: Option<String>,
        }
    )* };
}

inputs! {
    /// A registry that is to be called otherwise.
    RenameProjectInput {
        entity_name: String,
        old_project_name: String,
        new_project_name: String,
    }
    /// A project to delete.
    DeleteModelInput { id: String, }
    /// Users and teams to add to a registry.
    CreateProjectMembersInput {
        project_id: ID,
        user_ids: Option<Vec<ID>>,
        team_ids: Option<Vec<ID>>,
    }
    /// Users and teams to take out of a registry.
    DeleteProjectMembersInput {
        project_id: ID,
        user_ids: Option<Vec<ID>>,
        team_ids: Option<Vec<ID>>,
    }
    /// Another role for a user of a registry.
    UpdateProjectMemberInput {
        project_id: ID,
        user_id: ID,
        user_project_role: String,
    }
    /// Another role for a team of a registry.
    UpdateProjectTeamMemberInput {
        project_id: ID,
        team_id: ID,
        team_project_role: String,
    }
}

/// The project as it is now.
#[derive(Debug, SimpleObject)]
pub(crate) struct RenameProjectPayload {
    project: ProjectNode,
    inserted: bool,
    client_mutation_id: Option<String>,
}

#[Object]
impl RegistryMutations {
    /// Gives a registry another name.
    async fn rename_project(
        &self,
        context: &Context<'_>,
        input: RenameProjectInput,
    ) -> Result<Option<RenameProjectPayload>> {
        let access = Access::of(context);
        let organization = EntityName::new(input.entity_name).map_err(Refusal::from)?;
        let project = ProjectName::new(input.old_project_name).map_err(Refusal::from)?;
        let changes = RegistryChanges {
            project: Some(ProjectName::new(input.new_project_name).map_err(Refusal::from)?),
            ..RegistryChanges::default()
        };
        let renamed = access
            .tracking
            .update_registry(&access.caller, &organization, &project, changes)
            .await?;
        Ok(Some(RenameProjectPayload {
            project: renamed.project.into(),
            inserted: false,
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Deletes a project or registry with everything in it.
    async fn delete_model(
        &self,
        context: &Context<'_>,
        input: DeleteModelInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let project = project_by_id(access, &input.id).await?;
        access
            .tracking
            .delete_project(&access.caller, &project.entity, &project.name)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Adds users and teams to a registry. Those who are in it keep their roles.
    async fn create_project_members(
        &self,
        context: &Context<'_>,
        input: CreateProjectMembersInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let project = project_by_id(access, &input.project_id).await?;
        let holders = holders(input.user_ids, input.team_ids)?;
        put_roles(access, &project, holders, FIRST_ROLE, true).await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Takes users and teams out of a registry. Those who are not in it are passed over.
    async fn delete_project_members(
        &self,
        context: &Context<'_>,
        input: DeleteProjectMembersInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let project = project_by_id(access, &input.project_id).await?;
        let holders = holders(input.user_ids, input.team_ids)?;
        access
            .tracking
            .delete_registry_roles(&access.caller, &project.entity, &project.name, holders)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Gives a user another role in a registry.
    async fn update_project_member(
        &self,
        context: &Context<'_>,
        input: UpdateProjectMemberInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let project = project_by_id(access, &input.project_id).await?;
        let holders = holders(Some(vec![input.user_id]), None)?;
        let role = role_of(&input.user_project_role)?;
        put_roles(access, &project, holders, role, false).await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Gives a team another role in a registry.
    async fn update_project_team_member(
        &self,
        context: &Context<'_>,
        input: UpdateProjectTeamMemberInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let project = project_by_id(access, &input.project_id).await?;
        let holders = holders(None, Some(vec![input.team_id]))?;
        let role = role_of(&input.team_project_role)?;
        put_roles(access, &project, holders, role, false).await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }
}

/// The project behind an id.
///
/// # Errors
/// [`Refusal`] (404) if there is none that the caller may know of.
async fn project_by_id(access: &Access, id: &str) -> Result<Project, Refusal> {
    let project = match ids::project_key(id) {
        Some(key) => {
            let (tracking, caller) = (&access.tracking, &access.caller);
            tracking.lookup_project_by_key(caller, key).await?
        }
        None => None,
    };
    project.ok_or_else(|| Refusal::not_found("project", id))
}

/// The users and teams behind ids.
fn holders(users: Option<Vec<ID>>, teams: Option<Vec<ID>>) -> Result<Holders, Refusal> {
    let user = |id: ID| ids::user_key(&id).ok_or_else(|| Refusal::not_found("user", &id));
    let team = |id: ID| ids::entity_key(&id).ok_or_else(|| Refusal::not_found("team", &id));
    let (users, teams) = (users.unwrap_or_default(), teams.unwrap_or_default());
    Ok(Holders {
        users: users.into_iter().map(user).collect::<Result<_, _>>()?,
        teams: teams.into_iter().map(team).collect::<Result<_, _>>()?,
    })
}

fn role_of(name: &str) -> Result<ModelRole, Refusal> {
    name.parse()
        .map_err(|error: ParseRoleError| Refusal::invalid(error.to_string()))
}

async fn put_roles(
    access: &Access,
    project: &Project,
    holders: Holders,
    role: ModelRole,
    keep: bool,
) -> Result<()> {
    let (entity, project) = (&project.entity, &project.name);
    access
        .tracking
        .put_registry_roles(&access.caller, entity, project, holders, role, keep)
        .await?;
    Ok(())
}
