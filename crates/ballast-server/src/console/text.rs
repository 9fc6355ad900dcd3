use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};
use crate::files::attachment;

/// Downloads a run's whole console as text, one line each, ANSI escapes kept.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/console.txt", operation_id = "get_console_text", tag = "console",
    params(RunPathParams), responses((status = 200, content_type = "text/plain", body = String)))]
#[tracing::instrument(name = "handler.console.text", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Response, ApiError> {
    let text = ctx.tracking().console_text(&ctx.caller, &path).await?;
    let headers = [
        (
            CONTENT_TYPE,
            "text/plain; charset=utf-8"
                .parse()
                .expect("a valid header value"),
        ),
        (
            CONTENT_DISPOSITION,
            attachment(&format!("{}-console.txt", path.run)),
        ),
    ];
    Ok((headers, Body::from_stream(text)).into_response())
}
