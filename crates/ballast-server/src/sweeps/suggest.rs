use axum::Json;
use ballast_model::RunId;
use ballast_tracking::sweeps::{SuggestedParameter, Suggestion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

/// Runs to learn from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuggestionRuns)]
pub(crate) struct SuggestionRuns {
    /// Ids of runs of the project, at most 1,000; those that do not exist are passed over.
    runs: Vec<String>,
}

/// A value that configs have, and the parameter that it could be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuggestedParameter)]
pub(crate) struct SuggestedParameterBody {
    /// The keys that lead to it, joined by dots.
    #[schema(example = "model.dropout")]
    name: String,
    /// How many configs have it.
    n_runs: usize,
    /// How many different values there are.
    n_distinct: usize,
    /// The parameter as sweep configs write it.
    #[schema(value_type = Object, example = json!({"distribution": "uniform", "min": 0.1, "max": 0.6}))]
    parameter: serde_json::Value,
}

impl From<SuggestedParameter> for SuggestedParameterBody {
    fn from(suggested: SuggestedParameter) -> Self {
        Self {
            name: suggested.name,
            n_runs: suggested.n_runs,
            n_distinct: suggested.n_distinct,
            parameter: suggested.parameter,
        }
    }
}

/// What the configs of runs suggest to search over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepSuggestion)]
pub(crate) struct SuggestionBody {
    /// How many runs there were to learn from.
    n_runs: usize,
    /// A parameter for each value in their configs, at most 500.
    items: Vec<SuggestedParameterBody>,
}

impl From<Suggestion> for SuggestionBody {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            n_runs: suggestion.n_runs,
            items: suggestion.parameters.into_iter().map(Into::into).collect(),
        }
    }
}

/// Suggests parameters of a sweep from the configs of runs: constants for what never varied, else choices or ranges
/// that hold all values seen.
#[utoipa::path(post, path = "/projects/{entity}/{project}/sweeps/suggest", operation_id = "suggest_sweep_parameters",
    tag = "sweeps", params(ProjectPathParams), request_body = SuggestionRuns,
    responses((status = 200, body = SuggestionBody)))]
#[tracing::instrument(name = "handler.sweeps.suggest", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(body): JsonBody<SuggestionRuns>,
) -> Result<Json<SuggestionBody>, ApiError> {
    let runs = body.runs.into_iter().map(RunId::new);
    let runs = runs.collect::<Result<Vec<_>, _>>()?;
    let suggestion = ctx
        .tracking()
        .suggest_parameters(&ctx.caller, &path.entity, &path.project, &runs)
        .await?;
    Ok(Json(suggestion.into()))
}
