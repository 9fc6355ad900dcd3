use axum::response::Response;
use ballast_tracking::artifacts::VersionFile;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use headers::ETag;

use crate::body::Binary;
use crate::error::ApiError;
use crate::extract::{
    CallContext, QueryString, VersionFilePathParam, VersionFilePathParams, Visitor,
};
use crate::files::{FileQuery, ServedFile, Wanted};

/// Sends a file of a version, or a range of its bytes.
///
/// What a browser shows of it is sandboxed like a run's files. A reference is a conflict that says where it leads.
#[utoipa::path(get, path = "/artifacts/{entity}/{project}/{collection}/{version}/files/{*path}",
    operation_id = "get_version_file", tag = "artifacts", params(VersionFilePathParams, FileQuery),
    responses(
        (status = 200, content_type = "application/octet-stream", body = inline(Binary)),
        (status = 206, description = "The range of bytes that `Range` asks for.", content_type = "application/octet-stream", body = inline(Binary)),
        (status = 304, description = "The caller has it already, by its `ETag`."),
    ))]
#[tracing::instrument(name = "handler.artifacts.file", skip_all,
    fields(artifact.name = %path.version, file.path = %path.file))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: VersionFilePathParam,
    QueryString(query): QueryString<FileQuery>,
    Visitor {
        headers: request, ..
    }: Visitor,
) -> Result<Response, ApiError> {
    let tracking = ctx.tracking();
    let artifact = tracking
        .membership_at(&ctx.caller, &path.version)
        .await?
        .artifact;
    let file = tracking
        .get_version_file(&ctx.caller, artifact.key, path.file.as_str())
        .await?;
    let mime_type = file.mime_type();
    let served = ServedFile {
        path: &file.path,
        size_bytes: file.size_bytes(),
        mime_type: &mime_type,
        etag: entity_tag(&file),
    };
    let range = match served.wanted(&request)? {
        Wanted::Nothing(answer) => return Ok(answer),
        Wanted::Bytes(range) => range,
    };
    let opened = tracking.open_version_file(&file, range).await?;
    Ok(served.answer(opened.range, opened.body, query.download))
}

fn entity_tag(file: &VersionFile) -> ETag {
    format!("\"{}\"", BASE64_STANDARD.encode(file.md5()))
        .parse()
        .expect("base64 in quotes is an entity tag")
}
