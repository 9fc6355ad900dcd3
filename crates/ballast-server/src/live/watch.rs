use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use ballast_model::{EntityName, ProjectName};
use futures::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use utoipa::IntoParams;

use super::event::{LiveProjectBody, LiveRunBody, hello, sse_event};
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, QueryString};
use crate::state::ServerState;

/// Silence after which a comment is sent, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream lasts at most. A browser then connects again, and its credentials are checked again.
const MAX_AGE: Duration = Duration::from_hours(1);

/// Most projects of one stream.
const MAX_PROJECTS: usize = 100;

/// Tells proxies not to gather events.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What to watch.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// Projects, each as `entity/project`; 1 to 100.
    #[serde(default)]
    #[param(example = json!(["ada/vision"]))]
    project: Vec<String>,
}

/// Streams what changes in some projects, as server-sent events.
///
/// First `hello`; then `run` (data: `LiveRun`) whenever a run changed, `project` (data: `LiveProject`) when the list of
/// runs is to be read anew, and `resync` when the reader was too slow and everything is to be read anew. The stream
/// ends after an hour and when the server stops; connect again.
#[utoipa::path(get, path = "/live", operation_id = "watch", tag = "live", params(LiveQuery),
    responses((status = 200, content_type = "text/event-stream", body = inline(LiveEvents))))]
#[tracing::instrument(name = "handler.live.watch", skip_all, fields(n_projects = query.project.len()))]
pub(crate) async fn handler(
    ctx: CallContext,
    QueryString(query): QueryString<LiveQuery>,
) -> Result<Response, ApiError> {
    let projects = watched_projects(&query.project)?;
    let events = ctx.tracking().watch(&ctx.caller, &projects).await?;
    let events = stream::iter([hello()]).chain(events.map(|event| sse_event(&event)));
    let sse =
        Sse::new(until_end(ctx.state(), events)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([(ACCEL_BUFFERING, "no")], sse).into_response())
}

/// The data of the events, for the documentation.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(description = "The data of a `run` or a `project` event.")]
#[expect(dead_code, reason = "only its schema is used")]
enum LiveEvents {
    Run(LiveRunBody),
    Project(LiveProjectBody),
}

fn watched_projects(names: &[String]) -> Result<Vec<(EntityName, ProjectName)>, ApiError> {
    if !(1..=MAX_PROJECTS).contains(&names.len()) {
        let message = format!(
            "`project` must be given 1 to {MAX_PROJECTS} times, got {}",
            names.len()
        );
        return Err(ApiError::new(ErrorCode::InvalidQuery, message));
    }
    names.iter().map(|name| watched_project(name)).collect()
}

fn watched_project(name: &str) -> Result<(EntityName, ProjectName), ApiError> {
    let (entity, project) = name.split_once('/').ok_or_else(|| {
        ApiError::new(
            ErrorCode::InvalidQuery,
            "`project` is written `entity/project`",
        )
    })?;
    Ok((EntityName::new(entity)?, ProjectName::new(project)?))
}

/// The events until the server stops or the stream is too old.
fn until_end(
    state: &ServerState,
    events: impl Stream<Item = Event> + Send + 'static,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let shutdown = state.settings().shutdown.clone();
    let end = async move {
        let _ = tokio::time::timeout(MAX_AGE, shutdown.cancelled()).await;
    };
    events.take_until(Box::pin(end)).map(Ok)
}
