use axum::Json;
use ballast_tracking::sweeps::{ParameterImportance, SweepImportance};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, SweepPathParam, SweepPathParams};

/// What to explain.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportanceQuery {
    /// One of the sweep's objectives.
    #[param(example = "val/loss")]
    metric: String,
}

/// What one parameter has to do with a metric.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParameterImportance)]
pub(crate) struct ParameterImportanceBody {
    /// The names that lead to it, joined by dots.
    #[schema(example = "model.dropout")]
    parameter: String,
    /// Its share of what a random forest can tell of the metric; the shares add up to 1, or are all 0.
    importance: f64,
    /// The correlation of ranks with the metric, from -1 to 1; null for what has no order.
    correlation: Option<f64>,
}

impl From<ParameterImportance> for ParameterImportanceBody {
    fn from(found: ParameterImportance) -> Self {
        Self {
            parameter: found.name,
            importance: found.importance,
            correlation: found.correlation,
        }
    }
}

/// What a metric depends on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepImportance)]
pub(crate) struct ImportanceBody {
    /// How many trials it was learned from; fewer than three tell nothing.
    n_runs: usize,
    /// The parameters that vary, the most important first.
    items: Vec<ParameterImportanceBody>,
}

impl From<SweepImportance> for ImportanceBody {
    fn from(found: SweepImportance) -> Self {
        Self {
            n_runs: found.n_trials,
            items: found.parameters.into_iter().map(Into::into).collect(),
        }
    }
}

/// Estimates which parameters a metric depends on, by a random forest over the trials that have ended.
#[utoipa::path(get, path = "/sweeps/{entity}/{project}/{sweep}/importance", operation_id = "get_sweep_importance",
    tag = "sweeps", params(SweepPathParams, ImportanceQuery), responses((status = 200, body = ImportanceBody)))]
#[tracing::instrument(name = "handler.sweeps.importance", skip_all, fields(sweep.id = %path.sweep))]
pub(crate) async fn handler(
    ctx: CallContext,
    SweepPathParam(path): SweepPathParam,
    QueryString(query): QueryString<ImportanceQuery>,
) -> Result<Json<ImportanceBody>, ApiError> {
    let found = ctx
        .tracking()
        .sweep_importance(&ctx.caller, &path, &query.metric)
        .await?;
    Ok(Json(found.into()))
}
