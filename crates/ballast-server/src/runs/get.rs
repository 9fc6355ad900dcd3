use axum::Json;

use super::body::RunDetailBody;
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};

/// Gets a run with where and how it was made, and what its script declared.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}", operation_id = "get_run", tag = "runs",
    params(RunPathParams), responses((status = 200, body = RunDetailBody)))]
#[tracing::instrument(name = "handler.runs.get", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Json<RunDetailBody>, ApiError> {
    Ok(Json(
        ctx.tracking().get_run(&ctx.caller, &path).await?.into(),
    ))
}
