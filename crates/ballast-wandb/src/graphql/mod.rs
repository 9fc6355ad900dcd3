//! `POST /graphql`.
//!
//! One file for each area of the schema; [`request`] and [`response`] stand between the client's habits and the
//! GraphQL library. Areas that the client's documents name and that are not built yet have types without values
//! ([`absent`]) and refused mutations ([`unsupported`]).

mod absent;
mod access;
mod alerts;
mod artifacts;
mod automations;
mod connection;
mod console;
mod entities;
mod files;
mod history;
mod launch;
mod people;
mod projects;
mod query;
mod registries;
mod reports;
mod request;
mod response;
mod run_mutations;
mod runs;
mod scalars;
mod server_info;
mod sweeps;
mod unsupported;

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use async_graphql::{EmptySubscription, MergedObject};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

pub(crate) use self::access::Access;
use self::query::Query;
use self::request::{Normalized, normalize};
pub(crate) use self::run_mutations::UpsertBucketInput;
use crate::Door;
use crate::address::BaseAddress;
use crate::auth::SignedIn;
use crate::body::read_body;
use crate::refusal::Refusal;

/// How deep a document may nest.
const MAX_DEPTH: usize = 30;
/// How many fields a document may select.
const MAX_COMPLEXITY: usize = 5_000;
/// How many directives a field may have.
const MAX_DIRECTIVES: usize = 8;

/// Bodies larger than this, in bytes, are read on a thread that may block.
const INLINE_BYTES: usize = 64 << 10;

/// Changes.
#[derive(Debug, Default, MergedObject)]
pub(crate) struct Mutation(
    run_mutations::RunMutations,
    files::FileMutations,
    projects::ProjectMutations,
    registries::RegistryMutations,
    people::PeopleMutations,
    alerts::AlertMutations,
    artifacts::ArtifactMutations,
    sweeps::SweepMutations,
    unsupported::UnsupportedMutations,
);

pub(crate) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema with its limits.
pub(crate) fn schema() -> Schema {
    Schema::build(Query, Mutation::default(), EmptySubscription)
        .register_output_type::<artifacts::ArtifactCollection>()
        .limit_depth(MAX_DEPTH)
        .limit_complexity(MAX_COMPLEXITY)
        .limit_directives(MAX_DIRECTIVES)
        .disable_suggestions()
        .finish()
}

/// Answers a GraphQL request.
#[tracing::instrument(name = "wandb.graphql", skip_all)]
pub(crate) async fn handler(
    State(door): State<Door>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let started = Instant::now();
    let body = read_body(&headers, body, door.settings.max_request_bytes).await?;
    let normalized = if body.len() <= INLINE_BYTES {
        normalize(&body)
    } else {
        let normalizing = tokio::task::spawn_blocking(move || normalize(&body));
        normalizing.await.expect("reading a request does not panic")
    };
    let Normalized {
        request,
        root_fields,
    } = normalized?;
    let access = Access {
        tracking: door.tracking.clone(),
        caller,
        base: BaseAddress::of(door.settings.public_url.as_ref(), &headers),
        shared: headers
            .get("x-wandb-use-async-filestream")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true")),
    };
    let response = door.schema.execute(request.data(access)).await;
    count(&response, root_fields, started);
    Ok(response::to_http(response))
}

/// Counts a request under the field that it starts with; names that the schema does not have share one label.
fn count(response: &async_graphql::Response, root_fields: Vec<String>, started: Instant) {
    if let Some(name) = response::unknown_name(response) {
        let name = bounded_label(name);
        tracing::info!(%name, "a client asked for something unknown");
        metrics::counter!("ballast.wandb.unknown_operations", "name" => name).increment(1);
    }
    let operation = match root_fields.into_iter().next() {
        Some(field) if !response::was_refused(response) => field,
        _ => "refused".to_owned(),
    };
    metrics::counter!("ballast.wandb.operations", "operation" => operation.clone()).increment(1);
    metrics::histogram!("ballast.wandb.operation_seconds", "operation" => operation)
        .record(started.elapsed().as_secs_f64());
}

/// The name, or `other` once many different names were seen: anyone may send any name.
fn bounded_label(name: String) -> String {
    const MAX_NAMES: usize = 100;
    const MAX_LENGTH: usize = 80;
    static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = seen.contains(&name)
        || (seen.len() < MAX_NAMES && name.len() <= MAX_LENGTH && seen.insert(name.clone()));
    if known { name } else { "other".to_owned() }
}
