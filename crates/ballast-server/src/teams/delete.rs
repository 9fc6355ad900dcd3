use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;
use crate::extract::{CallContext, EntityParam, QueryString};

/// What becomes of the projects of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TeamProjects {
    /// They go with the team, for good.
    Delete,
}

/// How to delete a team.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TeamDeletion {
    /// Whether the team's projects go with it; without, a team that has some is not deleted.
    #[param(inline)]
    projects: Option<TeamProjects>,
}

/// Deletes a team. Its admins only. It is a conflict as long as it has projects that may not go.
#[utoipa::path(delete, path = "/teams/{team}", operation_id = "delete_team", tag = "teams",
    params(("team" = String, Path, description = "The team.", example = "vision-team"), TeamDeletion),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.teams.delete", skip_all, fields(team.name = %name))]
pub(crate) async fn handler(
    ctx: CallContext,
    EntityParam(name): EntityParam,
    QueryString(query): QueryString<TeamDeletion>,
) -> Result<StatusCode, ApiError> {
    let with_projects = query.projects == Some(TeamProjects::Delete);
    ctx.tracking()
        .delete_team(&ctx.caller, &name, with_projects)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
