//! Who may do what: the one place where roles meet operations.
//!
//! A caller's roles come with the caller ([`Caller::role_in`], [`Caller::role_in_project`]). An operation finds the
//! thing it is about through a lookup that takes the [`Access`] it needs. To a caller without any role the thing does
//! not exist; one whose role is too small is told which role they have and which it takes.

use std::fmt;

use ballast_meta::artifacts::{ArtifactRecord, CollectionRecord, MembershipRecord};
use ballast_model::{EntityKey, EntityName, ProjectKey, Role};

use crate::{Caller, OwnEntity, Result, TrackingError};

/// What an operation does to the thing it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Learns that it is there, and what it is called.
    List,
    /// Reads it.
    Read,
    /// Changes it or what is in it.
    Write,
    /// Decides about who has it, and whether it goes on to exist.
    Manage,
}

impl Access {
    /// The least role that is enough.
    pub const fn needs(self) -> Role {
        match self {
            Self::List => Role::RestrictedViewer,
            Self::Read => Role::Viewer,
            Self::Write => Role::Member,
            Self::Manage => Role::Admin,
        }
    }

    /// Refuses a role that is too small in `place`.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`], naming the role found and the role needed.
    pub(crate) fn check(self, role: Role, place: impl fmt::Display) -> Result<()> {
        let needed = self.needs();
        if role >= needed {
            return Ok(());
        }
        Err(TrackingError::Forbidden(format!(
            "your role in `{place}` is `{role}`, and this takes the role `{needed}`"
        )))
    }
}

impl Caller {
    /// The entity `name` for an operation that needs `access` to it.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or the caller does not belong to it, so that names cannot be
    /// probed; [`TrackingError::Forbidden`] if the caller's role is too small.
    pub(crate) fn entity_for(&self, name: &EntityName, access: Access) -> Result<&OwnEntity> {
        let entity = self.entity_named(name);
        let entity = entity.ok_or_else(|| TrackingError::not_found("entity", name))?;
        access.check(entity.role, &entity.name)?;
        Ok(entity)
    }

    /// Refuses the caller if their role in a collection's project is too small.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] for a stranger; [`TrackingError::Forbidden`] if the role is too small.
    pub(crate) fn check_in(&self, collection: &CollectionRecord, access: Access) -> Result<()> {
        let role = self
            .role_in_project(collection.entity, collection.project)
            .ok_or_else(|| TrackingError::not_found("artifact collection", &collection.name))?;
        let (entity, project) = (&collection.entity_name, &collection.project_name);
        access.check(role, format_args!("{entity}/{project}"))
    }

    /// Whether the caller may know what a project of `entity` lists.
    pub(crate) fn may_list(&self, entity: EntityKey, project: ProjectKey) -> bool {
        self.role_in_project(entity, project).is_some()
    }

    /// Whether the caller may know what is in a collection.
    pub(crate) fn may_list_in(&self, collection: &CollectionRecord) -> bool {
        self.may_list(collection.entity, collection.project)
    }

    /// What the caller may do with a version that `links` link to: what their role in its own project says, or what
    /// their role where a link is says, but then reading at most. `None` for a stranger in all of these places.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if that is too little.
    pub(crate) fn check_version(
        &self,
        version: &ArtifactRecord,
        links: &[MembershipRecord],
        access: Access,
    ) -> Result<Option<()>> {
        let needed = access.needs();
        let own = &version.collection;
        let own_role = self.role_in_project(own.entity, own.project);
        let by_link = links.iter().filter_map(|link| {
            let link = &link.collection;
            Some((self.role_in_project(link.entity, link.project)?, link))
        });
        let by_link = by_link.max_by_key(|(role, _)| *role);
        match (own_role, by_link) {
            (None, None) => Ok(None),
            (Some(role), _) if role >= needed => Ok(Some(())),
            (_, Some((role, _))) if role >= needed && access <= Access::Read => Ok(Some(())),
            (Some(role), _) => {
                let place = format_args!("{}/{}", own.entity_name, own.project_name);
                access.check(role, place).map(Some)
            }
            (None, Some((role, link))) if access <= Access::Read => {
                let place = format_args!("{}/{}", link.entity_name, link.project_name);
                access.check(role, place).map(Some)
            }
            (None, Some((_, link))) => Err(TrackingError::Forbidden(format!(
                "`{}/{}/{}` has a link to this version; to change the version itself takes the role `{needed}` in its \
                 own project, where you have none",
                link.entity_name, link.project_name, link.name
            ))),
        }
    }

    /// Whether the caller may read what is in a project of `entity`.
    pub(crate) fn may_read(&self, entity: EntityKey, project: ProjectKey) -> bool {
        self.role_in_project(entity, project)
            .is_some_and(|role| role >= Access::Read.needs())
    }
}
