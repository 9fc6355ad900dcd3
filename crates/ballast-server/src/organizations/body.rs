use ballast_tracking::teams::{Organization, Summary};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;
use crate::members::{MemberBody, RoleBody};

/// An organization in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganizationSummary)]
pub(crate) struct OrganizationSummaryBody {
    /// The name.
    #[schema(example = "acme")]
    name: String,
    /// When it was made.
    created_at: Time,
    /// What the caller may do in it; null for an admin of the server who is not in it.
    role: Option<RoleBody>,
    /// How many members it has.
    n_members: u64,
    /// How many teams it has.
    n_teams: u64,
    /// How many registries it has.
    n_registries: u64,
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub(crate) struct OrganizationBody {
    /// The name.
    #[schema(example = "acme")]
    name: String,
    /// When it was made.
    created_at: Time,
    /// What the caller may do in it; null for an admin of the server who is not in it.
    role: Option<RoleBody>,
    /// Its members, by name.
    members: Vec<MemberBody>,
    /// Its teams, by name, also those that the caller is not in.
    teams: Vec<OrganizationTeam>,
}

/// A team of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationTeam {
    /// The name.
    #[schema(example = "vision-team")]
    name: String,
    /// What the caller may do in it; null if nothing.
    role: Option<RoleBody>,
    /// How many members it has.
    n_members: u64,
}

impl From<Summary> for OrganizationSummaryBody {
    fn from(summary: Summary) -> Self {
        Self {
            name: summary.name.to_string(),
            created_at: summary.created_at.into(),
            role: summary.role.map(RoleBody::from),
            n_members: summary.figures.n_members,
            n_teams: summary.figures.n_teams,
            n_registries: summary.figures.n_registries,
        }
    }
}

impl From<Organization> for OrganizationBody {
    fn from(organization: Organization) -> Self {
        let team = |team: Summary| OrganizationTeam {
            name: team.name.to_string(),
            role: team.role.map(RoleBody::from),
            n_members: team.figures.n_members,
        };
        Self {
            name: organization.name.to_string(),
            created_at: organization.created_at.into(),
            role: organization.role.map(RoleBody::from),
            members: organization
                .members
                .into_iter()
                .map(MemberBody::from)
                .collect(),
            teams: organization.teams.into_iter().map(team).collect(),
        }
    }
}
