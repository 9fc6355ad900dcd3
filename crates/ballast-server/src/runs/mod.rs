//! Runs.

mod alerts;
mod body;
mod delete;
mod get;
mod list;
mod problems;
mod restore;
mod stop;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use body::RunStateName;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(get::handler, update::handler, delete::handler))
        .routes(routes!(restore::handler))
        .routes(routes!(stop::handler))
        .routes(routes!(problems::handler))
        .routes(routes!(alerts::handler))
}
