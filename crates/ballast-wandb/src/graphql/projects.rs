//! Projects.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::{EntityName, ProjectName, RunId, RunPath};
use ballast_tracking::TrackingError;
use ballast_tracking::projects::Project;
use ballast_tracking::registries::{is_registry, is_registry_name};
use ballast_tracking::runs::RunQuery;

use super::access::Access;
use super::artifacts::{
    Artifact, ArtifactCollection, ArtifactCollectionMembership, ArtifactType, collection_search,
    list_collections, list_types, lookup_collection, lookup_membership, lookup_type,
};
use super::automations::Trigger;
use super::connection::{Connection, Window};
use super::entities::EntityNode;
use super::launch::RunQueue;
use super::people::UserNode;
use super::registries::{
    ProjectMember, ProjectTeamMember, access_name, list_members, list_teams, upsert_registry,
};
use super::reports::View;
use super::runs::RunNode;
use super::scalars::{DateTime, JsonString};
use super::sweeps::{SweepNode, count as count_sweeps};
use crate::filters::{parse_filter, parse_order};
use crate::ids;
use crate::refusal::Refusal;

/// A project.
#[derive(Debug, Clone)]
pub(crate) struct ProjectNode {
    project: Project,
}

impl From<Project> for ProjectNode {
    fn from(project: Project) -> Self {
        Self { project }
    }
}

impl ProjectNode {
    /// The project of that name, of the caller's own entity where none is named; `None` if the caller may not see
    /// one.
    pub(crate) async fn lookup(
        access: &Access,
        entity: Option<&str>,
        name: Option<&str>,
    ) -> Result<Option<Self>> {
        let Some(entity) = access.entity_name(entity) else {
            return Ok(None);
        };
        let Some(name) = name.and_then(|name| ProjectName::new(name).ok()) else {
            return Ok(None);
        };
        let found = access
            .tracking
            .lookup_project(&access.caller, &entity, &name)
            .await?;
        Ok(found.map(Self::from))
    }

    async fn find_run(&self, access: &Access, name: &str) -> Result<Option<RunNode>> {
        let Ok(run) = RunId::new(name) else {
            return Ok(None);
        };
        let path = RunPath {
            entity: self.project.entity.clone(),
            project: self.project.name.clone(),
            run,
        };
        let found = access.tracking.lookup_run(&access.caller, &path).await?;
        Ok(found.map(RunNode::from))
    }

    async fn find_runs(
        &self,
        access: &Access,
        filters: Option<JsonString>,
        order: Option<&str>,
        window: Window,
    ) -> Result<Connection<RunNode>> {
        let query = RunQuery {
            filter: parse_filter(filters.as_ref().map(|text| text.0.as_str()))?,
            order: parse_order(order),
            offset: window.offset,
            limit: window.limit,
        };
        let Project { entity, name, .. } = &self.project;
        let found = access
            .tracking
            .query_runs(&access.caller, entity, name, &query)
            .await?;
        let runs = found.items.into_iter().map(RunNode::from).collect();
        Ok(Connection::page(runs, window.offset, found.total))
    }
}

/// A page of an entity's projects; no projects if the caller may not see the entity.
pub(crate) async fn list_projects(
    access: &Access,
    entity: Option<&str>,
    window: Window,
) -> Result<Connection<ProjectNode>> {
    let Some(entity) = access.entity_name(entity) else {
        return Ok(Connection::empty());
    };
    match access.tracking.list_projects(&access.caller, &entity).await {
        Ok(projects) => {
            let projects = projects
                .into_iter()
                .map(|overview| ProjectNode::from(overview.project));
            Ok(Connection::page_of(projects.collect(), window))
        }
        Err(TrackingError::NotFound { .. }) => Ok(Connection::empty()),
        Err(error) => Err(error.into()),
    }
}

#[Object(name = "Project")]
impl ProjectNode {
    async fn id(&self) -> ID {
        ids::project(self.project.key)
    }

    async fn internal_id(&self) -> ID {
        ids::project_internal(self.project.key)
    }

    async fn name(&self) -> &str {
        self.project.name.as_str()
    }

    async fn entity_name(&self) -> &str {
        self.project.entity.as_str()
    }

    async fn entity(&self) -> EntityNode {
        EntityNode {
            key: self.project.entity_key,
            name: self.project.entity.clone(),
        }
    }

    /// What it is about; null for a registry of which nothing is said.
    async fn description(&self) -> Option<&str> {
        let description = self.project.description.as_str();
        let is_said = !description.is_empty() || !is_registry_name(&self.project.name);
        is_said.then_some(description)
    }

    async fn access(&self) -> Option<&str> {
        Some(access_name(self.project.access))
    }

    async fn views(&self) -> Option<JsonString> {
        None
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.project.created_at)
    }

    async fn updated_at(&self) -> Option<DateTime> {
        Some(DateTime(self.project.updated_at))
    }

    async fn is_benchmark(&self) -> bool {
        false
    }

    async fn read_only(&self) -> Option<bool> {
        Some(false)
    }

    async fn user(&self, context: &Context<'_>) -> Option<UserNode> {
        Some(UserNode::caller(Access::of(context)))
    }

    async fn repo(&self) -> Option<String> {
        None
    }

    async fn docker_image(&self) -> Option<String> {
        None
    }

    async fn run(
        &self,
        context: &Context<'_>,
        name: String,
        desc: Option<String>,
    ) -> Result<Option<RunNode>> {
        drop(desc);
        self.find_run(Access::of(context), &name).await
    }

    /// A run, by the name that old documents have for it.
    async fn bucket(
        &self,
        context: &Context<'_>,
        name: String,
        missing_ok: Option<bool>,
        desc: Option<String>,
    ) -> Result<Option<RunNode>> {
        let _ = (missing_ok, desc);
        self.find_run(Access::of(context), &name).await
    }

    async fn runs(
        &self,
        context: &Context<'_>,
        filters: Option<JsonString>,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
    ) -> Result<Connection<RunNode>> {
        let window = Window::new(first, after.as_deref(), 50);
        self.find_runs(Access::of(context), filters, order.as_deref(), window)
            .await
    }

    async fn buckets(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<RunNode>> {
        let window = Window::new(first, after.as_deref(), 50);
        self.find_runs(Access::of(context), None, Some("-created_at"), window)
            .await
    }

    async fn run_count(&self, context: &Context<'_>, filters: Option<JsonString>) -> Result<i64> {
        let window = Window {
            offset: 0,
            limit: 0,
        };
        Ok(self
            .find_runs(Access::of(context), filters, None, window)
            .await?
            .total())
    }

    async fn sweep(&self, context: &Context<'_>, sweep_name: String) -> Result<Option<SweepNode>> {
        SweepNode::lookup(Access::of(context), &self.project, &sweep_name).await
    }

    /// The sweeps, newest first.
    async fn sweeps(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        filters: Option<JsonString>,
    ) -> Result<Option<Connection<SweepNode>>> {
        let window = Window::new(first, after.as_deref(), 50);
        SweepNode::list(Access::of(context), &self.project, filters.as_ref(), window)
            .await
            .map(Some)
    }

    async fn total_sweeps(&self, context: &Context<'_>) -> Result<i64> {
        count_sweeps(Access::of(context), &self.project).await
    }

    async fn all_views(
        &self,
        view_type: Option<String>,
        view_name: Option<String>,
        user_name: Option<String>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Option<Connection<View>> {
        let _ = (view_type, view_name, user_name, first, after);
        Some(Connection::empty())
    }

    /// The version that `collection:alias` means.
    async fn artifact(
        &self,
        context: &Context<'_>,
        name: String,
        enable_tracking: Option<bool>,
    ) -> Result<Option<Artifact>> {
        let _ = enable_tracking;
        let found = lookup_membership(Access::of(context), &self.project, &name).await?;
        Ok(found.map(|membership| membership.artifact.into()))
    }

    async fn artifact_type(
        &self,
        context: &Context<'_>,
        name: String,
    ) -> Result<Option<ArtifactType>> {
        lookup_type(Access::of(context), &self.project, &name).await
    }

    async fn artifact_types(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        include_all: Option<bool>,
    ) -> Result<Connection<ArtifactType>> {
        let _ = include_all;
        let window = Window::new(first, after.as_deref(), 50);
        list_types(Access::of(context), &self.project, window).await
    }

    async fn artifact_collection(
        &self,
        context: &Context<'_>,
        name: String,
    ) -> Result<Option<ArtifactCollection>> {
        let found = lookup_collection(Access::of(context), &self.project, &name).await?;
        Ok(found.map(ArtifactCollection::from))
    }

    async fn artifact_collections(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        filters: Option<JsonString>,
        order: Option<String>,
    ) -> Result<Option<Connection<ArtifactCollection>>> {
        let search = collection_search(
            filters.as_ref(),
            order.as_deref(),
            Window::new(first, after.as_deref(), 50).of_search(context),
        )?;
        list_collections(Access::of(context), &self.project, None, &search)
            .await
            .map(Some)
    }

    /// The place that `collection:alias` means.
    async fn artifact_collection_membership(
        &self,
        context: &Context<'_>,
        name: String,
    ) -> Result<Option<ArtifactCollectionMembership>> {
        let found = lookup_membership(Access::of(context), &self.project, &name).await?;
        Ok(found.map(ArtifactCollectionMembership::from))
    }

    /// The users of a registry that were given a role in it.
    async fn members(&self, context: &Context<'_>) -> Result<Vec<ProjectMember>> {
        list_members(Access::of(context), &self.project).await
    }

    /// The teams of a registry that were given a role in it.
    async fn team_members(&self, context: &Context<'_>) -> Result<Vec<ProjectTeamMember>> {
        list_teams(Access::of(context), &self.project).await
    }

    async fn allow_all_artifact_types_in_registry(&self) -> bool {
        self.project.allow_all_artifact_types
    }

    async fn triggers(&self) -> Vec<Trigger> {
        Vec::new()
    }

    async fn run_queues(&self) -> Option<Vec<RunQueue>> {
        Some(Vec::new())
    }

    async fn run_queue(&self, name: String) -> Option<RunQueue> {
        drop(name);
        None
    }
}

/// Changes to projects.
#[derive(Debug, Default)]
pub(crate) struct ProjectMutations;

/// A project to make or change.
#[derive(Debug, InputObject)]
pub(crate) struct UpsertModelInput {
    id: Option<String>,
    name: Option<String>,
    entity_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) access: Option<String>,
    pub(super) allow_all_artifact_types_in_registry: Option<bool>,
    pub(super) artifact_types: Option<Vec<ArtifactTypeInput>>,
    icon: Option<ProjectIconInput>,
    views: Option<JsonString>,
    repo: Option<String>,
    docker_image: Option<String>,
    framework: Option<String>,
    is_benchmark: Option<bool>,
    is_published: Option<bool>,
    owner: Option<ID>,
    client_mutation_id: Option<String>,
}

/// A kind of artifact that a registry accepts.
#[derive(Debug, InputObject)]
pub(crate) struct ArtifactTypeInput {
    pub(super) name: String,
    description: Option<String>,
}

/// How a registry is drawn, which we do not keep.
#[derive(Debug, InputObject)]
pub(crate) struct ProjectIconInput {
    name: String,
    color: String,
}

/// The project as it is now.
#[derive(Debug, SimpleObject)]
pub(crate) struct UpsertModelPayload {
    project: ProjectNode,
    /// The same, by the name that old documents have for it.
    model: ProjectNode,
    inserted: bool,
    client_mutation_id: Option<String>,
}

#[Object]
impl ProjectMutations {
    /// Makes a project, or changes its description; of a registry, all its settings.
    async fn upsert_model(
        &self,
        context: &Context<'_>,
        input: UpsertModelInput,
    ) -> Result<Option<UpsertModelPayload>> {
        let access = Access::of(context);
        let name = input
            .name
            .clone()
            .ok_or_else(|| Refusal::invalid("no project is named"))?;
        let name = ProjectName::new(name).map_err(Refusal::from)?;
        let entity = match input.entity_name.as_deref().filter(|name| !name.is_empty()) {
            Some(entity) => Some(EntityName::new(entity).map_err(Refusal::from)?),
            None => None,
        };
        let client_mutation_id = input.client_mutation_id.clone();
        let owner = entity.as_ref();
        let owner = owner.and_then(|entity| access.caller.entity_named(entity));
        let (project, inserted) = match owner {
            Some(owner) if is_registry(owner.kind, &name) => {
                upsert_registry(access, &owner.name, &name, input).await?
            }
            _ => {
                access
                    .tracking
                    .upsert_project(&access.caller, entity.as_ref(), &name, input.description)
                    .await?
            }
        };
        let project = ProjectNode::from(project);
        Ok(Some(UpsertModelPayload {
            model: project.clone(),
            project,
            inserted,
            client_mutation_id,
        }))
    }
}
