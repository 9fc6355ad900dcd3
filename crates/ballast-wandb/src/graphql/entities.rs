//! Entities: users' own, teams and organizations.

#![expect(clippy::too_many_arguments, reason = "the arguments are the wire's")]

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use ballast_model::{EntityKey, EntityKind, EntityName, Role};
use ballast_tracking::{OwnEntity, teams};

use super::access::Access;
use super::artifacts::{ArtifactCollection, ArtifactCollectionMembership, ArtifactCollectionType};
use super::automations::{Integration, Trigger};
use super::connection::{Connection, Window};
use super::launch::DefaultResourceConfig;
use super::people::UserNode;
use super::projects::{ProjectNode, list_projects};
use super::registries::{
    RegistryFilters, list_registries, list_registry_collections, list_registry_versions,
};
use super::scalars::{Int64, Json, JsonString};
use crate::ids;

/// An owner of projects: a user's own entity, a team or an organization.
#[derive(Debug, Clone)]
pub(crate) struct EntityNode {
    pub(crate) key: EntityKey,
    pub(crate) name: EntityName,
}

impl EntityNode {
    /// The entity of that name, if the caller may see it.
    pub(crate) fn lookup(access: &Access, name: Option<&str>) -> Option<Self> {
        let name = access.entity_name(name)?;
        access.caller.entity_named(&name).map(Self::from)
    }

    /// What the caller is in it; `None` for a team that was just made, or that the caller sees by other means.
    fn own<'a>(&self, access: &'a Access) -> Option<&'a OwnEntity> {
        access.caller.entity_named(&self.name)
    }

    fn is_organization(&self, access: &Access) -> bool {
        self.own(access)
            .is_some_and(|entity| entity.kind == EntityKind::Organization)
    }
}

impl From<&OwnEntity> for EntityNode {
    fn from(entity: &OwnEntity) -> Self {
        Self {
            key: entity.key,
            name: entity.name.clone(),
        }
    }
}

#[Object(name = "Entity")]
impl EntityNode {
    async fn id(&self) -> ID {
        ids::entity(self.key)
    }

    async fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn is_team(&self, context: &Context<'_>) -> bool {
        let own = self.own(Access::of(context));
        own.is_some_and(|own| own.kind == EntityKind::Team)
    }

    /// `user`, `team` or `organization`.
    async fn entity_type(&self, context: &Context<'_>) -> &str {
        let own = self.own(Access::of(context));
        own.map_or(EntityKind::Team, |own| own.kind).as_str()
    }

    async fn available(&self) -> Option<bool> {
        Some(false)
    }

    async fn photo_url(&self) -> Option<String> {
        None
    }

    /// Whether the caller may only read it.
    async fn read_only(&self, context: &Context<'_>) -> Option<bool> {
        let own = self.own(Access::of(context));
        Some(own.is_none_or(|own| own.role < Role::Member))
    }

    async fn read_only_admin(&self) -> bool {
        false
    }

    async fn private_only(&self) -> bool {
        true
    }

    async fn storage_bytes(&self) -> Int64 {
        Int64(0)
    }

    async fn code_saving_enabled(&self) -> bool {
        true
    }

    async fn default_access(&self) -> &str {
        "PRIVATE"
    }

    async fn is_paid(&self) -> Option<bool> {
        Some(false)
    }

    async fn limits(&self) -> Option<Json> {
        None
    }

    async fn members(&self, context: &Context<'_>) -> Result<Vec<Member>> {
        let access = Access::of(context);
        let Some(own) = self.own(access) else {
            return Ok(Vec::new());
        };
        let (tracking, caller) = (&access.tracking, &access.caller);
        let members = match own.kind {
            EntityKind::User => vec![teams::Member {
                key: caller.user_key(),
                username: caller.entity().clone(),
                email: caller.email().to_owned(),
                role: own.role,
            }],
            EntityKind::Team => tracking.get_team(caller, &self.name).await?.members,
            EntityKind::Organization => {
                tracking.get_organization(caller, &self.name).await?.members
            }
        };
        Ok(members.into_iter().map(Member::from).collect())
    }

    /// The organization of a team; of an organization's entity, the organization itself.
    async fn organization(&self, context: &Context<'_>) -> Option<Organization> {
        let access = Access::of(context);
        let own = self.own(access)?;
        let key = own.organization.unwrap_or(own.key);
        let mut entities = access.caller.entities().iter();
        Organization::of(entities.find(|entity| entity.key == key)?)
    }

    /// Whose own entity it is.
    async fn user(&self, context: &Context<'_>) -> Option<UserNode> {
        let access = Access::of(context);
        let own = self.own(access)?;
        (own.kind == EntityKind::User).then(|| UserNode::caller(access))
    }

    async fn project(
        &self,
        context: &Context<'_>,
        name: Option<String>,
    ) -> Result<Option<ProjectNode>> {
        ProjectNode::lookup(
            Access::of(context),
            Some(self.name.as_str()),
            name.as_deref(),
        )
        .await
    }

    async fn projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only registries are filtered and sorted.")] filters: Option<JsonString>,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
    ) -> Result<Connection<ProjectNode>> {
        let access = Access::of(context);
        let window = Window::new(first, after.as_deref(), 50);
        if self.is_organization(access) {
            // The client takes each of them for a registry.
            let page = window.of_search(context);
            let (filters, order) = (filters.as_ref(), order.as_deref());
            return list_registries(access, &self.name, filters, order, page).await;
        }
        list_projects(access, Some(self.name.as_str()), window).await
    }

    async fn triggers(
        &self,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
        filters: Option<JsonString>,
    ) -> Option<Connection<Trigger>> {
        let _ = (first, after, order, filters);
        Some(Connection::empty())
    }

    async fn integrations(
        &self,
        first: Option<i64>,
        after: Option<String>,
    ) -> Option<Connection<Integration>> {
        let _ = (first, after);
        Some(Connection::empty())
    }

    async fn default_resource_config(&self, id: ID) -> Option<DefaultResourceConfig> {
        let _ = id;
        None
    }

    async fn xxhash_digests_enabled(&self) -> Option<bool> {
        Some(false)
    }

    /// Collections of registries.
    async fn artifact_collections(
        &self,
        context: &Context<'_>,
        project_filters: Option<JsonString>,
        filters: Option<JsonString>,
        collection_types: Option<Vec<ArtifactCollectionType>>,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
    ) -> Result<Option<Connection<ArtifactCollection>>> {
        let access = Access::of(context);
        // Registries hold links only.
        let links =
            collection_types.is_none_or(|types| types.contains(&ArtifactCollectionType::Portfolio));
        if !links || !self.is_organization(access) {
            return Ok(Some(Connection::empty()));
        }
        let page = Window::new(first, after.as_deref(), 50).of_search(context);
        let filters = RegistryFilters {
            registries: project_filters.as_ref(),
            collections: filters.as_ref(),
            order: order.as_deref(),
        };
        list_registry_collections(access, &self.name, filters, page)
            .await
            .map(Some)
    }

    /// Versions in registries.
    async fn artifact_memberships(
        &self,
        context: &Context<'_>,
        project_filters: Option<JsonString>,
        collection_filters: Option<JsonString>,
        filters: Option<JsonString>,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
    ) -> Result<Option<Connection<ArtifactCollectionMembership>>> {
        let access = Access::of(context);
        if !self.is_organization(access) {
            return Ok(Some(Connection::empty()));
        }
        let page = Window::new(first, after.as_deref(), 50).of_search(context);
        let within = RegistryFilters {
            registries: project_filters.as_ref(),
            collections: collection_filters.as_ref(),
            order: order.as_deref(),
        };
        list_registry_versions(access, &self.name, within, filters.as_ref(), page)
            .await
            .map(Some)
    }
}

/// A user in an entity.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Member {
    id: Option<String>,
    admin: Option<bool>,
    role: Option<String>,
    pending: Option<bool>,
    email: Option<String>,
    username: Option<String>,
    name: String,
    photo_url: Option<String>,
    account_type: Option<String>,
    api_key: Option<String>,
}

impl From<teams::Member> for Member {
    fn from(member: teams::Member) -> Self {
        Self {
            id: Some(ids::user(member.key).to_string()),
            admin: Some(member.role == Role::Admin),
            role: Some(member.role.as_str().to_owned()),
            pending: Some(false),
            email: Some(member.email),
            username: Some(member.username.to_string()),
            name: member.username.to_string(),
            photo_url: None,
            account_type: Some("USER".to_owned()),
            api_key: None,
        }
    }
}

/// Users and teams under one roof.
#[derive(Debug, Clone)]
pub(crate) struct Organization {
    entity: OwnEntity,
}

impl Organization {
    /// The organization of that name, if the caller is in it.
    pub(crate) fn lookup(access: &Access, name: &str) -> Option<Self> {
        let name = EntityName::new(name).ok()?;
        Self::of(access.caller.entity_named(&name)?)
    }

    pub(super) fn of(entity: &OwnEntity) -> Option<Self> {
        (entity.kind == EntityKind::Organization).then(|| Self {
            entity: entity.clone(),
        })
    }
}

#[Object]
impl Organization {
    async fn id(&self) -> ID {
        ids::encode("Organization", self.entity.key)
    }

    async fn name(&self) -> &str {
        self.entity.name.as_str()
    }

    /// The entity that has the registries, of the same name.
    async fn org_entity(&self) -> Option<EntityNode> {
        Some(EntityNode::from(&self.entity))
    }

    async fn feature_flags(
        &self,
        #[graphql(name = "rampIDType")] ramp_id_type: Option<RampIdType>,
    ) -> Vec<RampFeature> {
        let _ = ramp_id_type;
        Vec::new()
    }

    async fn core_weave_organization_id(&self) -> Option<String> {
        None
    }

    async fn advanced_registry_features(&self) -> Option<AdvancedRegistryFeatures> {
        Some(AdvancedRegistryFeatures {
            advanced_search: true,
        })
    }

    async fn triggers(
        &self,
        first: Option<i64>,
        after: Option<String>,
        order: Option<String>,
        filters: Option<JsonString>,
    ) -> Connection<Trigger> {
        let _ = (first, after, order, filters);
        Connection::empty()
    }
}

/// A switch of an organization.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct RampFeature {
    ramp_key: String,
    is_enabled: bool,
}

/// Switches of the registry.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct AdvancedRegistryFeatures {
    advanced_search: bool,
}

/// What the switches of an organization are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "RampIDType")]
pub(crate) enum RampIdType {
    #[graphql(name = "OrgName")]
    OrgName,
}
