//! Versions of artifacts and their files.

mod body;
mod delete;
mod file;
mod files;
mod get;
mod history;
mod of_run;
mod rows;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;

pub(crate) use body::{LinkedVersionBody, RunReferenceBody, VersionBody};
pub(crate) use update::aliases;

pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(get::handler, update::handler, delete::handler))
        .routes(routes!(files::handler))
        .routes(routes!(file::handler))
        .routes(routes!(history::handler))
        .routes(routes!(rows::handler))
        .routes(routes!(of_run::handler))
}
