//! Registries of organizations.

mod add;
mod body;
mod cards;
mod delete;
mod get;
mod link;
mod list;
mod members;
mod path;
mod unlink;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list::handler, add::handler))
        .routes(routes!(get::handler, update::handler, delete::handler))
        .routes(routes!(members::list::handler))
        .routes(routes!(
            members::put_user::handler,
            members::delete_user::handler
        ))
        .routes(routes!(
            members::put_team::handler,
            members::delete_team::handler
        ))
        .routes(routes!(cards::handler))
        .routes(routes!(link::handler))
        .routes(routes!(unlink::handler))
}
