use axum::Json;
use ballast_tracking::console::{ConsolePage, ConsoleRequest, ConsoleSearch, NumberedLine};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// Lines of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 1000;
/// Most lines of a page.
const MAX_LIMIT: usize = 5000;

/// Which lines to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConsoleQuery {
    /// The first line to consider, from 0.
    #[serde(default)]
    from: u64,
    /// At most so many lines; 1,000 if not given.
    #[param(minimum = 1, maximum = 5000)]
    limit: Option<usize>,
    /// Only lines whose text, colours left out, contains this in any case.
    search: Option<String>,
    /// Only lines whose text, colours left out, has a match of this regular expression, in the syntax of Rust's
    /// `regex` crate: `(?i)` at its beginning ignores case. Instead of `search`.
    pattern: Option<String>,
    /// The last so many lines instead.
    #[param(minimum = 1, maximum = 5000)]
    tail: Option<usize>,
}

/// A console line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsoleLine)]
pub(crate) struct ConsoleLineBody {
    /// Counted from 0.
    number: u64,
    /// When it was printed, as the client wrote it.
    time: Option<String>,
    /// `error` for what went to the error stream.
    level: Option<String>,
    /// Which process printed it, where several share a run.
    label: Option<String>,
    /// The text, with its ANSI escapes, without the line break.
    text: String,
}

/// A page of a console.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsolePage)]
pub(crate) struct ConsolePageBody {
    /// The lines, ascending.
    items: Vec<ConsoleLineBody>,
    /// How many lines the console has.
    total: u64,
    /// How many lines fit the search, on this page or not: of those from `from` on, and before `next_from`.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_matches: Option<u64>,
    /// Where to search on. Only there if so much was found (100,000 lines) that the search stopped before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<u64>,
}

impl From<NumberedLine> for ConsoleLineBody {
    fn from(NumberedLine { number, line }: NumberedLine) -> Self {
        Self {
            number,
            time: line.time,
            level: line.level,
            label: line.label,
            text: line.text,
        }
    }
}

impl From<ConsolePage> for ConsolePageBody {
    fn from(page: ConsolePage) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            total: page.total,
            n_matches: page.n_matches,
            next_from: page.next_from,
        }
    }
}

/// Reads a page of a run's console.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/console", operation_id = "list_console_lines", tag = "console",
    params(RunPathParams, ConsoleQuery), responses((status = 200, body = ConsolePageBody)))]
#[tracing::instrument(name = "handler.console.list", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<ConsoleQuery>,
) -> Result<Json<ConsolePageBody>, ApiError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let search = match (given(query.search), given(query.pattern)) {
        (Some(_), Some(_)) => {
            let reason = "`search` and `pattern` cannot be given together";
            return Err(ApiError::new(ErrorCode::InvalidQuery, reason));
        }
        (Some(text), None) => Some(ConsoleSearch::Text(text)),
        (None, pattern) => pattern.map(ConsoleSearch::Pattern),
    };
    let request = ConsoleRequest {
        from: query.from,
        limit: query
            .tail
            .or(query.limit)
            .unwrap_or(DEFAULT_LIMIT)
            .clamp(1, MAX_LIMIT),
        tail: query.tail.is_some(),
        search,
    };
    Ok(Json(
        ctx.tracking()
            .console_lines(&ctx.caller, &path, &request)
            .await?
            .into(),
    ))
}
