//! Users, their keys, and entities.

#![expect(clippy::too_many_arguments, reason = "the arguments are the wire's")]

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::{EntityKind, EntityName};
use ballast_tracking::people::{ApiKey, User};

use super::absent::absent_types;
use super::access::Access;
use super::artifacts::{
    ArtifactCollection, ArtifactCollectionMembership, ArtifactCollectionType, SuccessPayload,
};
use super::automations::{Integration, Trigger};
use super::connection::{Connection, Window};
use super::launch::DefaultResourceConfig;
use super::projects::{ProjectNode, list_projects};
use super::registries::{
    CollectionFilters, VersionFilters, list_registries, list_registry_collections,
    list_registry_versions,
};
use super::scalars::{DateTime, Int64, Json, JsonString};
use crate::ids;
use crate::refusal::Refusal;

/// Settings of a user that the client looks at: code is saved unless the user says otherwise.
const USER_FLAGS: &str = r#"{"code_saving_enabled": true}"#;

/// A person who signs in.
#[derive(Debug, Clone)]
pub(crate) struct UserNode {
    username: String,
    email: Option<String>,
    is_admin: Option<bool>,
}

impl UserNode {
    /// The caller.
    pub(crate) fn caller(access: &Access) -> Self {
        Self {
            username: access.caller.username().to_owned(),
            email: Some(access.caller.email().to_owned()),
            is_admin: Some(access.caller.is_admin()),
        }
    }

    /// The user of that name, of whom the caller may know no more; the name is empty if the user is gone.
    pub(crate) fn named(access: &Access, username: &str) -> Self {
        if username == access.caller.username() {
            Self::caller(access)
        } else {
            Self {
                username: username.to_owned(),
                email: None,
                is_admin: None,
            }
        }
    }
}

impl From<User> for UserNode {
    fn from(user: User) -> Self {
        Self {
            username: user.username.to_string(),
            email: Some(user.email),
            is_admin: Some(user.is_admin),
        }
    }
}

#[Object(name = "User")]
impl UserNode {
    async fn id(&self) -> ID {
        ids::encode("User", &self.username)
    }

    async fn name(&self) -> &str {
        &self.username
    }

    async fn username(&self) -> &str {
        &self.username
    }

    async fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    async fn admin(&self) -> Option<bool> {
        self.is_admin
    }

    /// JSON in a string.
    async fn flags(&self) -> JsonString {
        JsonString(USER_FLAGS.to_owned())
    }

    /// The name of the entity where runs go that name none.
    async fn entity(&self) -> &str {
        &self.username
    }

    async fn deleted_at(&self) -> Option<DateTime> {
        None
    }

    async fn photo_url(&self) -> Option<String> {
        None
    }

    /// The caller's own keys, without their secrets; those of others are not told.
    async fn api_keys(&self, context: &Context<'_>) -> Result<Connection<ApiKeyNode>> {
        let access = Access::of(context);
        if self.username != access.caller.username() {
            return Ok(Connection::empty());
        }
        let keys = access.tracking.list_api_keys(&access.caller).await?;
        Ok(Connection::whole(
            keys.into_iter().map(ApiKeyNode::from).collect(),
        ))
    }

    /// The entities that the user can log to; the personal one is among them.
    async fn teams(&self, context: &Context<'_>) -> Connection<EntityNode> {
        let own = EntityName::new(self.username.as_str()).ok();
        let visible = own.filter(|_| self.username == Access::of(context).caller.username());
        Connection::whole(
            visible
                .map(|name| EntityNode { name })
                .into_iter()
                .collect(),
        )
    }

    async fn organizations(&self) -> Vec<Organization> {
        Vec::new()
    }

    async fn projects(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<ProjectNode>> {
        let window = Window::new(first, after.as_deref(), 50);
        list_projects(Access::of(context), Some(&self.username), window).await
    }
}

/// An API key. Its secret is told once, when it is made.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "ApiKey")]
pub(crate) struct ApiKeyNode {
    id: ID,
    /// What the client lists: the secret where it was just made, else its last characters.
    name: String,
    description: Option<String>,
}

impl From<ApiKey> for ApiKeyNode {
    fn from(key: ApiKey) -> Self {
        Self {
            id: ids::api_key(key.id),
            name: format!("…{}", key.hint),
            description: Some(key.name),
        }
    }
}

/// An owner of projects: today a user's own entity.
#[derive(Debug, Clone)]
pub(crate) struct EntityNode {
    pub(crate) name: EntityName,
}

impl EntityNode {
    /// The entity of that name, if the caller may see it.
    pub(crate) fn lookup(access: &Access, name: Option<&str>) -> Option<Self> {
        let name = access.entity_name(name)?;
        let own = access.caller.entity();
        name.as_str()
            .eq_ignore_ascii_case(own.as_str())
            .then(|| Self { name: own.clone() })
    }
}

impl EntityNode {
    fn is_organization(&self, access: &Access) -> bool {
        let own = access.caller.entity_named(&self.name);
        own.is_some_and(|entity| entity.kind == EntityKind::Organization)
    }
}

#[Object(name = "Entity")]
impl EntityNode {
    async fn id(&self) -> ID {
        ids::encode("Entity", &self.name)
    }

    async fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn is_team(&self) -> bool {
        false
    }

    /// `user`, `team` or `organization`.
    async fn entity_type(&self) -> &str {
        "user"
    }

    async fn available(&self) -> Option<bool> {
        Some(false)
    }

    async fn photo_url(&self) -> Option<String> {
        None
    }

    async fn read_only(&self) -> Option<bool> {
        Some(false)
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

    async fn members(&self, context: &Context<'_>) -> Vec<Member> {
        let caller = &Access::of(context).caller;
        vec![Member {
            id: Some(ids::encode("User", caller.username()).to_string()),
            admin: Some(caller.is_admin()),
            role: Some("admin".to_owned()),
            pending: Some(false),
            email: Some(caller.email().to_owned()),
            username: Some(caller.username().to_owned()),
            name: caller.username().to_owned(),
            photo_url: None,
            account_type: Some("USER".to_owned()),
            api_key: None,
        }]
    }

    async fn organization(&self) -> Option<Organization> {
        None
    }

    async fn user(&self, context: &Context<'_>) -> Option<UserNode> {
        Some(UserNode::caller(Access::of(context)))
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
        let filters = CollectionFilters {
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
        let filters = VersionFilters {
            registries: project_filters.as_ref(),
            collections: collection_filters.as_ref(),
            versions: filters.as_ref(),
            order: order.as_deref(),
        };
        list_registry_versions(access, &self.name, filters, page)
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

absent_types! {
    /// Several entities under one roof. There are none yet.
    Organization {
        id: ID,
        name: String,
        org_entity: Option<EntityNode>,
        feature_flags(#[graphql(name = "rampIDType")] ramp_id_type: Option<RampIdType>): Vec<RampFeature>,
        core_weave_organization_id: Option<String>,
        advanced_registry_features: Option<AdvancedRegistryFeatures>,
        triggers(first: Option<i64>, after: Option<String>, order: Option<String>, filters: Option<JsonString>): Connection<Trigger>,
    }
    /// A switch of an organization.
    RampFeature {
        ramp_key: String,
        is_enabled: bool,
    }
    /// Switches of the registry.
    AdvancedRegistryFeatures {
        advanced_search: bool,
    }
    /// An invitation into a team.
    Invite {
        id: ID,
        name: Option<String>,
        email: Option<String>,
        created_at: Option<DateTime>,
        to_user: Option<UserNode>,
    }
    /// Outcome of `createTeam`.
    CreateTeamPayload { entity: Option<EntityNode>, }
    /// Outcome of `createInvite`.
    CreateInvitePayload { invite: Option<Invite>, }
    /// Outcome of `createServiceAccount` and `createUser`.
    CreateUserPayload { user: Option<UserNode>, }
}

/// What the switches of an organization are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "RampIDType")]
pub(crate) enum RampIdType {
    #[graphql(name = "OrgName")]
    OrgName,
}

/// Users by name or e-mail address: all of them for an admin, only the caller for others.
pub(crate) async fn search_users(
    access: &Access,
    query: Option<&str>,
) -> Result<Connection<UserNode>> {
    let users: Vec<UserNode> = if access.caller.is_admin() {
        access
            .tracking
            .list_users(&access.caller)
            .await?
            .into_iter()
            .map(UserNode::from)
            .collect()
    } else {
        vec![UserNode::caller(access)]
    };
    let query = query.unwrap_or_default().to_lowercase();
    let fits = |user: &UserNode| {
        user.username.to_lowercase().contains(&query)
            || user
                .email
                .as_ref()
                .is_some_and(|email| email.to_lowercase().contains(&query))
    };
    Ok(Connection::whole(users.into_iter().filter(fits).collect()))
}

/// Changes to keys, users and teams.
#[derive(Debug, Default)]
pub(crate) struct PeopleMutations;

/// An API key to make.
#[derive(Debug, InputObject)]
pub(crate) struct GenerateApiKeyInput {
    description: Option<String>,
    client_mutation_id: Option<String>,
}

/// An API key to revoke.
#[derive(Debug, InputObject)]
pub(crate) struct DeleteApiKeyInput {
    id: String,
    client_mutation_id: Option<String>,
}

/// Outcome of `generateApiKey`.
#[derive(Debug, SimpleObject)]
pub(crate) struct GenerateApiKeyPayload {
    api_key: ApiKeyNode,
    client_mutation_id: Option<String>,
}

#[Object]
impl PeopleMutations {
    /// Makes an API key for the caller. Its `name` is the secret, told this once.
    async fn generate_api_key(
        &self,
        context: &Context<'_>,
        input: GenerateApiKeyInput,
    ) -> Result<Option<GenerateApiKeyPayload>> {
        let access = Access::of(context);
        let name = input
            .description
            .unwrap_or_else(|| "made by the wandb client".to_owned());
        let made = access
            .tracking
            .create_api_key(&access.caller, &name)
            .await?;
        Ok(Some(GenerateApiKeyPayload {
            api_key: ApiKeyNode {
                name: made.secret,
                ..ApiKeyNode::from(made.api_key)
            },
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Revokes one of the caller's API keys.
    async fn delete_api_key(
        &self,
        context: &Context<'_>,
        input: DeleteApiKeyInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let key =
            ids::api_key_key(&input.id).ok_or_else(|| Refusal::not_found("API key", &input.id))?;
        access.tracking.delete_api_key(&access.caller, key).await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }
}

#[cfg(test)]
pub(super) fn keys(n_keys: usize) -> Vec<ApiKeyNode> {
    let key = |number| ApiKeyNode {
        id: ids::encode("ApiKey", number),
        name: format!("…{number}"),
        description: None,
    };
    (1..=n_keys).map(key).collect()
}
