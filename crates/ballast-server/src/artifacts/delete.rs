use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, VersionPathParam, VersionPathParams};

/// How to delete a version.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Delete it even if it has aliases.
    #[serde(default)]
    aliases: bool,
}

/// Deletes a version; where the collection has only a link to it, removes the link.
#[utoipa::path(delete, path = "/artifacts/{entity}/{project}/{collection}/{version}", operation_id = "delete_version",
    tag = "artifacts", params(VersionPathParams, DeleteQuery), responses((status = 204)))]
#[tracing::instrument(name = "handler.artifacts.delete", skip_all,
    fields(artifact.name = %path, aliases = query.aliases))]
pub(crate) async fn handler(
    ctx: CallContext,
    VersionPathParam(path): VersionPathParam,
    QueryString(query): QueryString<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    ctx.tracking()
        .delete_version_at(&ctx.caller, &path, query.aliases)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
