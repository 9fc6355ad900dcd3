use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::state::ServerState;

/// What anyone may know about the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Server)]
pub(crate) struct ServerBody {
    /// The version of Ballast.
    #[schema(example = "0.1.0")]
    version: String,
    /// Whether anyone can sign in with a password. If not, only sign-in links work.
    has_users_with_password: bool,
}

/// Tells what anyone may know about the server.
#[utoipa::path(get, path = "/server", operation_id = "get_server", tag = "server", security(()),
    responses((status = 200, body = ServerBody)))]
#[tracing::instrument(name = "handler.server.get", skip_all)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
) -> Result<Json<ServerBody>, ApiError> {
    Ok(Json(ServerBody {
        version: state.settings().version.clone(),
        has_users_with_password: state.tracking().has_users_with_password().await?,
    }))
}
