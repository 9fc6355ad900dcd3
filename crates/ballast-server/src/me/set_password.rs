use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The present password, if there is one.
    #[schema(format = Password)]
    current_password: Option<String>,
    /// The new password.
    #[schema(format = Password)]
    new_password: String,
}

/// Sets the caller's password. A wrong present password is `forbidden`.
#[utoipa::path(put, path = "/me/password", operation_id = "set_my_password", tag = "me",
    request_body = PasswordChange, responses((status = 204)))]
#[tracing::instrument(name = "handler.me.set_password", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    let current = body.current_password.as_deref();
    ctx.tracking()
        .set_password(&ctx.caller, current, &body.new_password)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
