//! Rows: their keys, the rows themselves, and curves.

mod arrow;
mod download;
mod key_query;
mod project_keys;
mod rows;
mod run_error;
mod run_keys;
mod series;
mod stream_name;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use stream_name::StreamName;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(project_keys::handler))
        .routes(routes!(series::handler))
        .routes(routes!(download::handler))
        .routes(routes!(run_keys::handler))
        .routes(routes!(rows::handler))
}
