use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use ballast_model::{MetricName, RunId};
use ballast_tracking::Axis;
use ballast_tracking::history::ProjectSeriesRequest;
use serde::Deserialize;
use utoipa::ToSchema;

use super::arrow::{CONTENT_TYPE as ARROW, encode_series};
use super::stream_name::RowStreamName;
use crate::body::Binary;
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

const MAX_RUNS: usize = 1000;
const MAX_KEYS: usize = 200;
const MAX_COLUMNS: usize = 4000;

/// Columns of all curves of a request together, which bounds the memory it takes. Requests that could exceed it get
/// fewer columns a curve.
const COLUMN_BUDGET: usize = 2_000_000;
/// Columns that a curve gets at least, however many are asked for.
const MIN_COLUMNS: usize = 8;

/// What to plot against.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Axis)]
pub(crate) struct AxisBody {
    /// The kind of axis.
    kind: AxisKind,
    /// The key, for an axis of kind `metric`.
    name: Option<String>,
}

/// A kind of x axis.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AxisKind {
    /// The step.
    Step,
    /// Seconds since the start of the run.
    Runtime,
    /// Seconds since the Unix epoch.
    Time,
    /// Another key.
    Metric,
}

/// Which curves, over which range, in how many columns.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SeriesRequest)]
pub(crate) struct SeriesBody {
    /// The ids of the runs; those that do not exist give nothing.
    #[schema(max_items = 1000)]
    runs: Vec<String>,
    /// The keys; those that a run never logged give nothing.
    #[schema(max_items = 200)]
    keys: Vec<String>,
    /// The stream; the history if not given.
    #[serde(default)]
    #[schema(inline)]
    stream: RowStreamName,
    /// What to plot against.
    axis: AxisBody,
    /// Least x, inclusive.
    min: Option<f64>,
    /// Greatest x, inclusive.
    max: Option<f64>,
    /// At most so many columns a curve. Curves come in fewer if all together would be very large.
    #[schema(minimum = 1, maximum = 4000)]
    columns: usize,
}

impl SeriesBody {
    fn into_request(self) -> Result<ProjectSeriesRequest, ApiError> {
        check_limit("runs", self.runs.len(), MAX_RUNS)?;
        check_limit("keys", self.keys.len(), MAX_KEYS)?;
        check_limit("columns", self.columns, MAX_COLUMNS)?;
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            let message = format!("`min` {min} is above `max` {max}");
            return Err(ApiError::new(ErrorCode::InvalidValue, message));
        }
        Ok(ProjectSeriesRequest {
            max_columns: columns_per_curve(self.columns, self.runs.len() * self.keys.len()),
            runs: self
                .runs
                .into_iter()
                .map(RunId::new)
                .collect::<Result<_, _>>()?,
            keys: self.keys.into_iter().map(MetricName::from_stored).collect(),
            stream: self.stream.into(),
            axis: self.axis.into_axis()?,
            min: self.min,
            max: self.max,
        })
    }
}

impl AxisBody {
    fn into_axis(self) -> Result<Axis, ApiError> {
        match (self.kind, self.name) {
            (AxisKind::Step, _) => Ok(Axis::Step),
            (AxisKind::Runtime, _) => Ok(Axis::Runtime),
            (AxisKind::Time, _) => Ok(Axis::Time),
            (AxisKind::Metric, Some(name)) => Ok(Axis::Metric(MetricName::from_stored(name))),
            (AxisKind::Metric, None) => {
                let message = "an axis of kind `metric` needs a `name`";
                Err(ApiError::new(ErrorCode::InvalidValue, message))
            }
        }
    }
}

fn check_limit(field: &str, found: usize, limit: usize) -> Result<(), ApiError> {
    if (1..=limit).contains(&found) {
        return Ok(());
    }
    let message = format!("`{field}` must be 1 to {limit}, got {found}");
    Err(ApiError::new(ErrorCode::InvalidValue, message))
}

/// How many of the columns asked for each of `n_curves` gets.
fn columns_per_curve(asked: usize, n_curves: usize) -> usize {
    asked.min(COLUMN_BUDGET / n_curves.max(1)).max(MIN_COLUMNS)
}

/// Reads curves of several runs as an Arrow stream, exact within each column.
///
/// One record per column of a curve: `run` and `key` (uint32) are places in the request; `x_min`, `x_max`, `min`, `max`,
/// `first`, `last`, `mean` (float64) and `count`, `n_nan`, `n_pos_inf`, `n_neg_inf` (uint32) are exact for the rows in
/// that range of x. Ordered by run, key, x. Numbers that are not finite are only counted; `min` to `mean` are NaN where
/// `count` is 0. The schema's metadata has `points`: a JSON list of lists, how many rows each curve stands for.
#[utoipa::path(post, path = "/projects/{entity}/{project}/series", operation_id = "get_series", tag = "history",
    params(ProjectPathParams), request_body = SeriesBody,
    responses((status = 200, content_type = "application/vnd.apache.arrow.stream", body = inline(Binary))))]
#[tracing::instrument(name = "handler.history.series", skip_all,
    fields(project.name = %path.project, n_runs = body.runs.len(), n_keys = body.keys.len()))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(body): JsonBody<SeriesBody>,
) -> Result<Response, ApiError> {
    let request = body.into_request()?;
    let curves = ctx
        .tracking()
        .series(&ctx.caller, &path.entity, &path.project, &request)
        .await?;
    let stream = encode_series(curves, request.runs.len(), request.keys.len())?;
    Ok(([(CONTENT_TYPE, ARROW)], Body::from_stream(stream)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_requests_get_coarser_curves() {
        assert_eq!(columns_per_curve(1500, 50), 1500);
        assert_eq!(columns_per_curve(1500, 1000), 1500);
        assert_eq!(columns_per_curve(1500, 4000), 500);
        assert_eq!(columns_per_curve(1500, MAX_RUNS * MAX_KEYS), 10);
        assert_eq!(columns_per_curve(1, 1), MIN_COLUMNS);
    }
}
