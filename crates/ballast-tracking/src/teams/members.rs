//! Who is in a team or an organization.

use std::collections::HashSet;

use ballast_meta::{EntityRecord, Tx, UserRecord};
use ballast_model::{EntityKey, EntityKind, EntityName, Role, Timestamp, UserKey};

use super::Member;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Most members that one request may name.
pub(super) const MAX_NEW_MEMBERS: usize = 1_000;

/// Most teams and organizations that one user may be in: each request reads them all.
const MAX_MEMBERSHIPS: u64 = 1_000;

/// A user to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The name that the user signs in with.
    pub username: String,
    /// What the user may do.
    pub role: Role,
}

impl Tracking {
    /// Takes a user into a team or an organization, or changes the role of one who is in it. Admins of it, and of the
    /// server.
    ///
    /// Whoever comes into a team of an organization is a member of the organization from then on.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if there is no such entity of this kind, or no such user;
    /// [`TrackingError::Forbidden`] if the caller is no admin; [`TrackingError::Invalid`] for a role that only
    /// registries have; [`TrackingError::Conflict`] if it would be left without an admin.
    pub async fn put_member(
        &self,
        caller: &Caller,
        kind: EntityKind,
        name: &EntityName,
        member: NewMember,
    ) -> Result<Member> {
        let (entity, _) = self
            .shared_entity(caller, kind, name, Access::Manage)
            .await?;
        check_role(member.role)?;
        let user = self.get_user(&member.username).await?;
        self.store_member(entity, user, member.role, true).await
    }

    /// Takes a user, found by name or e-mail address, into a team or an organization. Admins of it, and of the server.
    ///
    /// # Errors
    /// As [`Tracking::put_member`]; [`TrackingError::Conflict`] also if the user is in it.
    pub async fn invite_member(
        &self,
        caller: &Caller,
        kind: EntityKind,
        name: &EntityName,
        who: &str,
        role: Role,
    ) -> Result<Member> {
        let (entity, _) = self
            .shared_entity(caller, kind, name, Access::Manage)
            .await?;
        check_role(role)?;
        let user = if who.contains('@') {
            let found = self.inner.meta.read().lookup_user_by_email(who).await?;
            found.ok_or_else(|| TrackingError::not_found("user", who))?
        } else {
            self.get_user(who).await?
        };
        self.store_member(entity, user, role, false).await
    }

    /// Gives a user a role; one who has a role already only if `changes` says so.
    async fn store_member(
        &self,
        entity: EntityRecord,
        user: UserRecord,
        role: Role,
        changes: bool,
    ) -> Result<Member> {
        let told = Member {
            key: user.key,
            username: user.username.clone(),
            email: user.email.clone(),
            role,
        };
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    lock(tx, &entity).await?;
                    if !changes && tx.member_role(entity.key, user.key).await?.is_some() {
                        let (kind, name) = (entity.kind, &entity.name);
                        return Err(TrackingError::Conflict(format!(
                            "user `{}` is in {kind} `{name}` already",
                            user.username
                        )));
                    }
                    if role != Role::Admin {
                        keep_an_admin(tx, &entity, &user).await?;
                    }
                    take_in(tx, &entity, &user, role, now).await
                })
            })
            .await?;
        Ok(told)
    }

    /// Takes a user out of a team or an organization. Admins of it, and of the server; everyone themselves.
    ///
    /// Whoever leaves an organization leaves its teams and registries, too.
    ///
    /// # Errors
    /// As [`Tracking::put_member`]; [`TrackingError::NotFound`] also if the user is not in it.
    pub async fn delete_member(
        &self,
        caller: &Caller,
        kind: EntityKind,
        name: &EntityName,
        username: &str,
    ) -> Result<()> {
        let leaves = username.eq_ignore_ascii_case(caller.username());
        let access = if leaves { Access::List } else { Access::Manage };
        let (entity, _) = self.shared_entity(caller, kind, name, access).await?;
        let user = self.get_user(username).await?;
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    lock(tx, &entity).await?;
                    let unknown =
                        || TrackingError::not_found_in("member", &user.username, &entity.name);
                    if tx.member_role(entity.key, user.key).await?.is_none() {
                        return Err(unknown());
                    }
                    let mut left = vec![entity.clone()];
                    if entity.kind == EntityKind::Organization {
                        left.extend(tx.teams_of(entity.key).await?);
                        tx.delete_project_memberships(entity.key, user.key).await?;
                    }
                    for entity in &left {
                        keep_an_admin(tx, entity, &user).await?;
                        tx.delete_member(entity.key, user.key).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The users that a request names, each once.
    pub(super) async fn new_members(
        &self,
        members: Vec<NewMember>,
    ) -> Result<Vec<(UserRecord, Role)>> {
        if members.len() > MAX_NEW_MEMBERS {
            return Err(TrackingError::Invalid(format!(
                "{} members in one request; at most {MAX_NEW_MEMBERS} are possible",
                members.len()
            )));
        }
        let mut known: HashSet<UserKey> = HashSet::with_capacity(members.len());
        let mut users = Vec::with_capacity(members.len());
        for NewMember { username, role } in members {
            check_role(role)?;
            let user = self.get_user(&username).await?;
            if !known.insert(user.key) {
                return Err(TrackingError::Invalid(format!(
                    "member `{}` is listed more than once",
                    user.username
                )));
            }
            users.push((user, role));
        }
        Ok(users)
    }
}

fn check_role(role: Role) -> Result<()> {
    if role != Role::RestrictedViewer {
        return Ok(());
    }
    Err(TrackingError::Invalid(format!(
        "role `{role}` is for registries; teams and organizations have `admin`, `member` and `viewer`"
    )))
}

/// Keeps others from changing who is in an entity: first the organization, then the team, so that two never wait for
/// each other.
pub(super) async fn lock(tx: &Tx<'_>, entity: &EntityRecord) -> Result<()> {
    for key in entity.organization.into_iter().chain([entity.key]) {
        let locked = tx.lock_entity(key).await?;
        locked.ok_or_else(|| TrackingError::not_found(entity.kind.as_str(), &entity.name))?;
    }
    // Who leaves an organization leaves its teams, too.
    if entity.kind == EntityKind::Organization {
        let mut teams: Vec<EntityKey> = tx
            .teams_of(entity.key)
            .await?
            .into_iter()
            .map(|team| team.key)
            .collect();
        teams.sort_unstable();
        for team in teams {
            tx.lock_entity(team).await?;
        }
    }
    Ok(())
}

/// Refuses to take the role of an admin from the only one.
async fn keep_an_admin(tx: &Tx<'_>, entity: &EntityRecord, user: &UserRecord) -> Result<()> {
    if tx.member_role(entity.key, user.key).await? != Some(Role::Admin)
        || tx.n_other_admins(entity.key, user.key).await? > 0
    {
        return Ok(());
    }
    let (kind, name) = (entity.kind, &entity.name);
    Err(TrackingError::Conflict(format!(
        "`{}` is the only admin of {kind} `{name}`; make someone else an admin first",
        user.username
    )))
}

/// Refuses to delete a user without whom teams or organizations had no admin.
pub(crate) async fn keep_admins_without(tx: &Tx<'_>, user: &UserRecord) -> Result<()> {
    for (entity, _) in tx.grants_of(user.key).await?.entities {
        keep_an_admin(tx, &entity, user).await?;
    }
    Ok(())
}

/// Gives a user a role in an entity, and a place in the organization of a team.
pub(super) async fn take_in(
    tx: &Tx<'_>,
    entity: &EntityRecord,
    user: &UserRecord,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    let organization = entity.organization.map(|key| (key, Role::Member));
    for (key, role) in organization.into_iter().chain([(entity.key, role)]) {
        let known = tx.member_role(key, user.key).await?;
        if known.is_some() && key != entity.key {
            continue;
        }
        if known.is_none() && tx.n_memberships(user.key).await? >= MAX_MEMBERSHIPS {
            return Err(TrackingError::Conflict(format!(
                "user `{}` is in {MAX_MEMBERSHIPS} teams and organizations already",
                user.username
            )));
        }
        tx.put_member(key, user.key, role, now).await?;
    }
    Ok(())
}
