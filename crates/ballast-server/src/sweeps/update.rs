use axum::Json;
use ballast_tracking::sweeps::SweepChanges;
use serde::Deserialize;
use utoipa::ToSchema;

use super::add::prior_runs;
use super::body::{ChangedSweepBody, SweepStateName, n_live};
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, SweepPathParam, SweepPathParams};

/// What to change about a sweep; a field that is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SweepPatch {
    /// `paused` lets agents wait, `running` resumes, `finished` gives out no more trials, and `canceled` also stops the
    /// runs that run.
    state: Option<SweepStateName>,
    /// The title; empty text removes it.
    display_name: Option<String>,
    /// What it is for; empty text removes it.
    description: Option<String>,
    /// A new config, YAML or JSON text. Trials stay.
    config: Option<String>,
    /// Ids of more runs of the project that count as tried, at most 1,000.
    prior_runs: Vec<String>,
}

/// Changes a sweep, also while it runs.
#[utoipa::path(patch, path = "/sweeps/{entity}/{project}/{sweep}", operation_id = "update_sweep", tag = "sweeps",
    params(SweepPathParams), request_body = SweepPatch, responses((status = 200, body = ChangedSweepBody)))]
#[tracing::instrument(name = "handler.sweeps.update", skip_all, fields(sweep.id = %path.sweep))]
pub(crate) async fn handler(
    ctx: CallContext,
    SweepPathParam(path): SweepPathParam,
    JsonBody(body): JsonBody<SweepPatch>,
) -> Result<Json<ChangedSweepBody>, ApiError> {
    let changes = SweepChanges {
        config: body.config,
        state: body.state.map(Into::into),
        display_name: body.display_name,
        description: body.description,
        prior_runs: prior_runs(&body.prior_runs)?,
        ..SweepChanges::default()
    };
    let tracking = ctx.tracking();
    let changed = tracking.update_sweep(&ctx.caller, &path, changes).await?;
    let agents = tracking.list_agents(&ctx.caller, &path).await?;
    Ok(Json(ChangedSweepBody::new(changed, n_live(&agents))))
}
