//! What anyone may know about the server.

mod get;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(get::handler))
}
