use axum::Json;
use ballast_model::json::Value;
use ballast_tracking::artifacts::{ColumnKind, RowsRequest, TableColumn, TableKind, TablePage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, QueryString, VersionFilePathParam, VersionFilePathParams};

/// Rows of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// Most rows of a page.
const MAX_LIMIT: usize = 1000;

/// Which rows to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TableRowsQuery {
    /// How many rows to pass over.
    #[serde(default)]
    from: u64,
    /// At most so many rows; 100 if not given. Wide rows come in smaller pages.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// What the cells of a column are, as far as the page at hand shows.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TableColumnType)]
pub(crate) enum ColumnTypeName {
    /// No cell has a value.
    Empty,
    /// Numbers, or text that reads as such.
    Number,
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// Objects, lists, or several kinds.
    Json,
}

impl From<ColumnKind> for ColumnTypeName {
    fn from(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Empty => Self::Empty,
            ColumnKind::Number => Self::Number,
            ColumnKind::Boolean => Self::Boolean,
            ColumnKind::Text => Self::Text,
            ColumnKind::Json => Self::Json,
        }
    }
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TableColumn)]
pub(crate) struct ColumnBody {
    /// Its name.
    name: String,
    /// What its cells are.
    r#type: ColumnTypeName,
}

impl From<TableColumn> for ColumnBody {
    fn from(column: TableColumn) -> Self {
        Self {
            name: column.name,
            r#type: column.kind.into(),
        }
    }
}

/// A page of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TableRows)]
pub(crate) struct TableRowsBody {
    /// The columns. Those of lines of JSON are the members of the rows at hand.
    columns: Vec<ColumnBody>,
    /// How many columns the table has. Of a Parquet file with very many, only the first are here.
    n_columns: usize,
    /// The rows, each with a cell for each column. Cells of separated text are text, or null if they are empty. Of a Parquet
    /// file, lists and structures are JSON, dates and times are text, and a cell of more than 16 KiB ends with `…`.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    items: Vec<Vec<Value>>,
    /// How many rows are before the first one.
    from: u64,
    /// How many rows the table has, if its end was seen.
    total: Option<u64>,
    /// Whether more rows follow.
    has_more: bool,
}

impl From<TablePage> for TableRowsBody {
    fn from(page: TablePage) -> Self {
        Self {
            columns: page.columns.into_iter().map(Into::into).collect(),
            n_columns: page.n_columns,
            items: page.rows,
            from: page.from,
            total: page.total,
            has_more: page.has_more,
        }
    }
}

/// Reads rows of a file that is a table: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.table.json` or `.parquet`.
#[utoipa::path(get, path = "/artifacts/{entity}/{project}/{collection}/{version}/rows/{*path}",
    operation_id = "list_table_rows", tag = "artifacts", params(VersionFilePathParams, TableRowsQuery),
    responses((status = 200, body = TableRowsBody)))]
#[tracing::instrument(name = "handler.artifacts.rows", skip_all,
    fields(artifact.name = %path.version, file.path = %path.file))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: VersionFilePathParam,
    QueryString(query): QueryString<TableRowsQuery>,
) -> Result<Json<TableRowsBody>, ApiError> {
    let tracking = ctx.tracking();
    let artifact = tracking
        .membership_at(&ctx.caller, &path.version)
        .await?
        .artifact;
    let file = tracking
        .get_version_file(&ctx.caller, artifact.key, path.file.as_str())
        .await?;
    let kind = TableKind::of(&file.path).ok_or_else(|| {
        let message = format!("file `{}` is no table", file.path);
        ApiError::new(ErrorCode::NotATable, message)
    })?;
    let request = RowsRequest {
        kind,
        from: query.from,
        limit: query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
    };
    let page = tracking.read_table(&file, request).await?;
    Ok(Json(page.into()))
}
