use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::signed_in;
use crate::auth::refuse_foreign_page;
use crate::error::{ApiError, ErrorCode};
use crate::extract::{JsonBody, Visitor};
use crate::me::Me;
use crate::state::ServerState;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The username, in any case.
    #[schema(example = "ada")]
    username: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Signs a browser in with username and password.
///
/// Sets the cookie `ballast_session`. After ten wrong attempts in a row, one more is granted every six seconds.
#[utoipa::path(post, path = "/session", operation_id = "create_session", tag = "session", security(()),
    request_body = SignIn, responses((status = 200, body = Me)))]
#[tracing::instrument(name = "handler.session.create", skip_all)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    refuse_foreign_page(&visitor.headers, state.settings().public_url.as_ref())?;
    state
        .sign_ins()
        .attempt(&body.username, visitor.address, state.now())
        .map_err(|wait| {
            ApiError::new(
                ErrorCode::TooManySignIns,
                "too many attempts to sign in; wait a moment",
            )
            .with_retry_after(wait)
        })?;
    let session = state
        .tracking()
        .sign_in(&body.username, &body.password)
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::InvalidCredentials,
                "username and password do not belong together",
            )
        })?;
    state.sign_ins().succeeded(&body.username, visitor.address);
    Ok(signed_in(&state, &session))
}
