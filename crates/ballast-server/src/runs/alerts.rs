use axum::Json;
use ballast_tracking::alerts::Alert;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::{List, Time};
use crate::error::ApiError;
use crate::extract::{CallContext, RunPathParam, RunPathParams};

/// An alert that a run raised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertBody {
    /// What happened, in a line.
    title: String,
    /// What happened, in full; may be empty.
    text: String,
    /// How bad it is: `info`, `warn` or `error`.
    #[schema(example = "warn")]
    severity: String,
    /// When it was raised.
    created_at: Time,
}

impl From<Alert> for AlertBody {
    fn from(alert: Alert) -> Self {
        Self {
            title: alert.title,
            text: alert.text,
            severity: alert.severity,
            created_at: alert.created_at.into(),
        }
    }
}

/// Lists a run's alerts, newest first, at most 1,000.
#[utoipa::path(get, path = "/runs/{entity}/{project}/{run}/alerts", operation_id = "list_alerts", tag = "runs",
    params(RunPathParams), responses((status = 200, body = List<AlertBody>)))]
#[tracing::instrument(name = "handler.runs.alerts", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
) -> Result<Json<List<AlertBody>>, ApiError> {
    Ok(Json(List::of(
        ctx.tracking().list_alerts(&ctx.caller, &path).await?,
    )))
}
