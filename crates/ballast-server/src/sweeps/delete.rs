use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, SweepPathParam, SweepPathParams};

/// How to delete a sweep.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Move its runs to the bin, too.
    #[serde(default)]
    runs: bool,
}

/// Deletes a sweep with its ledger. Its agents go home.
#[utoipa::path(delete, path = "/sweeps/{entity}/{project}/{sweep}", operation_id = "delete_sweep", tag = "sweeps",
    params(SweepPathParams, DeleteQuery), responses((status = 204)))]
#[tracing::instrument(name = "handler.sweeps.delete", skip_all, fields(sweep.id = %path.sweep, runs = query.runs))]
pub(crate) async fn handler(
    ctx: CallContext,
    SweepPathParam(path): SweepPathParam,
    QueryString(query): QueryString<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    ctx.tracking()
        .delete_sweep(&ctx.caller, &path, query.runs)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
