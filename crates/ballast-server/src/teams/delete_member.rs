use axum::http::StatusCode;
use ballast_model::EntityName;
use ballast_tracking::EntityKind;

use crate::error::ApiError;
use crate::extract::{CallContext, PathParam};
use crate::members::TeamMemberPath;

/// Takes a user out of a team. Its admins only; everyone themselves. The last admin stays.
#[utoipa::path(delete, path = "/teams/{team}/members/{username}", operation_id = "delete_team_member",
    tag = "teams", params(TeamMemberPath), responses((status = 204)))]
#[tracing::instrument(name = "handler.teams.delete_member", skip_all, fields(team.name = path.team))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(path): PathParam<TeamMemberPath>,
) -> Result<StatusCode, ApiError> {
    let team = EntityName::new(path.team)?;
    let kind = EntityKind::Team;
    ctx.tracking()
        .delete_member(&ctx.caller, kind, &team, &path.username)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
