//! Users, their keys, and what they change of themselves and of teams.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::{EntityKind, EntityName, Role, UserKey};
use ballast_tracking::OwnEntity;
use ballast_tracking::people::{ApiKey, User};
use ballast_tracking::teams::{self, NewMember, NewTeam};

use super::access::Access;
use super::artifacts::SuccessPayload;
use super::connection::{Connection, Window};
use super::entities::{EntityNode, Organization};
use super::projects::{ProjectNode, list_projects};
use super::scalars::{DateTime, JsonString};
use crate::ids;
use crate::refusal::Refusal;

/// Settings of a user that the client looks at: code is saved unless the user says otherwise.
const USER_FLAGS: &str = r#"{"code_saving_enabled": true}"#;

/// A person who signs in.
#[derive(Debug, Clone)]
pub(crate) struct UserNode {
    key: Option<UserKey>,
    username: String,
    /// Where the user's runs go that name no entity.
    default_entity: String,
    email: Option<String>,
    is_admin: Option<bool>,
}

impl UserNode {
    /// The caller.
    pub(crate) fn caller(access: &Access) -> Self {
        Self {
            key: Some(access.caller.user_key()),
            username: access.caller.username().to_owned(),
            default_entity: access.caller.default_entity().to_string(),
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
                key: None,
                username: username.to_owned(),
                default_entity: username.to_owned(),
                email: None,
                is_admin: None,
            }
        }
    }
}

impl UserNode {
    /// What the user belongs to, of which only the caller learns.
    fn entities<'a>(&self, access: &'a Access) -> &'a [OwnEntity] {
        if self.username == access.caller.username() {
            access.caller.entities()
        } else {
            &[]
        }
    }
}

impl From<User> for UserNode {
    fn from(user: User) -> Self {
        Self {
            key: Some(user.key),
            default_entity: user.username.to_string(),
            username: user.username.to_string(),
            email: Some(user.email),
            is_admin: Some(user.is_admin),
        }
    }
}

impl From<&teams::Member> for UserNode {
    fn from(member: &teams::Member) -> Self {
        Self {
            key: Some(member.key),
            username: member.username.to_string(),
            default_entity: member.username.to_string(),
            email: Some(member.email.clone()),
            is_admin: None,
        }
    }
}

#[Object(name = "User")]
impl UserNode {
    async fn id(&self) -> ID {
        match self.key {
            Some(key) => ids::user(key),
            None => ids::encode("User", &self.username),
        }
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
        &self.default_entity
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
        let own = self.entities(Access::of(context)).iter();
        let own = own.filter(|entity| entity.kind != EntityKind::Organization);
        Connection::whole(own.map(EntityNode::from).collect())
    }

    async fn organizations(&self, context: &Context<'_>) -> Vec<Organization> {
        let own = self.entities(Access::of(context)).iter();
        own.filter_map(Organization::of).collect()
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

/// That a user was taken into a team. Nobody has to accept it.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Invite {
    id: ID,
    name: Option<String>,
    email: Option<String>,
    created_at: Option<DateTime>,
    to_user: Option<UserNode>,
}

/// Outcome of `createTeam`.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateTeamPayload {
    entity: Option<EntityNode>,
}

/// Outcome of `createInvite`.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateInvitePayload {
    invite: Option<Invite>,
}

/// Outcome of `createServiceAccount`.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateUserPayload {
    user: Option<UserNode>,
}

/// The name of a team or an organization, and which of them it is. What the caller does not know is taken for a team.
fn shared_entity(access: &Access, name: &str) -> Result<(EntityKind, EntityName), Refusal> {
    let name = EntityName::new(name)?;
    let kind = match access.caller.entity_named(&name) {
        Some(own) if own.kind == EntityKind::Organization => EntityKind::Organization,
        _ => EntityKind::Team,
    };
    Ok((kind, name))
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

/// A team to make.
#[derive(Debug, InputObject)]
pub(crate) struct CreateTeamInput {
    team_name: String,
    team_admin_user_name: Option<String>,
}

/// A user to take into a team.
#[derive(Debug, InputObject)]
pub(crate) struct CreateInviteInput {
    entity_name: String,
    email: Option<String>,
    username: Option<String>,
    admin: Option<bool>,
}

/// A member to take out of a team.
#[derive(Debug, InputObject)]
pub(crate) struct DeleteInviteInput {
    id: Option<String>,
    entity_name: Option<String>,
    client_mutation_id: Option<String>,
}

/// Changes to the caller.
#[derive(Debug, InputObject)]
pub(crate) struct UpdateUserInput {
    default_entity: Option<String>,
    client_mutation_id: Option<String>,
}

/// Outcome of `updateUser`.
#[derive(Debug, SimpleObject)]
pub(crate) struct UpdateUserPayload {
    user: Option<UserNode>,
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

    /// Makes a team; in the caller's organization, if the caller is an admin of exactly one.
    async fn create_team(
        &self,
        context: &Context<'_>,
        input: CreateTeamInput,
    ) -> Result<Option<CreateTeamPayload>> {
        let access = Access::of(context);
        let mut administered =
            access.caller.entities().iter().filter(|entity| {
                entity.kind == EntityKind::Organization && entity.role == Role::Admin
            });
        let organization = match (administered.next(), administered.next()) {
            (Some(only), None) => Some(only.name.clone()),
            _ => None,
        };
        let admin = input.team_admin_user_name.filter(|name| !name.is_empty());
        let new = NewTeam {
            name: input.team_name,
            organization,
            members: admin
                .map(|username| NewMember {
                    username,
                    role: Role::Admin,
                })
                .into_iter()
                .collect(),
        };
        let made = access.tracking.create_team(&access.caller, new).await?;
        Ok(Some(CreateTeamPayload {
            entity: Some(EntityNode {
                key: made.key,
                name: made.name,
            }),
        }))
    }

    /// Takes a user into a team or an organization, by name or by e-mail address.
    async fn create_invite(
        &self,
        context: &Context<'_>,
        input: CreateInviteInput,
    ) -> Result<Option<CreateInvitePayload>> {
        let access = Access::of(context);
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let who = given(input.username)
            .or(given(input.email))
            .ok_or_else(|| {
                Refusal::invalid("neither a username nor an e-mail address is given to invite")
            })?;
        let role = match input.admin {
            Some(true) => Role::Admin,
            _ => Role::Member,
        };
        let (kind, name) = shared_entity(access, &input.entity_name)?;
        let made = access
            .tracking
            .invite_member(&access.caller, kind, &name, &who, role)
            .await?;
        Ok(Some(CreateInvitePayload {
            invite: Some(Invite {
                id: ids::user(made.key),
                name: Some(made.username.to_string()),
                email: Some(made.email.clone()),
                created_at: Some(DateTime(access.tracking.clock().now())),
                to_user: Some(UserNode::from(&made)),
            }),
        }))
    }

    /// Takes a member out of a team or an organization.
    async fn delete_invite(
        &self,
        context: &Context<'_>,
        input: DeleteInviteInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let (tracking, caller) = (&access.tracking, &access.caller);
        let (kind, name) = shared_entity(access, &input.entity_name.unwrap_or_default())?;
        let members = match kind {
            EntityKind::Organization => tracking.get_organization(caller, &name).await?.members,
            _ => tracking.get_team(caller, &name).await?.members,
        };
        let id = input.id.unwrap_or_default();
        let key = ids::user_key(&id);
        let member = members.iter().find(|member| Some(member.key) == key);
        let member = member.ok_or_else(|| Refusal::not_found("member", &id))?;
        let username = member.username.as_str();
        tracking
            .delete_member(caller, kind, &name, username)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Changes where the caller's runs go that name no entity.
    async fn update_user(
        &self,
        context: &Context<'_>,
        input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>> {
        let access = Access::of(context);
        let mut user = UserNode::caller(access);
        if let Some(name) = input.default_entity.filter(|name| !name.is_empty()) {
            let name = EntityName::new(name).map_err(Refusal::from)?;
            access
                .tracking
                .set_default_entity(&access.caller, &name)
                .await?;
            if let Some(chosen) = access.caller.entity_named(&name) {
                user.default_entity = chosen.name.to_string();
            }
        }
        Ok(Some(UpdateUserPayload {
            user: Some(user),
            client_mutation_id: input.client_mutation_id,
        }))
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
