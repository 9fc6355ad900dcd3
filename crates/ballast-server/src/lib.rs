//! The native HTTP API under `/api/v1`, live events, sessions, and the embedded web UI.
//!
//! [`router`] gives the whole thing for the binary to serve; [`openapi()`] describes the API, and the TypeScript client
//! is generated from that. Handlers are thin: they check shapes and names, call one operation of `ballast-tracking`,
//! and turn its answer into a body. What may be done by whom is decided there.
//!
//! One folder per area, one file per operation:
//!
//! | area | what |
//! |---|---|
//! | `server`, `health` | what anyone may ask |
//! | `session`, `me`, `users`, `api_keys` | accounts |
//! | `projects`, `runs`, `sweeps` | what is tracked |
//! | `history` | keys, rows, and curves as Arrow |
//! | `console`, `files`, `charts` | what else a run leaves |
//! | `collections`, `artifacts` | artifacts and their files |
//! | `lineage`, `diff` | what was made from what, and what differs |
//! | `live` | server-sent events |
//! | `ui` | the web app's files and pages |
//! | `error`, `extract`, `auth`, `middleware`, `body` | what they share |
//!
//! This crate does not know SQL, Parquet, object stores, or any wire name of the wandb client.

mod api_keys;
mod artifacts;
mod auth;
mod body;
mod charts;
mod collections;
mod console;
mod diff;
mod entities;
mod error;
mod extract;
mod files;
mod health;
mod history;
mod lineage;
mod live;
mod me;
mod members;
mod middleware;
mod openapi;
mod organizations;
mod projects;
mod registries;
mod router;
mod routes;
mod runs;
mod server;
mod session;
mod settings;
mod state;
mod sweeps;
mod teams;
mod ui;
mod users;

#[cfg(test)]
mod tests;

pub use diff::diff_json;
pub use error::{ErrorBody, ErrorCode, error_reference};
pub use middleware::identify_requests;
pub use openapi::{openapi, openapi_json};
pub use router::router;
pub use routes::route_roots;
pub use settings::ServerSettings;
