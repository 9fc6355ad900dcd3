use axum::Json;
use ballast_tracking::history::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::{List, Time};
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};
use crate::history::StreamName;

/// A line that was accepted but could not be read. It keeps its place, empty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// The stream.
    stream: StreamName,
    /// The line, from 0.
    line: u64,
    /// What is wrong with it.
    reason: String,
    /// Its beginning.
    excerpt: String,
    /// When it came.
    at: Time,
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        Self {
            stream: problem.stream.into(),
            line: problem.line,
            reason: problem.reason,
            excerpt: problem.excerpt,
            at: problem.at.into(),
        }
    }
}

/// Lists a run's lines that could not be read, newest first, at most 1,000.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/problems", operation_id = "list_problems", tag = "runs",
    params(RunPathParams), responses((status = 200, body = List<ProblemBody>)))]
#[tracing::instrument(name = "handler.runs.problems", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Json<List<ProblemBody>>, ApiError> {
    Ok(Json(List::of(
        ctx.tracking().list_problems(&ctx.caller, &path).await?,
    )))
}
