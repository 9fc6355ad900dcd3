use std::collections::HashMap;

use axum::Json;
use ballast_model::RunId;
use ballast_model::json::Value;
use ballast_tracking::runs::Run;
use ballast_tracking::sweeps::Trial;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::{Page, Time, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString, SweepPathParam, SweepPathParams};
use crate::runs::RunStateName;

/// Trials of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 200;
/// Most trials of a page.
const MAX_LIMIT: usize = 1000;

/// Which trials to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrialsQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many trials; 200 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// The run of a trial.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialRun)]
pub(crate) struct TrialRunBody {
    /// The short id in addresses.
    id: String,
    /// The title for people.
    display_name: String,
    /// The run's place in its project, from 1.
    number: u64,
    /// Where it stands.
    state: RunStateName,
    /// The colour that someone chose for it.
    color: Option<String>,
    /// When it was made.
    created_at: Time,
    /// Seconds from its start to its end, or to its last report while it lives.
    duration_s: f64,
}

impl From<Run> for TrialRunBody {
    fn from(run: Run) -> Self {
        Self {
            duration_s: run.duration_s(),
            id: run.id.to_string(),
            display_name: run.display_name,
            number: run.number,
            state: run.state.into(),
            color: run.color,
            created_at: run.created_at.into(),
        }
    }
}

/// One entry of a sweep's ledger: a config that was tried, once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trial)]
pub(crate) struct TrialBody {
    /// Its place in the ledger, from 1.
    number: u64,
    /// Its run; null if that was deleted or is not there yet.
    run: Option<TrialRunBody>,
    /// The values that were chosen; nested parameters under their first key.
    #[schema(value_type = Object)]
    config: serde_json::Map<String, serde_json::Value>,
    /// Whether its run was there before the sweep.
    is_prior: bool,
    /// 1 for the first try of its config, 2 for the first retry, and so on.
    attempt: u64,
    /// The name of the agent that it was last given to.
    agent: Option<String>,
    /// What became of it: `pending`, `running`, `finished`, `stopped` early, `failed`, `lost`, `killed` or `deleted`.
    #[schema(example = "finished")]
    outcome: &'static str,
    /// Why it was stopped early, or what went wrong with it.
    reason: Option<String>,
    /// The objectives' values so far, in the sweep's order; null where the run did not report one, empty before it did.
    #[schema(value_type = Vec<Option<f64>>)]
    values: Vec<Option<Value>>,
    /// When it was given to an agent, or made if it waits for one.
    issued_at: Time,
    /// When its end was noticed.
    ended_at: Option<Time>,
}

impl TrialBody {
    fn new(trial: Trial, run: Option<Run>) -> Self {
        Self {
            number: trial.number,
            run: run.map(Into::into),
            config: trial.config,
            is_prior: trial.is_prior,
            attempt: trial.attempt,
            agent: trial.agent,
            outcome: trial.outcome.as_str(),
            reason: trial.reason,
            values: trial
                .values
                .into_iter()
                .map(|value| value.map(Value::from))
                .collect(),
            issued_at: trial.issued_at.into(),
            ended_at: trial.ended_at.map(Time),
        }
    }
}

/// Lists what a sweep has tried, in the order in which it was given out.
#[utoipa::path(get, path = "/sweeps/{entity}/{project}/{sweep}/trials", operation_id = "list_trials", tag = "sweeps",
    params(SweepPathParams, TrialsQuery), responses((status = 200, body = Page<TrialBody>)))]
#[tracing::instrument(name = "handler.sweeps.trials", skip_all, fields(sweep.id = %path.sweep))]
pub(crate) async fn handler(
    ctx: CallContext,
    SweepPathParam(path): SweepPathParam,
    QueryString(query): QueryString<TrialsQuery>,
) -> Result<Json<Page<TrialBody>>, ApiError> {
    let tracking = ctx.tracking();
    let after = parse_cursor(query.cursor.as_deref())?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let page = tracking
        .list_trials(&ctx.caller, &path, after, limit)
        .await?;
    let ids: Vec<RunId> = page.items.iter().filter_map(|t| t.run.clone()).collect();
    let runs = tracking.runs_of_sweep(&ctx.caller, &path, &ids).await?;
    let mut runs: HashMap<RunId, Run> = runs.into_iter().map(|run| (run.id.clone(), run)).collect();
    let items = page.items.into_iter().map(|trial| {
        let run = trial.run.as_ref().and_then(|id| runs.remove(id));
        TrialBody::new(trial, run)
    });
    Ok(Json(Page {
        items: items.collect(),
        next_cursor: page.next.map(|number| number.to_string()),
        total: Some(page.total),
    }))
}
