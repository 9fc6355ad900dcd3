//! Signing a browser in and out.

mod create;
mod create_from_link;
mod delete;

use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Response};
use ballast_tracking::people::Session;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::session_cookie;
use crate::me::Me;
use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(create::handler, delete::handler))
        .routes(routes!(create_from_link::handler))
}

/// The answer to a browser that signed in: who it is, and its cookie.
fn signed_in(state: &ServerState, session: &Session) -> Response {
    let cookie = session_cookie(
        &session.token,
        state.now(),
        session.expires_at,
        state.is_https(),
    );
    ([(SET_COOKIE, cookie)], Json(Me::from(&session.caller))).into_response()
}
