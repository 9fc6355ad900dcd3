use axum::Json;
use axum::http::StatusCode;

use super::body::RunBody;
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};

/// Asks a run's process to stop. The process learns it with its next report; asking twice is no error.
#[utoipa::path(post, path = "/runs/{entity}/{project}/{run}/stop", operation_id = "stop_run", tag = "runs",
    params(RunPathParams), responses((status = 202, body = RunBody)))]
#[tracing::instrument(name = "handler.runs.stop", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<(StatusCode, Json<RunBody>), ApiError> {
    let run = ctx.tracking().request_stop(&ctx.caller, &path).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}
