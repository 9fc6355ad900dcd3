//! Users and teams of registries.

pub(super) mod delete_team;
pub(super) mod delete_user;
pub(super) mod list;
pub(super) mod put_team;
pub(super) mod put_user;
