//! `upsertBucket`: how a client makes a run and keeps telling about it.

use ballast_model::json::{Map, Value};
use ballast_model::{EntityName, ProjectName, RunId, RunState};
use ballast_tracking::TrackingError;
use ballast_tracking::runs::{ParentRun, Run, RunTarget, UpsertRun};

use crate::config::{self, WireConfig};
use crate::graphql::{Access, UpsertBucketInput};
use crate::ids;
use crate::refusal::Refusal;

/// The outcome of [`upsert`].
#[derive(Debug)]
pub(crate) struct Upserted {
    /// The run as it is now.
    pub(crate) run: Run,
    /// Whether it was made by this request.
    pub(crate) inserted: bool,
    /// Where the client is to start numbering the lines of its history.
    ///
    /// The client goes on behind this line whatever it was started for. So only a client that resumes or rewinds,
    /// which names the run by its id, and one that forks may be told of lines that are there; any other starts its
    /// history over at line 0.
    pub(crate) next_history_line: u64,
}

/// Makes a run, or tells something about it.
///
/// # Errors
/// [`Refusal`]: 400 for what cannot be stored, 404 for an unknown run id, entity or fork parent, 410 for a run in the
/// bin, 413 for a config or summary beyond the limits.
pub(crate) async fn upsert(access: &Access, input: UpsertBucketInput) -> Result<Upserted, Refusal> {
    let names_id = input.id.as_deref().is_some_and(|id| !id.is_empty());
    let mut told = to_upsert(access, input)?;
    if told.merge_config
        && let Some(Value::Map(state)) = told.sdk_state.take()
    {
        let stored = stored_run(access, &told.target).await?;
        let stored = stored.map_or(Value::Null, |run| run.sdk_state);
        told.sdk_state = Some(Value::Map(config::merge_sdk_states(&stored, state)));
    }
    let branch = told.branch.clone();
    let upserted = access.tracking.upsert_run(&access.caller, told).await?;
    let forked_before = || {
        // The answer to the first request may have been lost. As long as the fork has logged nothing, it begins where
        // it began then.
        let Some(ParentRun {
            run: Some(parent),
            step,
        }) = &upserted.run.parent
        else {
            return None;
        };
        let same = branch
            .as_ref()
            .is_some_and(|branch| branch.parent == *parent && branch.step == *step);
        (same && upserted.run.summary.is_empty()).then_some(upserted.run.n_history_rows)
    };
    let next_history_line = match upserted.first_line {
        Some(line) => line,
        None if names_id => upserted.run.n_history_rows,
        None => forked_before().unwrap_or(0),
    };
    Ok(Upserted {
        run: upserted.run,
        inserted: upserted.inserted,
        next_history_line,
    })
}

async fn stored_run(access: &Access, target: &RunTarget) -> Result<Option<Run>, TrackingError> {
    match target {
        RunTarget::Key(key) => {
            access
                .tracking
                .lookup_run_by_key(&access.caller, *key)
                .await
        }
        RunTarget::Name {
            entity,
            project: Some(project),
            run,
        } => {
            let path = ballast_model::RunPath {
                entity: entity
                    .clone()
                    .unwrap_or_else(|| access.caller.default_entity().clone()),
                project: project.clone(),
                run: run.clone(),
            };
            access.tracking.lookup_run(&access.caller, &path).await
        }
        RunTarget::Name { project: None, .. } => Ok(None),
    }
}

/// Translates the request.
fn to_upsert(access: &Access, input: UpsertBucketInput) -> Result<UpsertRun, Refusal> {
    let non_empty = |text: Option<String>| text.filter(|text| !text.is_empty());
    // A process always names its run; the public API, which edits runs of others, names an id alone. A run that is
    // made ahead of its process comes with its state.
    let reports = input.name.is_some() && input.state.is_none();
    let target = match non_empty(input.id) {
        Some(id) => {
            RunTarget::Key(ids::run_key(&id).ok_or_else(|| Refusal::not_found("run", &id))?)
        }
        None => RunTarget::Name {
            entity: non_empty(input.entity_name)
                .map(EntityName::new)
                .transpose()?,
            project: non_empty(input.model_name)
                .map(ProjectName::new)
                .transpose()?,
            run: match non_empty(input.name) {
                Some(name) => RunId::new(name)?,
                None => access.tracking.generate_run_id(),
            },
        },
    };
    let state = match non_empty(input.state) {
        Some(state) => {
            let state = state.to_ascii_lowercase().parse::<RunState>();
            Some(state.map_err(|error| Refusal::invalid(error.to_string()))?)
        }
        None => None,
    };
    let mut told = UpsertRun {
        reports,
        state,
        display_name: non_empty(input.display_name),
        notes: input.notes,
        group: input.group_name,
        job_type: input.job_type,
        host: non_empty(input.host),
        program: non_empty(input.job_program),
        git_remote: non_empty(input.job_repo),
        git_commit: non_empty(input.commit),
        sweep: non_empty(input.sweep),
        tags: input.tags,
        merge_config: access.shared,
        summary: input
            .summary_metrics
            .map(|text| parse_summary(&text.0))
            .transpose()?,
        ..UpsertRun::new(target)
    };
    if let Some(text) = input.config {
        let wire = WireConfig::parse(&text.0)?;
        told.metric_definitions = wire.metric_definitions();
        told.custom_charts = wire.custom_charts();
        told.environment = wire.environment();
        told.branch = wire.branch();
        told.sdk_state = wire.sdk_state.map(Value::Map);
        told.config = Some(wire.config);
    }
    Ok(told)
}

fn parse_summary(text: &str) -> Result<Map, Refusal> {
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(summary)) => Ok(summary),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Refusal::invalid("the summary is no JSON object")),
        Err(error) => Err(Refusal::invalid(format!(
            "the summary is not valid: {error}"
        ))),
    }
}
