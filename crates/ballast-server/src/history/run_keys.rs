use axum::Json;
use ballast_model::json::Value;
use ballast_tracking::KeyInfo;
use ballast_tracking::history::kinds;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::key_query::KeyQuery;
use super::stream_name::RowStreamName;
use crate::body::Page;
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// Which keys to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunKeyQuery {
    /// The stream; the history if not given.
    #[serde(default)]
    #[param(inline)]
    stream: RowStreamName,
    /// Only keys whose label contains this, in any case.
    search: Option<String>,
    /// Only keys whose label this regular expression matches somewhere.
    pattern: Option<String>,
    /// At most so many; all if not given.
    #[param(minimum = 1)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A key that a run logged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunKey)]
pub(crate) struct RunKeyBody {
    /// The key: path parts joined by `.`, dots and backslashes inside a part escaped by a backslash.
    #[schema(example = "train.loss")]
    name: String,
    /// The key as the script and people write it, dots not escaped.
    #[schema(example = "train.loss")]
    label: String,
    /// `number`, `string`, `bool`, `json`, or the `_type` of a typed value such as `image-file`.
    #[schema(example = json!(["number"]))]
    kinds: Vec<String>,
    /// How many values it has.
    count: u64,
    /// The step of the first.
    first_step: Option<i64>,
    /// The step of the last.
    last_step: Option<i64>,
    /// The least finite number.
    min: Option<f64>,
    /// The greatest finite number.
    max: Option<f64>,
    /// The last value; null if it is large.
    #[schema(value_type = serde_json::Value)]
    last: Option<Value>,
}

impl From<KeyInfo> for RunKeyBody {
    fn from(key: KeyInfo) -> Self {
        Self {
            kinds: kinds(&key),
            count: key.kinds.iter().map(|(_, count)| count).sum(),
            label: key.name.dotted(),
            name: key.name.to_string(),
            first_step: key.first_step,
            last_step: key.last_step,
            min: key.min,
            max: key.max,
            last: key.last,
        }
    }
}

/// Lists the keys in a run's history or system metrics, by name.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/keys", operation_id = "list_run_keys", tag = "history",
    params(RunPathParams, RunKeyQuery), responses((status = 200, body = Page<RunKeyBody>)))]
#[tracing::instrument(name = "handler.history.run_keys", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<RunKeyQuery>,
) -> Result<Json<Page<RunKeyBody>>, ApiError> {
    let stream = query.stream.into();
    let filter = KeyQuery {
        search: query.search,
        pattern: query.pattern,
        limit: query.limit,
        cursor: query.cursor,
    };
    let page = ctx
        .tracking()
        .find_history_keys(&ctx.caller, &path, stream, &filter.filter()?)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next.map(|name| name.to_string()),
        total: Some(page.total),
    }))
}
