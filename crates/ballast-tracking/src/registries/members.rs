//! Who may do what in a registry.

use std::collections::BTreeMap;

use ballast_meta::{MemberRecord, MetaError, ProjectAccess, ProjectTeamRecord, UserRecord};
use ballast_model::{EntityKey, EntityKind, EntityName, ProjectName, Role, UserKey};

use super::short_name;
use crate::{Access, Caller, OwnEntity, Result, Tracking, TrackingError};

/// Where a user has a role in a registry from. Roles by a team are listed with the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// It was given in the registry.
    Own,
    /// From the organization.
    Organization,
}

/// A user who sees a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryMember {
    /// The user.
    pub user: UserKey,
    /// The name that the user signs in with.
    pub username: EntityName,
    /// The user's address; may be empty.
    pub email: String,
    /// What the user may do: the greater of the roles from both places.
    pub role: Role,
    /// Where that role is from.
    pub via: Via,
}

/// Who sees a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryMembers {
    /// Users, by name.
    pub users: Vec<RegistryMember>,
    /// Teams, by name.
    pub teams: Vec<ProjectTeamRecord>,
}

/// Users and teams that have roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// Users.
    pub users: Vec<UserKey>,
    /// Teams.
    pub teams: Vec<EntityKey>,
}

impl Holders {
    fn user(user: UserKey) -> Self {
        Self {
            users: vec![user],
            teams: Vec::new(),
        }
    }

    fn team(team: EntityKey) -> Self {
        Self {
            users: Vec::new(),
            teams: vec![team],
        }
    }
}

impl Tracking {
    /// Who sees a registry, and what they may do in it.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`].
    pub async fn registry_members(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
    ) -> Result<RegistryMembers> {
        let (organization, record) = self
            .registry_for(caller, organization, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        let mut users = BTreeMap::new();
        let restricted = record.access == ProjectAccess::Restricted;
        for member in db.list_members(organization.key).await? {
            if !restricted || member.role == Role::Admin {
                users.insert(member.user, (member, Via::Organization));
            }
        }
        for member in db.list_project_members(record.key).await? {
            let greater = users
                .get(&member.user)
                .is_none_or(|(known, _)| known.role <= member.role);
            if greater {
                users.insert(member.user, (member, Via::Own));
            }
        }
        let mut users: Vec<RegistryMember> = users
            .into_values()
            .map(|(member, via)| RegistryMember {
                user: member.user,
                username: member.username,
                email: member.email,
                role: member.role,
                via,
            })
            .collect();
        users.sort_by_key(|user| user.username.as_str().to_lowercase());
        Ok(RegistryMembers {
            users,
            teams: db.list_project_teams(record.key).await?,
        })
    }

    /// The users and teams that were given a role in a registry, users and teams by name.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`].
    pub async fn own_registry_members(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
    ) -> Result<RegistryMembers> {
        let (_, record) = self
            .registry_for(caller, organization, project, Access::List)
            .await?;
        let db = self.inner.meta.read();
        let own = |member: MemberRecord| RegistryMember {
            user: member.user,
            username: member.username,
            email: member.email,
            role: member.role,
            via: Via::Own,
        };
        let users = db.list_project_members(record.key).await?;
        Ok(RegistryMembers {
            users: users.into_iter().map(own).collect(),
            teams: db.list_project_teams(record.key).await?,
        })
    }

    /// Gives users and teams a role in a registry, instead of those that they have there; with `keep`, those who have one
    /// keep it. All or none. Admins of the registry only.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`], and [`TrackingError::Forbidden`] for others; [`TrackingError::NotFound`] if a user
    /// or team does not exist; [`TrackingError::Conflict`] if one is not in the organization.
    pub async fn put_registry_roles(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        holders: Holders,
        role: Role,
        keep: bool,
    ) -> Result<()> {
        let (organization, record) = self
            .registry_for(caller, organization, project, Access::Manage)
            .await?;
        let (key, now) = (record.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    // Whoever leaves the organization meanwhile waits, and then loses the new role, too.
                    tx.lock_entity(organization.key).await?;
                    for user in holders.users {
                        let found = tx.user(user).await?;
                        let found = found.ok_or_else(|| TrackingError::not_found("user", user))?;
                        if tx.member_role(organization.key, user).await?.is_none() {
                            return Err(outsider("user", &found.username, &organization));
                        }
                        tx.put_project_member(key, user, role, keep, now).await?;
                    }
                    for team in holders.teams {
                        let found = tx.entity(team).await?;
                        let found = found
                            .filter(|found| found.kind == EntityKind::Team)
                            .ok_or_else(|| TrackingError::not_found("team", team))?;
                        if found.organization != Some(organization.key) {
                            return Err(outsider("team", &found.name, &organization));
                        }
                        tx.put_project_team(key, team, role, keep, now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Takes the roles away that users and teams were given in a registry; returns how many had one. Admins of the
    /// registry only; users may give up their own.
    ///
    /// # Errors
    /// As [`Tracking::get_registry`], and [`TrackingError::Forbidden`] for others.
    pub async fn delete_registry_roles(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        holders: Holders,
    ) -> Result<usize> {
        let is_own = holders.teams.is_empty() && holders.users == [caller.user_key()];
        let access = if is_own { Access::List } else { Access::Manage };
        let (_, record) = self
            .registry_for(caller, organization, project, access)
            .await?;
        let key = record.key;
        Ok(self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let mut n_deleted = 0;
                    for user in holders.users {
                        n_deleted += usize::from(tx.delete_project_member(key, user).await?);
                    }
                    for team in holders.teams {
                        n_deleted += usize::from(tx.delete_project_team(key, team).await?);
                    }
                    Ok::<_, MetaError>(n_deleted)
                })
            })
            .await?)
    }

    /// Gives a user a role in a registry, as [`Tracking::put_registry_roles`].
    ///
    /// # Errors
    /// As [`Tracking::put_registry_roles`].
    pub async fn put_registry_member(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        username: &EntityName,
        role: Role,
    ) -> Result<RegistryMember> {
        // Strangers are told nothing of users.
        self.registry_for(caller, organization, project, Access::Manage)
            .await?;
        let user = self.user_named(username).await?;
        let holders = Holders::user(user.key);
        self.put_registry_roles(caller, organization, project, holders, role, false)
            .await?;
        Ok(RegistryMember {
            user: user.key,
            username: user.username,
            email: user.email,
            role,
            via: Via::Own,
        })
    }

    /// Takes a user's role in a registry away, as [`Tracking::delete_registry_roles`].
    ///
    /// # Errors
    /// As [`Tracking::delete_registry_roles`]; [`TrackingError::NotFound`] if the user was given none.
    pub async fn delete_registry_member(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        username: &EntityName,
    ) -> Result<()> {
        let is_own = caller.username().eq_ignore_ascii_case(username.as_str());
        let access = if is_own { Access::List } else { Access::Manage };
        self.registry_for(caller, organization, project, access)
            .await?;
        let holders = Holders::user(self.user_named(username).await?.key);
        let n_deleted = self
            .delete_registry_roles(caller, organization, project, holders)
            .await?;
        match n_deleted {
            0 => Err(no_role("member", username, project)),
            _ => Ok(()),
        }
    }

    /// Gives a team a role in a registry, as [`Tracking::put_registry_roles`].
    ///
    /// # Errors
    /// As [`Tracking::put_registry_roles`].
    pub async fn put_registry_team(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        team: &EntityName,
        role: Role,
    ) -> Result<ProjectTeamRecord> {
        let (owner, record) = self
            .registry_for(caller, organization, project, Access::Manage)
            .await?;
        let key = self.team_of(&owner, team).await?;
        let holders = Holders::team(key);
        self.put_registry_roles(caller, organization, project, holders, role, false)
            .await?;
        let db = self.inner.meta.read();
        let mut teams = db.list_project_teams(record.key).await?.into_iter();
        let found = teams.find(|known| known.team == key);
        found.ok_or_else(|| TrackingError::not_found_in("team", team, &owner.name))
    }

    /// Takes a team's role in a registry away, as [`Tracking::delete_registry_roles`].
    ///
    /// # Errors
    /// As [`Tracking::delete_registry_roles`]; [`TrackingError::NotFound`] if the team was given none.
    pub async fn delete_registry_team(
        &self,
        caller: &Caller,
        organization: &EntityName,
        project: &ProjectName,
        team: &EntityName,
    ) -> Result<()> {
        let (owner, _) = self
            .registry_for(caller, organization, project, Access::Manage)
            .await?;
        let holders = Holders::team(self.team_of(&owner, team).await?);
        let n_deleted = self
            .delete_registry_roles(caller, organization, project, holders)
            .await?;
        match n_deleted {
            0 => Err(no_role("team", team, project)),
            _ => Ok(()),
        }
    }

    async fn user_named(&self, username: &EntityName) -> Result<UserRecord> {
        let user = self.inner.meta.read().lookup_user(username).await?;
        user.ok_or_else(|| TrackingError::not_found("user", username))
    }

    async fn team_of(&self, organization: &OwnEntity, team: &EntityName) -> Result<EntityKey> {
        let found = self.inner.meta.read().lookup_entity(team).await?;
        let found = found.filter(|found| {
            found.kind == EntityKind::Team && found.organization == Some(organization.key)
        });
        match found {
            Some(found) => Ok(found.key),
            None => Err(TrackingError::not_found_in(
                "team",
                team,
                &organization.name,
            )),
        }
    }
}

fn outsider(what: &str, name: &EntityName, organization: &OwnEntity) -> TrackingError {
    TrackingError::Conflict(format!(
        "{what} `{name}` is not in organization `{}`; only those in it can have a role in its registries",
        organization.name
    ))
}

fn no_role(what: &'static str, name: &EntityName, project: &ProjectName) -> TrackingError {
    TrackingError::not_found_in(what, name, short_name(project))
}
