use axum::Json;

use super::body::VersionBody;
use crate::error::ApiError;
use crate::extract::{CallContext, VersionPathParam, VersionPathParams};

/// Gets a version of an artifact.
#[utoipa::path(get, path = "/artifacts/{entity}/{project}/{collection}/{version}", operation_id = "get_version",
    tag = "artifacts", params(VersionPathParams), responses((status = 200, body = VersionBody)))]
#[tracing::instrument(name = "handler.artifacts.get", skip_all, fields(artifact.name = %path))]
pub(crate) async fn handler(
    ctx: CallContext,
    VersionPathParam(path): VersionPathParam,
) -> Result<Json<VersionBody>, ApiError> {
    let version = ctx.tracking().get_version_at(&ctx.caller, &path).await?;
    Ok(Json(version.into()))
}
