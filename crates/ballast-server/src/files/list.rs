use axum::Json;
use ballast_tracking::files::{FileListing, RunFile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::{Page, Time};
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, RunPathParam, RunPathParams};

/// Files of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 10_000;
/// Most files of a page.
const MAX_LIMIT: usize = 10_000;

/// Which files to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilesQuery {
    /// Paths that start with this.
    prefix: Option<String>,
    /// At most so many files; 10,000 if not given.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A file of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File)]
pub(crate) struct FileBody {
    /// The path in the run, `/` between its parts.
    #[schema(example = "media/images/sample_0.png")]
    path: String,
    /// Size in bytes.
    size_bytes: u64,
    /// Content type, guessed from the name.
    #[schema(example = "image/png")]
    mime_type: String,
    /// MD5 in base64, if known.
    md5: Option<String>,
    /// When it was last stored.
    updated_at: Time,
}

impl From<RunFile> for FileBody {
    fn from(file: RunFile) -> Self {
        Self {
            path: file.path.to_string(),
            size_bytes: file.size_bytes,
            mime_type: file.mime_type,
            md5: file.md5,
            updated_at: file.updated_at.into(),
        }
    }
}

/// Lists a run's files, in byte order of their paths.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/files", operation_id = "list_files", tag = "files",
    params(RunPathParams, FilesQuery), responses((status = 200, body = Page<FileBody>)))]
#[tracing::instrument(name = "handler.files.list", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    QueryString(query): QueryString<FilesQuery>,
) -> Result<Json<Page<FileBody>>, ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let listing = FileListing {
        prefix: query.prefix.filter(|prefix| !prefix.is_empty()),
        after: query.cursor,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
        ..FileListing::default()
    };
    let files = ctx
        .tracking()
        .list_files(&ctx.caller, &path, &listing)
        .await?;
    Ok(Json(Page::cut(files, limit, None, |last| {
        last.path.to_string()
    })))
}
