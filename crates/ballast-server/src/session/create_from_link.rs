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

/// The token of a sign-in link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkToken {
    /// What follows `token=` in the link.
    token: String,
}

/// Signs a browser in with the token of a sign-in link, which works once.
///
/// Sets the cookie `ballast_session`.
#[utoipa::path(post, path = "/session/link", operation_id = "create_session_from_link", tag = "session", security(()),
    request_body = LinkToken, responses((status = 200, body = Me)))]
#[tracing::instrument(name = "handler.session.create_from_link", skip_all)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
    JsonBody(body): JsonBody<LinkToken>,
) -> Result<Response, ApiError> {
    refuse_foreign_page(&visitor.headers, state.settings().public_url.as_ref())?;
    let session = state
        .tracking()
        .sign_in_with_link(&body.token)
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::SignInLinkInvalid,
                "this sign-in link was used or has expired",
            )
            .with_hint("sign in with a password, or ask whoever runs the server for a new link")
        })?;
    Ok(signed_in(&state, &session))
}
