use axum::Json;
use ballast_model::MetricName;
use ballast_model::json::{Map, Value};
use ballast_tracking::history::{Row, RowsRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::stream_name::RowStreamName;
use crate::body::Page;
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// Rows of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 200;
/// Most rows of a page.
const MAX_LIMIT: usize = 1000;
/// About so many values make a page, however few rows they are.
const MAX_VALUES: usize = 100_000;

const STEP: &str = "_step";
const RUNTIME: &str = "_runtime";
const TIME: &str = "_timestamp";

/// Which rows to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsQuery {
    /// Only rows that have any of these keys, and of them only these; every row if none is given.
    #[serde(default)]
    key: Vec<String>,
    /// The stream; the history if not given.
    #[serde(default)]
    #[param(inline)]
    stream: RowStreamName,
    /// Least step, inclusive.
    min_step: Option<i64>,
    /// Greatest step, inclusive.
    max_step: Option<i64>,
    /// At most so many rows; 200 if not given. Rows of very many values come in smaller pages.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A row as it was logged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Row)]
pub(crate) struct RowBody {
    /// The step; null in the rare row that has none.
    step: Option<i64>,
    /// Seconds since the start of the run.
    runtime: Option<f64>,
    /// Seconds since the Unix epoch.
    time: Option<f64>,
    /// The values by key. With `key` given, exactly those that the row has of them, under the names that were asked
    /// for; else every top-level member, nested as logged.
    #[schema(value_type = Object)]
    values: Map,
}

impl RowBody {
    fn new(row: Row, keys: &[MetricName]) -> Self {
        let mut logged = row.values;
        let position = |key: &str| logged.get(key);
        let step = position(STEP).and_then(Value::as_i64);
        let runtime = position(RUNTIME).and_then(Value::as_f64);
        let time = position(TIME).and_then(Value::as_f64);
        let values = if keys.is_empty() {
            logged.retain(|key, _| ![STEP, RUNTIME, TIME].contains(&key.as_str()));
            logged
                .into_iter()
                .map(|(key, value)| (MetricName::from_key(&key).to_string(), value))
                .collect()
        } else {
            let value = |key: &MetricName| Some((key.to_string(), member(&logged, key)?.clone()));
            keys.iter().filter_map(value).collect()
        };
        Self {
            step,
            runtime,
            time,
            values,
        }
    }
}

/// The value at a key's path.
fn member<'a>(row: &'a Map, key: &MetricName) -> Option<&'a Value> {
    let path = key.path();
    let (first, rest) = path.keys().split_first()?;
    rest.iter()
        .try_fold(row.get(first)?, |value, key| value.get(key))
}

/// Reads a run's rows in the order they were logged, complete and exact.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/rows", operation_id = "list_rows", tag = "history",
    params(RunPathParams, RowsQuery), responses((status = 200, body = Page<RowBody>)))]
#[tracing::instrument(name = "handler.history.rows", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<RowsQuery>,
) -> Result<Json<Page<RowBody>>, ApiError> {
    let keys: Vec<MetricName> = query.key.into_iter().map(MetricName::from_stored).collect();
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let request = RowsRequest {
        keys: Some(keys.clone()).filter(|keys| !keys.is_empty()),
        min_step: query.min_step,
        // Beyond the greatest step there is no end to name.
        end_step: query.max_step.and_then(|step| step.checked_add(1)),
        after_line: query.cursor.as_deref().map(parse_cursor).transpose()?,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
        max_values: Some(MAX_VALUES),
    };
    let mut page = ctx
        .tracking()
        .rows(&ctx.caller, &path, query.stream.into(), &request)
        .await?;
    let has_more = page.is_cut || page.rows.len() > limit;
    page.rows.truncate(limit);
    let rows = page.rows;
    let next_cursor = rows
        .last()
        .filter(|_| has_more)
        .map(|row| row.line.to_string());
    let items = rows
        .into_iter()
        .map(|row| RowBody::new(row, &keys))
        .collect();
    Ok(Json(Page {
        items,
        next_cursor,
        total: None,
    }))
}

fn parse_cursor(cursor: &str) -> Result<u64, ApiError> {
    let message = "`cursor` is not one that this list gave out";
    let line = cursor.parse::<u64>().ok().filter(|line| *line < u64::MAX);
    line.ok_or_else(|| ApiError::new(ErrorCode::InvalidQuery, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let text = br#"{"d":{"x":1},"d.x":2,"_step":7,"_runtime":1.5,"_timestamp":9}"#;
        let Ok(Value::Map(values)) = Value::parse(text) else {
            panic!("test input is an object")
        };
        Row { line: 3, values }
    }

    #[test]
    fn nested_and_literal_dots_are_told_apart() {
        let keys = ["d.x", "d\\.x", "d.y", "e"].map(MetricName::from_stored);
        let body = RowBody::new(row(), &keys);
        assert_eq!(Value::Map(body.values).to_text(), r#"{"d.x":1,"d\\.x":2}"#);
        assert_eq!(
            (body.step, body.runtime, body.time),
            (Some(7), Some(1.5), Some(9.0))
        );
    }

    #[test]
    fn without_keys_every_member_comes() {
        let body = RowBody::new(row(), &[]);
        assert_eq!(
            Value::Map(body.values).to_text(),
            r#"{"d":{"x":1},"d\\.x":2}"#
        );
    }
}
