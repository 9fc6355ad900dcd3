//! The door of the wandb client: everything that the unmodified `wandb` Python package speaks.
//!
//! [`router`] serves it on the operations of [`ballast_tracking`], which it shares with the native API: a run that is
//! logged through here is a run like any other. This crate translates and decides nothing but how to say it; who may
//! do what is checked below. It does not know SQL, Parquet, the native API, or the web UI.
//!
//! The client is written against another server, so its words differ from ours. They occur in this crate alone:
//!
//! | on the wire | here | |
//! |---|---|---|
//! | `bucket`, `run` | run | |
//! | `bucket.name`, `run.name` | [`ballast_model::RunId`] | `displayName` is the title |
//! | `model`, `project`, `modelName` | project | |
//! | `id` of a run | [`ballast_model::RunKey`] | base64 of `Run:<key>` |
//! | `config` `{k: {"value": v}}` | config `{k: v}` | |
//! | `config._wandb` | what the client library keeps with a run, opaque | metrics, charts and environment are read out of it |
//! | `_wandb.m` | [`ballast_model::MetricDefinition`] | |
//! | `_wandb.visualize`, `_wandb.viz` | [`ballast_model::CustomChart`] | |
//! | `_wandb.e`, `wandb-metadata.json`, `requirements.txt` | [`ballast_model::Environment`] | |
//! | `_wandb.branch_point` | the run and step that a fork branches off | |
//! | `summaryMetrics`, `wandb-summary.json` | summary | |
//! | `wandb-history.jsonl` | history | |
//! | `wandb-events.jsonl`, `events`, `systemMetrics` | system metrics | |
//! | `output.log`, `logLines` | console | |
//! | `artifact` | a version, [`ballast_model::ArtifactKey`] | `versionIndex` is its number |
//! | `artifactSequence`, `artifactPortfolio` | artifact collection | with versions of its own, or with links |
//! | `birthArtifactID` | the version that a content was first uploaded for | |
//! | shared mode, `X-WANDB-ASYNC-CLIENT-ID` | a run with several writers | |
//!
//! The modules follow the routes: [`graphql`] for `/graphql`, [`file_stream`] for what a running process reports,
//! [`storage`] for the bytes of files.

mod address;
mod auth;
mod body;
mod charts;
mod config;
mod environment;
mod file_stream;
mod filters;
mod graphql;
mod ids;
mod metric_definitions;
mod refusal;
mod routes;
mod storage;
mod upsert;

use std::sync::Arc;

use axum::Router;
use ballast_tracking::Tracking;
use url::Url;

pub use crate::routes::route_roots;

/// What an operator may set about the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WandbSettings {
    /// Where clients reach this server, if that is not where their requests say.
    pub public_url: Option<Url>,
    /// Largest body of a request, in bytes after decompression; run files have a limit of their own.
    pub max_request_bytes: u64,
}

impl Default for WandbSettings {
    /// No fixed address; 16 MiB.
    fn default() -> Self {
        Self {
            public_url: None,
            max_request_bytes: 16 << 20,
        }
    }
}

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) tracking: Tracking,
    pub(crate) settings: Arc<WandbSettings>,
    pub(crate) schema: graphql::Schema,
}

/// Everything that the client asks for, at the paths where it asks.
///
/// The paths start with [`route_roots`]. The router sets no limit on the time or the number of requests.
pub fn router(tracking: Tracking, settings: WandbSettings) -> Router {
    describe_metrics();
    let door = Door {
        tracking,
        settings: Arc::new(settings),
        schema: graphql::schema(),
    };
    routes::router().with_state(door)
}

/// The GraphQL schema as text, for the reference.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    graphql::schema().sdl_with_options(options)
}

fn describe_metrics() {
    use metrics::{Unit, describe_counter, describe_histogram};
    describe_counter!(
        "ballast.wandb.operations",
        Unit::Count,
        "GraphQL requests by the field they start with"
    );
    describe_histogram!(
        "ballast.wandb.operation_seconds",
        Unit::Seconds,
        "time to answer a GraphQL request"
    );
    describe_counter!(
        "ballast.wandb.unknown_operations",
        Unit::Count,
        "GraphQL requests for something that the server does not have"
    );
    describe_counter!(
        "ballast.wandb.unreadable_lines",
        Unit::Count,
        "lines, summaries and file names of file stream requests that could not be read"
    );
    describe_histogram!(
        "ballast.wandb.file_stream_bytes",
        Unit::Bytes,
        "size of file stream requests, decompressed"
    );
}
