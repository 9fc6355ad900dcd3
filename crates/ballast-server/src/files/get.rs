use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use ballast_tracking::files::RunFile;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use serde::Deserialize;
use utoipa::IntoParams;

use super::disposition::{attachment, inline};
use super::policy::{content_type, security_policy};
use super::range::{AskedRange, asked_range};
use crate::body::Binary;
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, FilePathParam, FilePathParams, QueryString, Visitor};

/// How to send a file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// Have browsers save it rather than show it.
    #[serde(default)]
    download: bool,
}

/// Sends a run file, or a range of its bytes.
///
/// Whatever a browser shows of it is sandboxed: scripts of an HTML file run, but without the server's origin. Scripts
/// and styles on their own come as plain text.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/files/{*path}", operation_id = "get_file", tag = "files",
    params(FilePathParams, FileQuery),
    responses(
        (status = 200, content_type = "application/octet-stream", body = inline(Binary)),
        (status = 206, description = "The range of bytes that `Range` asks for.", content_type = "application/octet-stream", body = inline(Binary)),
        (status = 304, description = "The caller has it already, by its `ETag`."),
    ))]
#[tracing::instrument(name = "handler.files.get", skip_all, fields(run.id = %path.run.run, file.path = %path.file))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: FilePathParam,
    QueryString(query): QueryString<FileQuery>,
    Visitor {
        headers: request, ..
    }: Visitor,
) -> Result<Response, ApiError> {
    let FilePathParam { run, file: path } = path;
    let found = ctx
        .tracking()
        .lookup_file(&ctx.caller, &run, &path)
        .await?
        .ok_or_else(|| {
            let message = format!("file `{path}` does not exist in run `{run}`");
            ApiError::new(ErrorCode::FileNotFound, message)
        })?;
    let etag = entity_tag(&found);
    if is_fresh(&request, &etag) {
        let caching = caching_headers(&etag);
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let range = match asked_range(&request, &etag, found.size_bytes) {
        AskedRange::Whole => None,
        AskedRange::Part(range) => Some(range),
        AskedRange::Outside => return Err(range_not_satisfiable(&found)),
    };
    let opened = ctx
        .tracking()
        .open_file(&ctx.caller, &run, &path, range)
        .await?;
    // The file may have been replaced since it was found; what is sent describes what was opened.
    let mut headers = caching_headers(&entity_tag(&opened.file));
    headers.extend(content_headers(&opened.file, query.download));
    let size = opened.file.size_bytes;
    let (status, length) = match &opened.range {
        Some(range) => {
            let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            headers.insert(CONTENT_RANGE, ascii(text));
            (StatusCode::PARTIAL_CONTENT, range.end - range.start)
        }
        None => (StatusCode::OK, size),
    };
    headers.insert(CONTENT_LENGTH, length.into());
    Ok((status, headers, Body::from_stream(opened.body)).into_response())
}

/// The tag of the file's content: its MD5, or else its size and time, which is too weak to join ranges by.
fn entity_tag(file: &RunFile) -> ETag {
    let text = match &file.md5 {
        Some(md5) => format!("\"{md5}\""),
        None => format!(
            "W/\"{}-{}\"",
            file.size_bytes,
            file.updated_at.as_microsecond()
        ),
    };
    text.parse()
        .expect("base64 and numbers in quotes are an entity tag")
}

fn is_fresh(request: &HeaderMap, etag: &ETag) -> bool {
    let held: Option<IfNoneMatch> = request.typed_get();
    held.is_some_and(|held| !held.precondition_passes(etag))
}

/// A file may be replaced under its path, so a browser keeps it but asks each time.
fn caching_headers(etag: &ETag) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.typed_insert(etag.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));

    headers
}

fn content_headers(file: &RunFile, download: bool) -> HeaderMap {
    let name = file.path.as_str().rsplit('/').next().unwrap_or_default();
    let disposition = if download {
        attachment(name)
    } else {
        inline(name)
    };
    HeaderMap::from_iter([
        (CONTENT_TYPE, content_type(&file.mime_type)),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, security_policy(&file.mime_type)),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ])
}

fn range_not_satisfiable(file: &RunFile) -> ApiError {
    let size = file.size_bytes;
    let message = format!(
        "file `{}` has {size} bytes; the range lies outside",
        file.path
    );
    ApiError::new(ErrorCode::RangeNotSatisfiable, message)
        .with_header(CONTENT_RANGE, ascii(format!("bytes */{size}")))
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("digits and signs are a valid header value")
}
