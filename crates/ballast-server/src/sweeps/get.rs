use axum::Json;
use ballast_tracking::sweeps::outline;

use super::body::{SweepBody, SweepDetailBody, n_live};
use crate::error::ApiError;
use crate::extract::{CallContext, SweepPathParam, SweepPathParams};

/// Gets a sweep with its config and its agents.
#[utoipa::path(get, path = "/sweeps/{entity}/{project}/{sweep}", operation_id = "get_sweep", tag = "sweeps",
    params(SweepPathParams), responses((status = 200, body = SweepDetailBody)))]
#[tracing::instrument(name = "handler.sweeps.get", skip_all, fields(sweep.id = %path.sweep))]
pub(crate) async fn handler(
    ctx: CallContext,
    SweepPathParam(path): SweepPathParam,
) -> Result<Json<SweepDetailBody>, ApiError> {
    let tracking = ctx.tracking();
    let sweep = tracking.get_sweep(&ctx.caller, &path).await?;
    let agents = tracking.list_agents(&ctx.caller, &path).await?;
    let config = sweep.config.clone();
    let text = config.clone();
    // A long list of values takes its time.
    let parameters = tokio::task::spawn_blocking(move || outline(&text))
        .await
        .map_err(ApiError::internal)?;
    Ok(Json(SweepDetailBody {
        sweep: SweepBody::new(sweep, n_live(&agents)),
        config,
        parameters: parameters.into_iter().map(Into::into).collect(),
        agents: agents.into_iter().map(Into::into).collect(),
    }))
}
