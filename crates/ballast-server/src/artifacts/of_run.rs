use axum::Json;
use ballast_tracking::artifacts::RunVersions;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::VersionBody;
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};

/// The versions that a run dealt with, at most 1,000 each.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunArtifacts)]
pub(crate) struct RunArtifactsBody {
    /// Versions that it used, in that order.
    used: Vec<VersionBody>,
    /// Versions that it made, in that order.
    logged: Vec<VersionBody>,
}

impl From<RunVersions> for RunArtifactsBody {
    fn from(versions: RunVersions) -> Self {
        let bodies = |versions: Vec<_>| versions.into_iter().map(Into::into).collect();
        Self {
            used: bodies(versions.used),
            logged: bodies(versions.logged),
        }
    }
}

/// Lists the versions that a run used and made.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/artifacts", operation_id = "list_run_artifacts",
    tag = "artifacts", params(RunPathParams), responses((status = 200, body = RunArtifactsBody)))]
#[tracing::instrument(name = "handler.artifacts.of_run", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Json<RunArtifactsBody>, ApiError> {
    let versions = ctx.tracking().versions_of_run(&ctx.caller, &path).await?;
    Ok(Json(versions.into()))
}
