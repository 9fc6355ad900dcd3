//! Who calls, with everything to answer them.

use axum::extract::FromRequestParts;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use ballast_tracking::{Caller, Tracking};

use crate::auth::{Credentials, read_credentials, require_own_page};
use crate::error::{ApiError, ErrorCode};
use crate::state::ServerState;

/// A signed-in caller and the operations to call.
///
/// Handlers take it first, so that nothing about a request is judged before its caller is known.
pub(crate) struct CallContext {
    state: ServerState,
    /// Who calls.
    pub(crate) caller: Caller,
}

impl CallContext {
    /// The operations.
    pub(crate) fn tracking(&self) -> &Tracking {
        self.state.tracking()
    }

    /// What all handlers share.
    pub(crate) fn state(&self) -> &ServerState {
        &self.state
    }
}

impl FromRequestParts<ServerState> for CallContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let caller = match read_credentials(&parts.headers) {
            Credentials::ApiKey(key) => state
                .tracking()
                .authenticate_key(&key)
                .await?
                .ok_or_else(|| invalid_api_key(state, "the API key is not known or was revoked"))?,
            Credentials::Session(token) => {
                let caller = state.tracking().authenticate_session(&token).await?;
                let caller = caller.ok_or_else(|| authentication_required(state))?;
                let public_url = state.settings().public_url.as_ref();
                require_own_page(&parts.method, &parts.headers, public_url)?;
                caller
            }
            Credentials::Unreadable => {
                let expected =
                    "the `Authorization` header is neither `Bearer KEY` nor `Basic` with `api:KEY`";
                return Err(invalid_api_key(state, expected));
            }
            Credentials::None => return Err(authentication_required(state)),
        };
        tracing::debug!(user.name = caller.username(), "authenticated");
        Ok(Self {
            state: state.clone(),
            caller,
        })
    }
}

fn invalid_api_key(state: &ServerState, message: &'static str) -> ApiError {
    unauthorized(ErrorCode::InvalidApiKey, message)
        .with_hint(format!("get a key at {}", state.page_address("/authorize")))
}

fn authentication_required(state: &ServerState) -> ApiError {
    unauthorized(
        ErrorCode::AuthenticationRequired,
        "sign in or send an API key",
    )
    .with_hint(format!(
        "sign in at {}, or get a key at {} and send `Authorization: Bearer KEY`",
        state.page_address("/sign-in"),
        state.page_address("/authorize"),
    ))
}

/// A refusal with the challenge that HTTP demands. `Basic`, which works too, is not offered: browsers would ask for it
/// in a window of their own.
fn unauthorized(code: ErrorCode, message: &'static str) -> ApiError {
    let challenge = HeaderValue::from_static("Bearer realm=\"ballast\"");
    ApiError::new(code, message).with_header(WWW_AUTHENTICATE, challenge)
}

/// The address that the connection came from, if the binary passes it on.
pub(crate) fn peer_address(parts: &Parts) -> Option<std::net::IpAddr> {
    parts
        .extensions
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map(|info| info.0.ip())
}

/// A request's headers and peer, for the handlers that run before there is a caller.
pub(crate) struct Visitor {
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    /// Where it came from.
    pub(crate) address: Option<std::net::IpAddr>,
}

impl FromRequestParts<ServerState> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &ServerState,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self {
            headers: parts.headers.clone(),
            address: peer_address(parts),
        })
    }
}
