//! Where every query starts.

use async_graphql::{Context, ID, Object, Result};

use super::access::Access;
use super::artifacts::{Artifact, ArtifactCollection, ClientIdMapping};
use super::connection::{Connection, Window};
use super::entities::{EntityNode, Organization};
use super::launch::LaunchAgent;
use super::people::{UserNode, search_users};
use super::projects::{ProjectNode, list_projects};
use super::reports::View;
use super::server_info::ServerInfo;

/// Lookups. What does not exist, or not for the caller, is null.
#[derive(Debug, Default)]
pub(crate) struct Query;

#[Object]
impl Query {
    /// The caller.
    async fn viewer(&self, context: &Context<'_>) -> Option<UserNode> {
        Some(UserNode::caller(Access::of(context)))
    }

    async fn server_info(&self) -> Option<ServerInfo> {
        Some(ServerInfo)
    }

    async fn entity(&self, context: &Context<'_>, name: Option<String>) -> Option<EntityNode> {
        EntityNode::lookup(Access::of(context), name.as_deref())
    }

    async fn organization(&self, context: &Context<'_>, name: String) -> Option<Organization> {
        Organization::lookup(Access::of(context), &name)
    }

    /// Users by name or e-mail address.
    async fn users(
        &self,
        context: &Context<'_>,
        query: Option<String>,
    ) -> Result<Option<Connection<UserNode>>> {
        search_users(Access::of(context), query.as_deref())
            .await
            .map(Some)
    }

    async fn project(
        &self,
        context: &Context<'_>,
        name: Option<String>,
        entity_name: Option<String>,
    ) -> Result<Option<ProjectNode>> {
        ProjectNode::lookup(Access::of(context), entity_name.as_deref(), name.as_deref()).await
    }

    /// A project, by the name that old documents have for it.
    async fn model(
        &self,
        context: &Context<'_>,
        name: Option<String>,
        entity_name: Option<String>,
    ) -> Result<Option<ProjectNode>> {
        ProjectNode::lookup(Access::of(context), entity_name.as_deref(), name.as_deref()).await
    }

    /// The projects of an entity.
    async fn models(
        &self,
        context: &Context<'_>,
        entity_name: Option<String>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<ProjectNode>> {
        let window = Window::new(first, after.as_deref(), 50);
        list_projects(Access::of(context), entity_name.as_deref(), window).await
    }

    async fn artifact(&self, context: &Context<'_>, id: ID) -> Result<Option<Artifact>> {
        Artifact::lookup(Access::of(context), &id).await
    }

    async fn artifact_collection(
        &self,
        context: &Context<'_>,
        id: ID,
    ) -> Result<Option<ArtifactCollection>> {
        ArtifactCollection::lookup(Access::of(context), &id).await
    }

    #[graphql(name = "clientIDMapping")]
    async fn client_id_mapping(
        &self,
        context: &Context<'_>,
        #[graphql(name = "clientID")] client_id: ID,
    ) -> Result<Option<ClientIdMapping>> {
        ClientIdMapping::lookup(Access::of(context), &client_id).await
    }

    async fn view(&self, id: ID) -> Option<View> {
        drop(id);
        None
    }

    async fn launch_agent(&self, id: ID) -> Option<LaunchAgent> {
        drop(id);
        None
    }
}
