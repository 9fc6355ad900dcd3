//! Bytes of files: uploads and downloads by signed address, and downloads by name or digest.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use ballast_model::{EntityName, FilePath, RunPath};
use ballast_tracking::files::{
    BlobStream, ByteRange, DownloadTarget, OpenFile, UploadTarget, content_type_of,
};
use ballast_tracking::{Caller, TrackingError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::Door;
use crate::address::BaseAddress;
use crate::auth::SignedIn;
use crate::refusal::Refusal;

/// Where a client sends a file, and the headers that it must send along, each as `Name:value`: Python code of 0.18.7 takes
/// a space behind the colon for a part of the value, and refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadAddress {
    pub(crate) url: String,
    pub(crate) headers: Vec<String>,
}

/// The address of one upload: ours, or the bucket's.
pub(crate) fn upload_address(base: &BaseAddress, target: UploadTarget) -> UploadAddress {
    match target {
        UploadTarget::Through { ticket } => UploadAddress {
            url: base.join(["storage", "files", &ticket]),
            headers: Vec::new(),
        },
        UploadTarget::Direct { url, headers } => UploadAddress {
            url: url.into(),
            headers: headers
                .into_iter()
                .map(|(name, value)| format!("{name}:{value}"))
                .collect(),
        },
    }
}

/// The address of one upload of a content or manifest: ours, or the bucket's.
pub(crate) fn artifact_upload_address(base: &BaseAddress, target: UploadTarget) -> UploadAddress {
    match target {
        UploadTarget::Through { ticket } => UploadAddress {
            url: base.join(["storage", "artifacts", &ticket]),
            headers: Vec::new(),
        },
        UploadTarget::Direct { .. } => upload_address(base, target),
    }
}

/// The address from which anyone who has it can read a content or manifest for a while.
pub(crate) fn content_address(base: &BaseAddress, path: &str, target: DownloadTarget) -> String {
    match target {
        // The client's own tools know such addresses by `wandb_artifacts`.
        DownloadTarget::Ticket(ticket) => base.join([
            "storage",
            "artifacts",
            &ticket,
            "wandb_artifacts",
            basename(path),
        ]),
        DownloadTarget::Direct(url) => url.into(),
    }
}

/// The address of an upload that will be refused, for a name that no file can have.
///
/// The client wants an address for every name of a batch, or it sends none of them.
pub(crate) fn refused_upload_address(base: &BaseAddress) -> String {
    base.join(["storage", "refused"])
}

/// The address from which anyone who has it can read a file for a while.
pub(crate) fn download_address(
    base: &BaseAddress,
    path: &FilePath,
    target: DownloadTarget,
) -> String {
    match target {
        DownloadTarget::Ticket(ticket) => {
            base.join(["storage", "files", &ticket, basename(path.as_str())])
        }
        DownloadTarget::Direct(url) => url.into(),
    }
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `PUT /storage/files/{ticket}`: takes the bytes of a file. The ticket says whose file and what may be sent.
#[tracing::instrument(name = "wandb.storage.put", skip_all)]
pub(crate) async fn put(
    State(door): State<Door>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (content_length, md5) = announced(&headers)?;
    let file = door
        .tracking
        .receive_upload(&ticket, content_length, md5, body.into_data_stream())
        .await?;
    Ok(stored_response(file.md5.as_deref()))
}

/// `PUT /storage/artifacts/{ticket}`: takes the bytes of a content or manifest. The ticket says of which version, and
/// which MD5 they must have.
#[tracing::instrument(name = "wandb.storage.put_content", skip_all)]
pub(crate) async fn put_content(
    State(door): State<Door>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (content_length, md5) = announced(&headers)?;
    let md5 = door
        .tracking
        .receive_content(&ticket, content_length, md5, body.into_data_stream())
        .await?;
    Ok(stored_response(Some(&md5)))
}

/// The answer to an upload. S3 puts the digest into this header, and clients of multipart uploads insist on it.
fn stored_response(md5: Option<&str>) -> Response {
    let etag = md5.and_then(|md5| HeaderValue::from_str(&format!("\"{md5}\"")).ok());
    let mut response = StatusCode::OK.into_response();
    if let Some(etag) = etag {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// What the headers of an upload say of its body: its length and its MD5.
fn announced(headers: &HeaderMap) -> Result<(Option<u64>, Option<[u8; 16]>), Refusal> {
    let content_length = match headers.get(header::CONTENT_LENGTH) {
        Some(value) => {
            let length = value.to_str().ok().and_then(|text| text.parse().ok());
            Some(
                length
                    .ok_or_else(|| Refusal::invalid("header `Content-Length` is not a number"))?,
            )
        }
        None => None,
    };
    let md5 = headers.get("content-md5").map(content_md5).transpose()?;
    Ok((content_length, md5))
}

/// Reads a `Content-MD5` header.
fn content_md5(value: &HeaderValue) -> Result<[u8; 16], Refusal> {
    let refuse = || Refusal::invalid("header `Content-MD5` is no base64 of 16 bytes");
    let text = value.to_str().map_err(|_| refuse())?.trim();
    if let Ok(bytes) = BASE64_STANDARD.decode(text)
        && let Ok(md5) = <[u8; 16]>::try_from(bytes)
    {
        return Ok(md5);
    }
    Err(refuse())
}

/// `PUT /storage/refused`: the upload of a file whose name is not valid.
pub(crate) async fn refused() -> Refusal {
    Refusal::invalid(
        "the file name is not valid: expected a relative path with `/` between parts, none of them empty, `.` or `..`",
    )
}

/// `GET /storage/files/{ticket}/{name}`: the bytes of a file, for whoever has the address. The name is for whoever
/// saves it; the ticket says which file.
#[tracing::instrument(name = "wandb.storage.get", skip_all)]
pub(crate) async fn get(
    State(door): State<Door>,
    Path((ticket, _name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let range = asked_range(&headers);
    let opened = door.tracking.open_ticket(&ticket, range).await;
    file_response(opened.map(Served::from), range)
}

/// `GET /storage/artifacts/{ticket}/wandb_artifacts/{name}`: the bytes of a content or manifest, for whoever has the
/// address. The name is for whoever saves it, and for its type; the ticket says which content.
#[tracing::instrument(name = "wandb.storage.get_content", skip_all)]
pub(crate) async fn get_content(
    State(door): State<Door>,
    Path((ticket, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let range = asked_range(&headers);
    let opened = door.tracking.open_content(&ticket, range).await;
    let served = opened.map(|opened| Served {
        mime_type: content_type_of(&name),
        size_bytes: opened.size_bytes,
        md5: Some(opened.md5),
        range: opened.range,
        body: opened.body,
    });
    file_response(served, range)
}

/// `GET /artifacts/{entity}/{md5}`: a content by its MD5 in hexadecimal, for whoever may use the entity.
#[tracing::instrument(name = "wandb.artifacts.get", skip_all)]
pub(crate) async fn get_content_by_md5(
    State(door): State<Door>,
    SignedIn(caller): SignedIn,
    Path((entity, md5)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    redirect_to_content(&door, &caller, &headers, &entity, &md5, &md5).await
}

/// `GET /artifactsV2/{region}/{entity}/{project}/{collection}/…/{md5}/{name}`: the same, with more in the path than is
/// needed.
#[tracing::instrument(name = "wandb.artifacts.get", skip_all)]
pub(crate) async fn get_content_by_path(
    State(door): State<Door>,
    SignedIn(caller): SignedIn,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [_region, entity, _project, _collection, .., md5, name] => {
            redirect_to_content(&door, &caller, &headers, entity, md5, name).await
        }
        _ => Err(Refusal::not_found("content", &path)),
    }
}

async fn redirect_to_content(
    door: &Door,
    caller: &Caller,
    headers: &HeaderMap,
    entity: &str,
    md5: &str,
    name: &str,
) -> Result<Response, Refusal> {
    let entity = EntityName::new(entity)?;
    let target = door.tracking.content_by_md5(caller, &entity, md5).await?;
    let base = BaseAddress::of(door.settings.public_url.as_ref(), headers);
    Ok(Redirect::temporary(&content_address(&base, name, target)).into_response())
}

/// `GET /files/{entity}/{project}/{run}/{path}`: the bytes of a run file, for its owner.
#[tracing::instrument(name = "wandb.files.get", skip_all)]
pub(crate) async fn get_by_name(
    State(door): State<Door>,
    SignedIn(caller): SignedIn,
    Path((entity, project, run, file)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let run = RunPath::new(&entity, &project, &run)?;
    let path = FilePath::new(file)?;
    if let DownloadTarget::Direct(url) = door.tracking.download_target(&caller, &run, &path).await?
    {
        return Ok(Redirect::temporary(url.as_str()).into_response());
    }
    let range = asked_range(&headers);
    let opened = door.tracking.open_file(&caller, &run, &path, range).await;
    file_response(opened.map(Served::from), range)
}

/// Bytes on their way to a client.
struct Served {
    mime_type: String,
    size_bytes: u64,
    /// MD5 in base64, if known.
    md5: Option<String>,
    /// The bytes that `body` gives; `None` for all.
    range: Option<std::ops::Range<u64>>,
    body: BlobStream,
}

impl From<OpenFile> for Served {
    fn from(opened: OpenFile) -> Self {
        let OpenFile { file, range, body } = opened;
        Self {
            mime_type: file.mime_type,
            size_bytes: file.size_bytes,
            md5: file.md5,
            range,
            body,
        }
    }
}

/// The answer to a request for a file, of which `asked` are wanted.
fn file_response(
    opened: Result<Served, TrackingError>,
    asked: Option<ByteRange>,
) -> Result<Response, Refusal> {
    let file = match opened {
        Ok(file) => file,
        Err(TrackingError::Invalid(message)) if asked.is_some() => {
            return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, message));
        }
        Err(error) => return Err(error.into()),
    };
    let Served { range, body, .. } = file;
    let n_bytes = range
        .as_ref()
        .map_or(file.size_bytes, |range| range.end - range.start);
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &file.mime_type);
    set(header::CONTENT_LENGTH, &n_bytes.to_string());
    set(header::ACCEPT_RANGES, "bytes");
    if let Some(md5) = &file.md5 {
        set(header::ETAG, &format!("\"{md5}\""));
    }
    // What users upload must never run with this server's origin.
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        header::CONTENT_SECURITY_POLICY,
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:",
    );
    set(
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if !is_passive(&file.mime_type) {
        set(header::CONTENT_DISPOSITION, "attachment");
    }
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        set(
            header::CONTENT_RANGE,
            &format!("bytes {}-{last}/{}", range.start, file.size_bytes),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// Whether a browser only ever shows content of this type.
fn is_passive(mime_type: &str) -> bool {
    let kind = mime_type.split(';').next().unwrap_or_default().trim();
    matches!(kind, "text/plain" | "application/json" | "text/csv")
        || (kind != "image/svg+xml"
            && ["image/", "audio/", "video/"]
                .iter()
                .any(|prefix| kind.starts_with(prefix)))
}

/// The one range of a `Range` header. Several ranges, other units and nonsense are ignored, as the standard allows.
fn asked_range(headers: &HeaderMap) -> Option<ByteRange> {
    let text = headers
        .get(header::RANGE)?
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", n_bytes) => n_bytes.parse().ok().map(ByteRange::Last),
        (first, "") => first.parse().ok().map(|first| ByteRange::From(first, None)),
        (first, last) => {
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some(ByteRange::From(first, Some(last)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &'static str) -> Option<ByteRange> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(text));
        asked_range(&headers)
    }

    #[test]
    fn one_range_is_understood() {
        assert_eq!(range("bytes=0-9"), Some(ByteRange::From(0, Some(9))));
        assert_eq!(range("bytes=5-"), Some(ByteRange::From(5, None)));
        assert_eq!(range("bytes=-3"), Some(ByteRange::Last(3)));
        for other in [
            "bytes=9-0",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes=a-b",
            "bytes=-",
        ] {
            assert_eq!(range(other), None, "{other}");
        }
    }

    #[test]
    fn digests_are_base64_of_16_bytes() {
        let read = |text: &'static str| content_md5(&HeaderValue::from_static(text)).ok();
        assert_eq!(
            read("XUFAKrxLKna5cZ2REBfFkg=="),
            Some(*b"\x5d\x41\x40\x2a\xbc\x4b\x2a\x76\xb9\x71\x9d\x91\x10\x17\xc5\x92")
        );
        assert_eq!(read("XUFA"), None);
        assert_eq!(read("%"), None);
    }

    #[test]
    fn active_content_is_downloaded_not_shown() {
        for passive in [
            "image/png",
            "text/plain; charset=utf-8",
            "audio/wav",
            "application/json",
        ] {
            assert!(is_passive(passive), "{passive}");
        }
        for active in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "application/pdf",
        ] {
            assert!(!is_passive(active), "{active}");
        }
    }
}
