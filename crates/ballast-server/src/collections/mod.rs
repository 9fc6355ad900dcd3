//! Collections of artifact versions.

mod body;
mod delete;
mod get;
mod list;
mod types;
mod update;
mod versions;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use body::ShortVersionBody;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(types::handler))
        .routes(routes!(list::handler))
        .routes(routes!(get::handler, update::handler, delete::handler))
        .routes(routes!(versions::handler))
}
