//! The one table of what the door serves.

use std::sync::LazyLock;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, any, get, post, put};

use crate::refusal::Refusal;
use crate::{Door, file_stream, graphql, storage};

struct Route {
    path: &'static str,
    handlers: fn() -> MethodRouter<Door>,
}

const fn route(path: &'static str, handlers: fn() -> MethodRouter<Door>) -> Route {
    Route { path, handlers }
}

const ROUTES: &[Route] = &[
    route("/graphql", || post(graphql::handler)),
    route("/files/{entity}/{project}/{run}/file_stream", || {
        post(file_stream::handler)
    }),
    route("/files/{entity}/{project}/{run}/{*path}", || {
        get(storage::get_by_name)
    }),
    route("/storage/files/{ticket}", || put(storage::put)),
    route("/storage/files/{ticket}/{name}", || get(storage::get)),
    route("/storage/refused", || put(storage::refused)),
    route("/storage/artifacts/{ticket}", || put(storage::put_content)),
    route("/storage/artifacts/{ticket}/wandb_artifacts/{name}", || {
        get(storage::get_content)
    }),
    route("/artifactsV2/{*path}", || get(storage::get_content_by_path)),
    route("/artifacts/{entity}/{md5}", || {
        get(storage::get_content_by_md5)
    }),
    // What there is none of, ever. A client must be told at once: it waits for anything else.
    route("/oidc/token", || any(no_federated_identity)),
    route("/evaluations/{*path}", || any(not_here)),
    route("/sdk/{*path}", || any(not_here)),
];

pub(crate) fn router() -> Router<Door> {
    let add = |router: Router<Door>, route: &Route| router.route(route.path, (route.handlers)());
    ROUTES.iter().fold(Router::new(), add)
}

/// The first parts of the paths that the door serves. No entity may have one of these names.
pub fn route_roots() -> &'static [&'static str] {
    static ROOTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let mut roots: Vec<_> = ROUTES
            .iter()
            .filter_map(|route| route.path.split('/').nth(1))
            .collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    });
    &ROOTS
}

/// Signing in with the token of another system is not offered.
async fn no_federated_identity() -> Refusal {
    Refusal::invalid("identity tokens are not supported by this server; sign in with an API key")
}

/// The client's telemetry, for example: 404 makes it stop sending.
async fn not_here() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_come_from_the_table() {
        assert_eq!(
            route_roots(),
            [
                "artifacts",
                "artifactsV2",
                "evaluations",
                "files",
                "graphql",
                "oidc",
                "sdk",
                "storage"
            ]
        );
    }
}
