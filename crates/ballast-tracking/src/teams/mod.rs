//! Teams and organizations: entities that several users share.
//!
//! Both have members with roles. A team may be part of an organization, whose admins then are its admins, too. Who
//! manages users (a server's admin) also manages teams and organizations, without reading what is in them.

mod change;
mod members;

pub use change::{NewOrganization, NewTeam};
pub use members::NewMember;
pub(crate) use members::keep_admins_without;

use std::collections::HashMap;

use ballast_meta::{EntityFigures, EntityRecord, MemberRecord};
use ballast_model::{EntityKey, EntityKind, EntityName, Role, Timestamp, UserKey};

use crate::{Access, Caller, Result, Tracking, TrackingError};

/// A user in a team or an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Storage key of the user.
    pub key: UserKey,
    /// The name that the user signs in with.
    pub username: EntityName,
    /// The user's address; may be empty.
    pub email: String,
    /// What the user may do.
    pub role: Role,
}

/// A team or an organization in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The name.
    pub name: EntityName,
    /// The organization, of a team that has one.
    pub organization: Option<EntityName>,
    /// What the caller may do in it; `None` for one who only manages it.
    pub role: Option<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it adds up to.
    pub figures: EntityFigures,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Storage key.
    pub key: EntityKey,
    /// The name.
    pub name: EntityName,
    /// The organization that it is part of.
    pub organization: Option<EntityName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the caller may do in it; `None` for one who only manages it.
    pub role: Option<Role>,
    /// Its members, by name.
    pub members: Vec<Member>,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The name.
    pub name: EntityName,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the caller may do in it; `None` for one who only manages it.
    pub role: Option<Role>,
    /// Its members, by name.
    pub members: Vec<Member>,
    /// All its teams, by name, also those that the caller is not in.
    pub teams: Vec<Summary>,
}

impl From<MemberRecord> for Member {
    fn from(record: MemberRecord) -> Self {
        Self {
            key: record.user,
            username: record.username,
            email: record.email,
            role: record.role,
        }
    }
}

impl Tracking {
    /// The organizations that the caller is in, by name; every one for an admin of the server.
    pub async fn list_organizations(&self, caller: &Caller) -> Result<Vec<Summary>> {
        self.list_shared(caller, EntityKind::Organization).await
    }

    /// The teams that the caller is in or manages, by name; every one for an admin of the server.
    pub async fn list_teams(&self, caller: &Caller) -> Result<Vec<Summary>> {
        self.list_shared(caller, EntityKind::Team).await
    }

    /// An organization.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller is not in it.
    pub async fn get_organization(
        &self,
        caller: &Caller,
        name: &EntityName,
    ) -> Result<Organization> {
        let kind = EntityKind::Organization;
        let (found, role) = self.shared_entity(caller, kind, name, Access::List).await?;
        let db = self.inner.meta.read();
        let members = db.list_members(found.key).await?;
        let teams = db.teams_of(found.key).await?;
        Ok(Organization {
            name: found.name,
            created_at: found.created_at,
            role,
            members: members.into_iter().map(Member::from).collect(),
            teams: self.summaries(caller, teams).await?,
        })
    }

    /// A team.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller is not in it.
    pub async fn get_team(&self, caller: &Caller, name: &EntityName) -> Result<Team> {
        let kind = EntityKind::Team;
        let (found, role) = self.shared_entity(caller, kind, name, Access::List).await?;
        let db = self.inner.meta.read();
        let organization = match found.organization {
            Some(key) => db.entity(key).await?.map(|entity| entity.name),
            None => None,
        };
        let members = db.list_members(found.key).await?;
        Ok(Team {
            key: found.key,
            name: found.name,
            organization,
            created_at: found.created_at,
            role,
            members: members.into_iter().map(Member::from).collect(),
        })
    }

    async fn list_shared(&self, caller: &Caller, kind: EntityKind) -> Result<Vec<Summary>> {
        let mut found = self.inner.meta.read().list_entities(kind).await?;
        found.retain(|entity| caller.is_admin() || caller.role_in(entity.key).is_some());
        self.summaries(caller, found).await
    }

    async fn summaries(
        &self,
        caller: &Caller,
        entities: Vec<EntityRecord>,
    ) -> Result<Vec<Summary>> {
        let db = self.inner.meta.read();
        let keys: Vec<EntityKey> = entities.iter().map(|entity| entity.key).collect();
        let mut figures = db.entity_figures(&keys).await?;
        let owners = entities.iter().filter_map(|entity| entity.organization);
        let owners: HashMap<EntityKey, EntityName> = db.entity_names(owners).await?;
        let summary = |entity: EntityRecord| Summary {
            organization: entity
                .organization
                .and_then(|key| owners.get(&key).cloned()),
            role: caller.role_in(entity.key),
            created_at: entity.created_at,
            figures: figures.remove(&entity.key).unwrap_or_default(),
            name: entity.name,
        };
        Ok(entities.into_iter().map(summary).collect())
    }

    /// A team or an organization for an operation on itself, and the caller's role in it.
    ///
    /// An admin of the server may do everything with it, without having a role.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller is not in it; [`TrackingError::Forbidden`] if the
    /// caller's role is too small.
    pub(crate) async fn shared_entity(
        &self,
        caller: &Caller,
        kind: EntityKind,
        name: &EntityName,
        access: Access,
    ) -> Result<(EntityRecord, Option<Role>)> {
        let unknown = || TrackingError::not_found(kind.as_str(), name);
        if !caller.is_admin() && caller.entity_named(name).is_none() {
            return Err(unknown());
        }
        let found = self.inner.meta.read().lookup_entity(name).await?;
        let found = found
            .filter(|entity| entity.kind == kind)
            .ok_or_else(unknown)?;
        let role = caller.role_in(found.key);
        match role {
            _ if caller.is_admin() => {}
            Some(role) => access.check(role, &found.name)?,
            None => return Err(unknown()),
        }
        Ok((found, role))
    }
}
