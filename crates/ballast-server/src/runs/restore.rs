use axum::Json;

use super::body::RunBody;
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};

/// Takes a run out of the bin. A run that is not in the bin stays as it is.
#[utoipa::path(post, path = "/runs/{entity}/{project}/{run}/restore", operation_id = "restore_run", tag = "runs",
    params(RunPathParams), responses((status = 200, body = RunBody)))]
#[tracing::instrument(name = "handler.runs.restore", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Json<RunBody>, ApiError> {
    Ok(Json(
        ctx.tracking().restore_run(&ctx.caller, &path).await?.into(),
    ))
}
