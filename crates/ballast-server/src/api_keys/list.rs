use axum::Json;

use super::body::ApiKeyBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists the caller's API keys, oldest first.
#[utoipa::path(get, path = "/api-keys", operation_id = "list_api_keys", tag = "api keys",
    responses((status = 200, body = List<ApiKeyBody>)))]
#[tracing::instrument(name = "handler.api_keys.list", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Result<Json<List<ApiKeyBody>>, ApiError> {
    Ok(Json(List::of(
        ctx.tracking().list_api_keys(&ctx.caller).await?,
    )))
}
