//! The caller's own account.

mod body;
mod get;
mod set_password;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use body::Me;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(get::handler))
        .routes(routes!(set_password::handler))
}
