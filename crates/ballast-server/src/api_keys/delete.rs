use axum::http::StatusCode;
use ballast_model::ApiKeyKey;

use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, PathParam};

/// Revokes one of the caller's API keys, at once.
#[utoipa::path(delete, path = "/api-keys/{id}", operation_id = "delete_api_key", tag = "api keys",
    params(("id" = String, Path, description = "The key's id.", example = "3")),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.api_keys.delete", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(id): PathParam<String>,
) -> Result<StatusCode, ApiError> {
    let key = id.parse().map(ApiKeyKey).map_err(|_| {
        ApiError::new(
            ErrorCode::ApiKeyNotFound,
            format!("API key `{id}` does not exist"),
        )
    })?;
    ctx.tracking().delete_api_key(&ctx.caller, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
