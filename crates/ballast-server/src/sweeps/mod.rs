//! Sweeps.

mod add;
mod body;
mod check;
mod delete;
mod get;
mod importance;
mod list;
mod suggest;
mod trials;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list::handler, add::handler))
        .routes(routes!(check::handler))
        .routes(routes!(suggest::handler))
        .routes(routes!(get::handler, update::handler, delete::handler))
        .routes(routes!(trials::handler))
        .routes(routes!(importance::handler))
}
