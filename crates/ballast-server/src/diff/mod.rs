//! What changed?

mod body;
mod get;

use ballast_tracking::diff::Diff;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::DiffBody;
use crate::state::ServerState;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(get::handler))
}

/// A diff as `GET /api/v1/diff` answers it, in JSON text with line breaks.
pub fn diff_json(diff: Diff) -> String {
    serde_json::to_string_pretty(&DiffBody::from(diff)).expect("bodies are plain JSON")
}
