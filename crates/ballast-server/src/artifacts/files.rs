use axum::Json;
use ballast_tracking::artifacts::{EntryListing, VersionEntry};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::Page;
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, VersionPathParam, VersionPathParams};

/// Files of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 10_000;
/// Most files of a page.
const MAX_LIMIT: usize = 10_000;

/// Which files to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionFilesQuery {
    /// Paths that start with this.
    prefix: Option<String>,
    /// At most so many files; 10,000 if not given.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A file of a version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArtifactFile)]
pub(crate) struct ArtifactFileBody {
    /// The path in the version, `/` between its parts.
    #[schema(example = "train/labels.csv")]
    path: String,
    /// Size in bytes; null for a reference whose size its maker did not know.
    size_bytes: Option<u64>,
    /// Content type, guessed from the name.
    #[schema(example = "text/csv")]
    mime_type: String,
    /// MD5 in base64; null for a reference.
    md5: Option<String>,
    /// Where a reference leads; null for a file that is stored here.
    #[schema(example = "s3://bucket/labels.csv")]
    reference: Option<String>,
}

impl From<VersionEntry> for ArtifactFileBody {
    fn from(entry: VersionEntry) -> Self {
        Self {
            mime_type: entry.mime_type(),
            path: entry.path,
            size_bytes: entry.size_bytes,
            md5: entry.md5.map(|md5| BASE64_STANDARD.encode(md5)),
            reference: entry.reference,
        }
    }
}

/// Lists the files of a version, in byte order of their paths.
#[utoipa::path(get, path = "/artifacts/{entity}/{project}/{collection}/{version}/files",
    operation_id = "list_version_files", tag = "artifacts", params(VersionPathParams, VersionFilesQuery),
    responses((status = 200, body = Page<ArtifactFileBody>)))]
#[tracing::instrument(name = "handler.artifacts.files", skip_all, fields(artifact.name = %path))]
pub(crate) async fn handler(
    ctx: CallContext,
    VersionPathParam(path): VersionPathParam,
    QueryString(query): QueryString<VersionFilesQuery>,
) -> Result<Json<Page<ArtifactFileBody>>, ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let tracking = ctx.tracking();
    let artifact = tracking.membership_at(&ctx.caller, &path).await?.artifact;
    let listing = EntryListing {
        prefix: query.prefix,
        after: query.cursor,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
    };
    let entries = tracking
        .list_entries(&ctx.caller, artifact.key, &listing)
        .await?;
    Ok(Json(Page::cut(entries, limit, None, |last| {
        last.path.clone()
    })))
}
