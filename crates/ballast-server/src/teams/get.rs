use axum::Json;

use super::body::TeamBody;
use crate::error::ApiError;
use crate::extract::{CallContext, EntityParam};

/// Gets a team with its members.
#[utoipa::path(get, path = "/teams/{team}", operation_id = "get_team", tag = "teams",
    params(("team" = String, Path, description = "The team.", example = "vision-team")),
    responses((status = 200, body = TeamBody)))]
#[tracing::instrument(name = "handler.teams.get", skip_all, fields(team.name = %name))]
pub(crate) async fn handler(
    ctx: CallContext,
    EntityParam(name): EntityParam,
) -> Result<Json<TeamBody>, ApiError> {
    let found = ctx.tracking().get_team(&ctx.caller, &name).await?;
    Ok(Json(found.into()))
}
