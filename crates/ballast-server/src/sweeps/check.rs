use axum::Json;
use ballast_tracking::sweeps::{ConfigCheck, ConfigProblem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

/// A config to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SweepConfigText)]
pub(crate) struct ConfigText {
    /// The config, YAML or JSON text.
    config: String,
}

/// One thing that is wrong with a config.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigProblem)]
pub(crate) struct ConfigProblemBody {
    /// The keys that lead to it, joined by dots; empty if it is about the whole.
    #[schema(example = "parameters.lr.min")]
    path: String,
    /// What was found, and what was expected.
    message: String,
}

impl From<ConfigProblem> for ConfigProblemBody {
    fn from(ConfigProblem { path, message }: ConfigProblem) -> Self {
        Self { path, message }
    }
}

/// What a config would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigCheck)]
pub(crate) struct ConfigCheckBody {
    /// What is wrong, in the order of the config; the first of it.
    problems: Vec<ConfigProblemBody>,
    /// How many problems there are besides.
    n_more_problems: usize,
    /// What is odd, for people.
    warnings: Vec<String>,
    /// How many trials there would be; null if it would go on until someone stops it, or if there are problems.
    n_expected: Option<u64>,
}

impl From<ConfigCheck> for ConfigCheckBody {
    fn from(check: ConfigCheck) -> Self {
        Self {
            problems: check.problems.into_iter().map(Into::into).collect(),
            n_more_problems: check.n_more_problems,
            warnings: check.warnings,
            n_expected: check.n_expected,
        }
    }
}

/// Tells what a config would do as a sweep, and makes none. What is wrong with it is the answer and no error.
#[utoipa::path(post, path = "/projects/{entity}/{project}/sweeps/check", operation_id = "check_sweep_config",
    tag = "sweeps", params(ProjectPathParams), request_body = ConfigText,
    responses((status = 200, body = ConfigCheckBody)))]
#[tracing::instrument(name = "handler.sweeps.check", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(body): JsonBody<ConfigText>,
) -> Result<Json<ConfigCheckBody>, ApiError> {
    let check = ctx
        .tracking()
        .dry_run_sweep(&ctx.caller, &path.entity, &path.project, body.config)
        .await?;
    Ok(Json(check.into()))
}
