use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::auth::{cleared_cookie, require_own_page, session_token};
use crate::error::ApiError;
use crate::extract::Visitor;
use crate::state::ServerState;

/// Signs a browser out: ends its session and removes its cookie. Without a session it does nothing.
#[utoipa::path(delete, path = "/session", operation_id = "delete_session", tag = "session", security(()),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.session.delete", skip_all)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
) -> Result<Response, ApiError> {
    if let Some(token) = session_token(&visitor.headers) {
        let public_url = state.settings().public_url.as_ref();
        require_own_page(&Method::DELETE, &visitor.headers, public_url)?;
        state.tracking().sign_out(&token).await?;
    }
    let cookie = cleared_cookie(state.is_https());
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}
