//! `POST /files/{entity}/{project}/{run}/file_stream`: rows, events, summary, console and the end of a run.

mod console;
mod request;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use ballast_model::RunPath;
use serde_json::json;

use self::request::{Request, parse_request, writer_in_rows};
use crate::Door;
use crate::auth::SignedIn;
use crate::body::read_body;
use crate::environment;
use crate::refusal::Refusal;

/// Bodies larger than this, in bytes, are read on a thread that may block.
const INLINE_BYTES: usize = 16 << 10;

/// Stores what a run's process reports, and tells it whether someone asked it to stop.
///
/// Lines have numbers, so a request that is sent twice stores everything once. A line that cannot be read does not
/// fail the request: the client would give up the whole run.
#[tracing::instrument(name = "wandb.file_stream", skip_all, fields(run = %run))]
pub(crate) async fn handler(
    State(door): State<Door>,
    SignedIn(caller): SignedIn,
    Path((entity, project, run)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let path = RunPath::new(&entity, &project, &run)?;
    let body = read_body(&headers, body, door.settings.max_request_bytes).await?;
    metrics::histogram!("ballast.wandb.file_stream_bytes").record(body.len() as f64);
    let parsed = if body.len() <= INLINE_BYTES {
        parse_request(&body)
    } else {
        let parsing = tokio::task::spawn_blocking(move || parse_request(&body));
        parsing.await.expect("parsing does not panic")
    };
    let Request {
        mut append,
        n_unusable,
    } = parsed
        .map_err(|error| Refusal::invalid(format!("the request body is not valid: {error}")))?;
    append.writer = writer(&headers, || writer_in_rows(&append));
    let uploaded = append.uploaded.clone();
    let appended = door.tracking.append(&caller, &path, append).await?;
    let n_unreadable = n_unusable + appended.n_rejected;
    if n_unreadable > 0 {
        metrics::counter!("ballast.wandb.unreadable_lines").increment(n_unreadable as u64);
    }
    environment::adopt_files(&door.tracking, &caller, &path, &uploaded).await;
    let mut response = json!({ "exitcode": null, "limits": {} });
    if appended.stop_requested {
        response["stopped"] = true.into();
    }
    Ok(Json(response).into_response())
}

/// Which of several writers sent a request of a run in shared mode; `None` if the run has one writer.
fn writer(headers: &HeaderMap, in_rows: impl FnOnce() -> Option<String>) -> Option<String> {
    let text = |name: &str| {
        headers
            .get(name)?
            .to_str()
            .ok()
            .filter(|text| !text.is_empty())
    };
    let shared = text("x-wandb-use-async-filestream")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let named = text("x-wandb-async-client-id").map(str::to_owned);
    shared.then(|| named.or_else(in_rows)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_mode_names_the_writer() {
        let mut headers = HeaderMap::new();
        assert_eq!(writer(&headers, || Some("row".to_owned())), None);
        headers.insert(
            "X-WANDB-USE-ASYNC-FILESTREAM",
            "true".parse().expect("ASCII"),
        );
        assert_eq!(
            writer(&headers, || Some("row".to_owned())).as_deref(),
            Some("row")
        );
        assert_eq!(writer(&headers, || None), None);
        headers.insert("X-WANDB-ASYNC-CLIENT-ID", "w1".parse().expect("ASCII"));
        assert_eq!(
            writer(&headers, || Some("row".to_owned())).as_deref(),
            Some("w1")
        );
    }
}
