use ballast_tracking::projects::ProjectOverview;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;
use crate::members::RoleBody;

/// A project with figures of its runs, the bin left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(crate) struct ProjectBody {
    /// The owner.
    #[schema(example = "ada")]
    entity: String,
    /// The name.
    #[schema(example = "vision")]
    name: String,
    /// What it is about; may be empty.
    description: String,
    /// What the caller may do in it.
    role: RoleBody,
    /// How many runs it has.
    n_runs: u64,
    /// How many of them are live.
    n_live_runs: u64,
    /// When it was made.
    created_at: Time,
    /// The latest report of its runs; null without runs.
    last_activity_at: Option<Time>,
    /// Runs started on each of the last 30 days (UTC), oldest day first; the last is today.
    #[schema(min_items = 30, max_items = 30)]
    activity: Vec<u32>,
}

impl From<ProjectOverview> for ProjectBody {
    fn from(overview: ProjectOverview) -> Self {
        Self {
            entity: overview.project.entity.to_string(),
            name: overview.project.name.to_string(),
            description: overview.project.description,
            role: overview.project.role.into(),
            n_runs: overview.n_runs,
            n_live_runs: overview.n_live_runs,
            created_at: overview.project.created_at.into(),
            last_activity_at: overview.last_activity_at.map(Time),
            activity: overview.activity.to_vec(),
        }
    }
}
