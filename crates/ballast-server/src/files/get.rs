use axum::response::Response;
use ballast_tracking::files::RunFile;
use headers::ETag;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::{ServedFile, Wanted};
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
    pub(crate) download: bool,
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
    let range = match served_file(&found).wanted(&request)? {
        Wanted::Nothing(answer) => return Ok(answer),
        Wanted::Bytes(range) => range,
    };
    let opened = ctx
        .tracking()
        .open_file(&ctx.caller, &run, &path, range)
        .await?;
    // The file may have been replaced since it was found; what is sent describes what was opened.
    Ok(served_file(&opened.file).answer(opened.range, opened.body, query.download))
}

fn served_file(file: &RunFile) -> ServedFile<'_> {
    ServedFile {
        path: file.path.as_str(),
        size_bytes: file.size_bytes,
        mime_type: &file.mime_type,
        etag: entity_tag(file),
    }
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
