use axum::Json;
use ballast_model::json::Value;
use ballast_tracking::KeyInfo;
use ballast_tracking::history::kinds;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::stream_name::RowStreamName;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// Of which stream.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeysQuery {
    /// The stream; the history if not given.
    #[serde(default)]
    #[param(inline)]
    stream: RowStreamName,
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
    params(RunPathParams, KeysQuery), responses((status = 200, body = List<RunKeyBody>)))]
#[tracing::instrument(name = "handler.history.run_keys", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<KeysQuery>,
) -> Result<Json<List<RunKeyBody>>, ApiError> {
    let keys = ctx
        .tracking()
        .history_keys(&ctx.caller, &path, query.stream.into())
        .await?;
    Ok(Json(List::of(keys)))
}
