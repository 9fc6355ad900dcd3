use ballast_tracking::teams::{Summary, Team};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;
use crate::members::{MemberBody, RoleBody};

/// A team in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamSummary)]
pub(crate) struct TeamSummaryBody {
    /// The name.
    #[schema(example = "vision-team")]
    name: String,
    /// The organization that it is part of.
    #[schema(example = "acme")]
    organization: Option<String>,
    /// What the caller may do in it; null for an admin of the server who is not in it.
    role: Option<RoleBody>,
    /// How many members it has.
    n_members: u64,
    /// How many projects it has.
    n_projects: u64,
    /// When it was made.
    created_at: Time,
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub(crate) struct TeamBody {
    /// The name.
    #[schema(example = "vision-team")]
    name: String,
    /// The organization that it is part of.
    #[schema(example = "acme")]
    organization: Option<String>,
    /// When it was made.
    created_at: Time,
    /// What the caller may do in it; null for an admin of the server who is not in it.
    role: Option<RoleBody>,
    /// Its members, by name.
    members: Vec<MemberBody>,
}

impl From<Summary> for TeamSummaryBody {
    fn from(summary: Summary) -> Self {
        Self {
            name: summary.name.to_string(),
            organization: summary.organization.map(|name| name.to_string()),
            role: summary.role.map(RoleBody::from),
            n_members: summary.figures.n_members,
            n_projects: summary.figures.n_projects,
            created_at: summary.created_at.into(),
        }
    }
}

impl From<Team> for TeamBody {
    fn from(team: Team) -> Self {
        Self {
            name: team.name.to_string(),
            organization: team.organization.map(|name| name.to_string()),
            created_at: team.created_at.into(),
            role: team.role.map(RoleBody::from),
            members: team.members.into_iter().map(MemberBody::from).collect(),
        }
    }
}
