//! Files of runs.
//!
//! Their content comes from scripts, so it is served as nobody's: whatever a browser makes of it, it runs without our
//! origin and cannot be loaded as a script or style of our pages.

mod answer;
mod disposition;
mod get;
mod list;
mod policy;
mod range;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use answer::{ServedFile, Wanted};
pub(crate) use disposition::attachment;
pub(crate) use get::FileQuery;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(get::handler))
}
