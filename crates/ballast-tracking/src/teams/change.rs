//! Making and deleting teams and organizations.

use ballast_meta::{EntityRecord, NewEntity, UserRecord};
use ballast_model::{EntityKind, EntityName, Role};

use super::members::{lock, take_in};
use super::{NewMember, Organization, Team};
use crate::projects::delete_entity;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Most teams of an organization: its admins are admins of them all, and each of their requests reads them.
const MAX_TEAMS: usize = 1_000;

/// How many things an error names.
const NAMED: usize = 3;

/// An organization to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrganization {
    /// The name, which no user, team or organization has.
    pub name: String,
    /// Its first members.
    pub members: Vec<NewMember>,
}

/// A team to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeam {
    /// The name, which no user, team or organization has.
    pub name: String,
    /// The organization that it is part of.
    pub organization: Option<EntityName>,
    /// Its first members.
    pub members: Vec<NewMember>,
}

impl Tracking {
    /// Makes an organization. Everyone may.
    ///
    /// The caller becomes an admin of it if the members given have none, or do not have the caller; an admin of the
    /// server may stay outside.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] for a name or members that cannot be; [`TrackingError::NotFound`] for an unknown user;
    /// [`TrackingError::Conflict`] if the name is taken.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        new: NewOrganization,
    ) -> Result<Organization> {
        let NewOrganization { name, members } = new;
        let kind = EntityKind::Organization;
        let caller = self.add_shared(caller, kind, name, None, members).await?;
        let (caller, name) = caller;
        self.get_organization(&caller, &name).await
    }

    /// Makes a team. Everyone may make one without organization; one of an organization takes an admin of that, or of
    /// the server.
    ///
    /// # Errors
    /// As [`Tracking::create_organization`], and as [`Tracking::put_member`] about the organization.
    pub async fn create_team(&self, caller: &Caller, new: NewTeam) -> Result<Team> {
        let NewTeam {
            name,
            organization,
            members,
        } = new;
        let organization = match organization {
            Some(name) => {
                let kind = EntityKind::Organization;
                let found = self.shared_entity(caller, kind, &name, Access::Manage);
                Some(found.await?.0)
            }
            None => None,
        };
        let kind = EntityKind::Team;
        let made = self.add_shared(caller, kind, name, organization, members);
        let (caller, name) = made.await?;
        self.get_team(&caller, &name).await
    }

    /// Deletes an organization. Admins of it, and of the server.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller is not in it; [`TrackingError::Forbidden`] if the
    /// caller is no admin; [`TrackingError::Conflict`] while it has teams or registries.
    pub async fn delete_organization(&self, caller: &Caller, name: &EntityName) -> Result<()> {
        let kind = EntityKind::Organization;
        let (found, _) = self
            .shared_entity(caller, kind, name, Access::Manage)
            .await?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    lock(tx, &found).await?;
                    let teams = tx.teams_of(found.key).await?;
                    let names = teams.iter().map(|team| team.name.as_str());
                    refuse_if_any(&found, "teams", names)?;
                    let projects = tx.list_projects(found.key, now).await?;
                    let names = projects.iter().map(|found| found.project.name.as_str());
                    refuse_if_any(&found, "registries", names)?;
                    delete_entity(tx, found.key, now).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Deletes a team, with its projects if `with_projects` says so. Admins of it, and of the server.
    ///
    /// # Errors
    /// As [`Tracking::delete_organization`]; [`TrackingError::Conflict`] while it has projects that may not go.
    pub async fn delete_team(
        &self,
        caller: &Caller,
        name: &EntityName,
        with_projects: bool,
    ) -> Result<()> {
        let (found, _) = self
            .shared_entity(caller, EntityKind::Team, name, Access::Manage)
            .await?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    lock(tx, &found).await?;
                    let figures = tx.entity_figures(&[found.key]).await?;
                    let n_projects = figures.get(&found.key).map_or(0, |team| team.n_projects);
                    if n_projects > 0 && !with_projects {
                        let projects = match n_projects {
                            1 => "1 project".to_owned(),
                            n => format!("{n} projects"),
                        };
                        return Err(TrackingError::Conflict(format!(
                            "team `{}` has {projects}; delete them first, or ask to delete them with it",
                            found.name
                        )));
                    }
                    delete_entity(tx, found.key, now).await?;
                    Ok(())
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(())
    }

    /// Makes an entity with its first members. Returns the caller with the roles that they have now, and the name.
    async fn add_shared(
        &self,
        caller: &Caller,
        kind: EntityKind,
        name: String,
        organization: Option<EntityRecord>,
        members: Vec<NewMember>,
    ) -> Result<(Caller, EntityName)> {
        let name = EntityName::new(name)?;
        self.refuse_reserved(kind, &name)?;
        let mut members = self.new_members(members).await?;
        let own = self.get_user(caller.username()).await?;
        add_caller(&mut members, own, caller.is_admin());
        let now = self.inner.clock.now();
        let new = NewEntity {
            name: name.clone(),
            kind,
            organization: organization.as_ref().map(|entity| entity.key),
            created_at: now,
        };
        let made = self.inner.meta.write(move |tx| {
            Box::pin(async move {
                if let Some(organization) = &organization {
                    let key = organization.key;
                    let locked = tx.lock_entity(key).await?;
                    let what = organization.kind.as_str();
                    locked.ok_or_else(|| TrackingError::not_found(what, &organization.name))?;
                    let n_teams = tx.teams_of(key).await?.len();
                    if n_teams >= MAX_TEAMS {
                        return Err(TrackingError::Conflict(format!(
                            "organization `{}` has {n_teams} teams; more than {MAX_TEAMS} are not possible",
                            organization.name
                        )));
                    }
                }
                let Some(entity) = tx.insert_entity_if_absent(new).await? else {
                    return Ok(false);
                };
                for (user, role) in &members {
                    take_in(tx, &entity, user, *role, now).await?;
                }
                Ok(true)
            })
        });
        if !made.await? {
            return Err(self.name_taken(&name).await?);
        }
        let grants = self.inner.meta.read().grants_of(caller.user).await?;
        Ok((caller.with_grants(grants), name))
    }
}

/// Sees to it that the first members have an admin, and that a caller who is no admin of the server is among them.
fn add_caller(members: &mut Vec<(UserRecord, Role)>, own: UserRecord, is_server_admin: bool) {
    let has_admin = members.iter().any(|(_, role)| *role == Role::Admin);
    let place = members.iter_mut().find(|(user, _)| user.key == own.key);
    match place {
        Some((_, role)) if !has_admin => *role = Role::Admin,
        Some(_) => {}
        None if has_admin && is_server_admin => {}
        None => members.push((own, Role::Admin)),
    }
}

/// Refuses to delete an organization as long as something is in it.
fn refuse_if_any<'a>(
    organization: &EntityRecord,
    what: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Result<()> {
    let n = names.len();
    if n == 0 {
        return Ok(());
    }
    let mut named: Vec<String> = names.take(NAMED).map(|name| format!("`{name}`")).collect();
    if n > NAMED {
        named.push(format!("and {} more", n - NAMED));
    }
    Err(TrackingError::Conflict(format!(
        "organization `{}` has {what} ({}); delete them first",
        organization.name,
        named.join(", ")
    )))
}
