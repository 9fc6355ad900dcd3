use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use ballast_model::{MetricName, RunId};
use ballast_tracking::TableFormat;
use ballast_tracking::history::DownloadRequest;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::stream_name::RowStreamName;
use crate::body::Binary;
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams, QueryString};
use crate::files::attachment;

/// A file format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    /// Comma-separated text with a header.
    #[default]
    Csv,
    /// Arrow IPC file, also known as Feather.
    Arrow,
    /// Parquet.
    Parquet,
}

impl FormatName {
    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.file",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Arrow => "arrow",
            Self::Parquet => "parquet",
        }
    }
}

impl From<FormatName> for TableFormat {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Arrow => Self::Arrow,
            FormatName::Parquet => Self::Parquet,
        }
    }
}

/// Which rows to download, and as what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownloadQuery {
    /// The runs, one after the other in this order; every run of the project, oldest first, if none is given.
    #[serde(default)]
    run: Vec<String>,
    /// Only rows that have any of these keys, and of them only these and the step, time and runtime; every row if none is
    /// given.
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
    /// The file format; CSV if not given.
    #[serde(default)]
    #[param(inline)]
    format: FormatName,
}

/// Downloads rows of a run, of several, or of a project as one table, complete and exact, as they stand when it begins.
///
/// Columns: `run` (its id), `_step`, `_timestamp`, `_runtime`, then the keys by name, as their labels say. Integers are 64-bit
/// integers, numbers of which some are floats 64-bit floats, what is neither number, text nor boolean is JSON text. Where one
/// column would lose something there are more: text beside numbers is in `<label>#string`, integers that a float cannot hold
/// in `<label>#int`. Cells without a value are empty in CSV and null elsewhere; NaN and infinities are `NaN`, `inf`, `-inf`.
///
/// A file that could not be written to its end breaks the connection off.
#[utoipa::path(get, path = "/projects/{entity}/{project}/download", operation_id = "download_rows", tag = "history",
    params(ProjectPathParams, DownloadQuery),
    responses((status = 200, content_type = "application/octet-stream", body = inline(Binary))))]
#[tracing::instrument(name = "handler.history.download", skip_all,
    fields(project.name = %path.project, n_runs = query.run.len(), n_keys = query.key.len()))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    QueryString(query): QueryString<DownloadQuery>,
) -> Result<Response, ApiError> {
    let runs = query.run.into_iter().map(RunId::new);
    let runs: Vec<RunId> = runs.collect::<Result<_, _>>()?;
    let name = match runs.as_slice() {
        [run] => run.as_str(),
        _ => path.project.as_str(),
    };
    let name = format!("{name}.{}", query.format.extension());
    let keys: Vec<MetricName> = query.key.into_iter().map(MetricName::from_stored).collect();
    let request = DownloadRequest {
        runs: Some(runs).filter(|runs| !runs.is_empty()),
        stream: query.stream.into(),
        keys: Some(keys).filter(|keys| !keys.is_empty()),
        min_step: query.min_step,
        // Beyond the greatest step there is no end to name.
        end_step: query.max_step.and_then(|step| step.checked_add(1)),
        format: query.format.into(),
    };
    let file = ctx
        .tracking()
        .download_rows(&ctx.caller, &path.entity, &path.project, request)
        .await?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static(query.format.content_type()),
        ),
        (CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((headers, Body::from_stream(file)).into_response())
}
