use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::NewApiKeyBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};

/// An API key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyName {
    /// What to call it.
    #[schema(example = "laptop")]
    name: String,
}

/// Makes an API key for the caller. The answer is the only one that ever holds the secret.
#[utoipa::path(post, path = "/api-keys", operation_id = "add_api_key", tag = "api keys",
    request_body = ApiKeyName, responses((status = 201, body = NewApiKeyBody)))]
#[tracing::instrument(name = "handler.api_keys.add", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    JsonBody(body): JsonBody<ApiKeyName>,
) -> Result<(StatusCode, Json<NewApiKeyBody>), ApiError> {
    let new = ctx
        .tracking()
        .create_api_key(&ctx.caller, &body.name)
        .await?;
    Ok((StatusCode::CREATED, Json(new.into())))
}
