//! Members, as the operations of teams and organizations share them.

use ballast_tracking::Role;
use ballast_tracking::teams::{Member, NewMember};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a user may do in a team or an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Role)]
pub(crate) enum RoleBody {
    /// Reads everything.
    Viewer,
    /// Also writes.
    Member,
    /// Also manages members, and deletes projects and the thing itself.
    Admin,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::RestrictedViewer | Role::Viewer => Self::Viewer,
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<RoleBody> for Role {
    fn from(role: RoleBody) -> Self {
        match role {
            RoleBody::Viewer => Self::Viewer,
            RoleBody::Member => Self::Member,
            RoleBody::Admin => Self::Admin,
        }
    }
}

/// A user in a team or an organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody {
    /// The user's name.
    #[schema(example = "ada")]
    username: String,
    /// E-mail address; may be empty.
    #[schema(example = "ada@example.com")]
    email: String,
    /// What the user may do.
    role: RoleBody,
}

/// A user to take into a team or an organization that is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMember)]
pub(crate) struct NewMemberBody {
    /// The user's name.
    #[schema(example = "ada")]
    username: String,
    /// What the user may do.
    role: RoleBody,
}

/// The role that a member is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberRole {
    /// What the user may do.
    pub(crate) role: RoleBody,
}

/// `{organization}/members/{username}`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OrganizationMemberPath {
    /// The organization.
    #[param(example = "acme")]
    pub(crate) organization: String,
    /// The user's name.
    #[param(example = "ada")]
    pub(crate) username: String,
}

/// `{team}/members/{username}`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TeamMemberPath {
    /// The team.
    #[param(example = "vision-team")]
    pub(crate) team: String,
    /// The user's name.
    #[param(example = "ada")]
    pub(crate) username: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            username: member.username.to_string(),
            email: member.email,
            role: member.role.into(),
        }
    }
}

impl From<NewMemberBody> for NewMember {
    fn from(body: NewMemberBody) -> Self {
        Self {
            username: body.username,
            role: body.role.into(),
        }
    }
}
