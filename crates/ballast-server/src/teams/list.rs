use axum::Json;

use super::body::TeamSummaryBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists the caller's teams by name, and those of organizations whose admin the caller is; every one for an admin of the
/// server.
#[utoipa::path(get, path = "/teams", operation_id = "list_teams", tag = "teams",
    responses((status = 200, body = List<TeamSummaryBody>)))]
#[tracing::instrument(name = "handler.teams.list", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Result<Json<List<TeamSummaryBody>>, ApiError> {
    Ok(Json(List::of(
        ctx.tracking().list_teams(&ctx.caller).await?,
    )))
}
