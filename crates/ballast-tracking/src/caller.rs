//! Who is asking.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ballast_meta::{EntityRecord, Grants, UserRecord};
use ballast_model::{EntityKey, EntityKind, EntityName, ProjectKey, Role, UserKey};

/// A signed-in user, as every operation takes it.
///
/// Only [`Tracking`](crate::Tracking) makes one, from an API key or a session, so holding a `Caller` is proof of
/// authentication. It knows what the user may do as it was when the request came: a role that was taken away is gone
/// with the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub(crate) user: UserKey,
    username: String,
    entity: EntityName,
    default_entity: EntityName,
    email: String,
    is_admin: bool,
    has_password: bool,
    roles: Arc<Roles>,
}

/// An entity that a caller belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEntity {
    /// Storage key.
    pub key: EntityKey,
    /// The name in URLs.
    pub name: EntityName,
    /// What it is.
    pub kind: EntityKind,
    /// What the caller may do there.
    pub role: Role,
    /// The organization of a team that has one.
    pub organization: Option<EntityKey>,
}

/// What a user may do where.
#[derive(Debug, Default, PartialEq, Eq)]
struct Roles {
    /// The user's own entity first.
    entities: Vec<OwnEntity>,
    by_key: HashMap<EntityKey, Role>,
    projects: HashMap<ProjectKey, Role>,
    restricted: HashSet<ProjectKey>,
}

impl Roles {
    fn new(grants: Grants) -> Self {
        let own = |(entity, role): (EntityRecord, Role)| OwnEntity {
            key: entity.key,
            name: entity.name,
            kind: entity.kind,
            role,
            organization: entity.organization,
        };
        let entities: Vec<OwnEntity> = grants.entities.into_iter().map(own).collect();
        Self {
            by_key: entities
                .iter()
                .map(|entity| (entity.key, entity.role))
                .collect(),
            entities,
            projects: grants.projects,
            restricted: grants.restricted.into_iter().collect(),
        }
    }
}

impl Caller {
    /// The name that the user signs in with.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user's own entity.
    pub fn entity(&self) -> &EntityName {
        &self.entity
    }

    /// Where runs go that name no entity: the user's own entity, or the team that the user chose.
    pub fn default_entity(&self) -> &EntityName {
        &self.default_entity
    }

    /// Every entity that the user belongs to: the own one, then teams and organizations by name.
    pub fn entities(&self) -> &[OwnEntity] {
        &self.roles.entities
    }

    /// The user's e-mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Whether the user manages users, organizations and teams.
    pub fn is_admin(&self) -> bool {
        self.is_admin
    }

    /// Whether the user can sign in with a password.
    pub fn has_password(&self) -> bool {
        self.has_password
    }

    /// The user's storage key.
    pub fn user_key(&self) -> UserKey {
        self.user
    }

    /// The entity `name`, in any case, if the user belongs to it.
    pub fn entity_named(&self, name: &EntityName) -> Option<&OwnEntity> {
        self.entities()
            .iter()
            .find(|entity| entity.name.as_str().eq_ignore_ascii_case(name.as_str()))
    }

    /// What the user may do in an entity; `None` for a stranger.
    pub fn role_in(&self, entity: EntityKey) -> Option<Role> {
        self.roles.by_key.get(&entity).copied()
    }

    /// What the user may do in a project of `entity`; `None` for a stranger.
    ///
    /// It is the role in the entity, or a greater one that the user, or a team of theirs, has in the project itself. A
    /// restricted project opens by the latter only, but for admins of the entity.
    pub fn role_in_project(&self, entity: EntityKey, project: ProjectKey) -> Option<Role> {
        let restricted = self.roles.restricted.contains(&project);
        let of_entity = self
            .role_in(entity)
            .filter(|role| !restricted || *role == Role::Admin);
        of_entity.max(self.roles.projects.get(&project).copied())
    }
}

impl Caller {
    pub(crate) fn new(user: &UserRecord, grants: Grants) -> Self {
        let roles = Roles::new(grants);
        let default_entity = user
            .default_entity
            .and_then(|key| roles.entities.iter().find(|entity| entity.key == key))
            .map_or(&user.username, |entity| &entity.name)
            .clone();
        Self {
            user: user.key,
            username: user.username.as_str().to_owned(),
            entity: user.username.clone(),
            default_entity,
            email: user.email.clone(),
            is_admin: user.admin,
            has_password: user.password_hash.is_some(),
            roles: Arc::new(roles),
        }
    }

    /// The same user with what they may do now.
    #[must_use]
    pub(crate) fn with_grants(&self, grants: Grants) -> Self {
        Self {
            roles: Arc::new(Roles::new(grants)),
            ..self.clone()
        }
    }
}
