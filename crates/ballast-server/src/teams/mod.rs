//! Teams: users who share projects.

mod add;
mod body;
mod delete;
mod delete_member;
mod get;
mod list;
mod put_member;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list::handler, add::handler))
        .routes(routes!(get::handler, delete::handler))
        .routes(routes!(put_member::handler, delete_member::handler))
}
