//! What was made from what.

mod body;
mod get;
mod subject;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use body::NodeBody;
pub(crate) use subject::parse_subject;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(get::handler))
}
