use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// How to delete a run.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Delete it for good. It must be in the bin.
    #[serde(default)]
    purge: bool,
}

/// Puts a run into the bin; with `purge=true`, deletes a run of the bin for good.
#[utoipa::path(delete, path = "/runs/{entity}/{project}/{run}", operation_id = "delete_run", tag = "runs",
    params(RunPathParams, DeleteQuery), responses((status = 204)))]
#[tracing::instrument(name = "handler.runs.delete", skip_all, fields(run.id = %path.run, purge = query.purge))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    if query.purge {
        ctx.tracking().purge_run(&ctx.caller, &path).await?;
    } else {
        ctx.tracking().delete_run(&ctx.caller, &path).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
