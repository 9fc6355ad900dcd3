use axum::Json;
use axum::http::StatusCode;
use ballast_model::RunId;
use ballast_model::json::Value;
use ballast_tracking::runs::filter::{Field, Predicate, Test};
use ballast_tracking::sweeps::NewSweep;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ChangedSweepBody;
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

/// Most runs that a sweep can start from.
const MAX_PRIOR_RUNS: usize = 1000;

/// A sweep to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSweep)]
pub(crate) struct NewSweepBody {
    /// The config, YAML or JSON text, as `wandb sweep` takes it.
    config: String,
    /// The title; the config's `name` if not given.
    display_name: Option<String>,
    /// What it is for; the config's `description` if not given.
    description: Option<String>,
    /// Ids of runs of the project that count as tried from the beginning, at most 1,000.
    #[serde(default)]
    prior_runs: Vec<String>,
}

/// Makes a sweep. It waits for agents.
#[utoipa::path(post, path = "/projects/{entity}/{project}/sweeps", operation_id = "add_sweep", tag = "sweeps",
    params(ProjectPathParams), request_body = NewSweepBody, responses((status = 201, body = ChangedSweepBody)))]
#[tracing::instrument(name = "handler.sweeps.add", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(body): JsonBody<NewSweepBody>,
) -> Result<(StatusCode, Json<ChangedSweepBody>), ApiError> {
    let tracking = ctx.tracking();
    // A client's sweep makes its project; here the address names one that is there.
    tracking
        .get_project(&ctx.caller, &path.entity, &path.project)
        .await?;
    let new = NewSweep {
        config: body.config,
        display_name: body.display_name,
        description: body.description,
        controller: None,
        prior_runs: prior_runs(&body.prior_runs)?,
    };
    let made = tracking
        .create_sweep(&ctx.caller, Some(&path.entity), &path.project, new)
        .await?;
    Ok((StatusCode::CREATED, Json(ChangedSweepBody::new(made, 0))))
}

/// The condition that holds for runs of these ids; none for no ids.
pub(super) fn prior_runs(ids: &[String]) -> Result<Option<Predicate>, ApiError> {
    if ids.len() > MAX_PRIOR_RUNS {
        let message = format!(
            "`prior_runs` has {} ids, more than {MAX_PRIOR_RUNS}",
            ids.len()
        );
        return Err(ApiError::new(ErrorCode::TooLarge, message));
    }
    let ids = ids
        .iter()
        .map(|id| Ok(Value::from(RunId::new(id)?.as_str())))
        .collect::<Result<Vec<_>, ApiError>>()?;
    Ok((!ids.is_empty()).then_some(Predicate::Test {
        field: Field::Id,
        test: Test::In(ids),
    }))
}
