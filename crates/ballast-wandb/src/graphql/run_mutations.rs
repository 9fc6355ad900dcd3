//! Changes to runs.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::RunState;
use ballast_tracking::charts::ChartDefinition;

use super::access::Access;
use super::artifacts::SuccessPayload;
use super::runs::RunNode;
use super::scalars::JsonString;
use super::server_info::ServerSettings;
use crate::ids;
use crate::refusal::Refusal;
use crate::upsert;

/// Changes to runs.
#[derive(Debug, Default)]
pub(crate) struct RunMutations;

/// A run to make or change. What is null stays as it is.
#[derive(Debug, Default, InputObject)]
pub(crate) struct UpsertBucketInput {
    /// The run, by its id; else by entity, project and name.
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) group_name: Option<String>,
    /// The project.
    pub(crate) model_name: Option<String>,
    pub(crate) entity_name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) notes: Option<String>,
    /// The whole config.
    pub(crate) config: Option<JsonString>,
    pub(crate) commit: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) debug: Option<bool>,
    pub(crate) job_program: Option<String>,
    pub(crate) job_repo: Option<String>,
    pub(crate) job_type: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) sweep: Option<String>,
    pub(crate) tags: Option<Vec<String>>,
    /// The whole summary.
    pub(crate) summary_metrics: Option<JsonString>,
    pub(crate) client_mutation_id: Option<String>,
}

/// The run as it is now.
#[derive(Debug, SimpleObject)]
pub(crate) struct UpsertBucketPayload {
    bucket: RunNode,
    inserted: bool,
    server_settings: ServerSettings,
    client_mutation_id: Option<String>,
}

/// Where to rewind a run to.
#[derive(Debug, InputObject)]
pub(crate) struct RewindRunInput {
    run_name: String,
    entity_name: Option<String>,
    project_name: Option<String>,
    /// Always `_step`.
    metric_name: String,
    /// The last step to keep.
    metric_value: f64,
    client_mutation_id: Option<String>,
}

/// The run as it is now.
#[derive(Debug, SimpleObject)]
pub(crate) struct RewindRunPayload {
    rewound_run: RunNode,
    client_mutation_id: Option<String>,
}

/// A run to delete.
#[derive(Debug, InputObject)]
pub(crate) struct DeleteRunInput {
    id: ID,
    /// Whether the versions that it logged go, too.
    delete_artifacts: Option<bool>,
    client_mutation_id: Option<String>,
}

/// A run to stop.
#[derive(Debug, InputObject)]
pub(crate) struct StopRunInput {
    id: ID,
    client_mutation_id: Option<String>,
}

/// A state to set.
#[derive(Debug, InputObject)]
pub(crate) struct UpdateRunStateInput {
    id: ID,
    state: String,
    client_mutation_id: Option<String>,
}

/// A chart to define.
#[derive(Debug, InputObject)]
pub(crate) struct CreateCustomChartInput {
    entity: String,
    name: String,
    display_name: String,
    r#type: String,
    access: String,
    /// Vega or Vega-Lite, with blanks.
    spec: JsonString,
    client_mutation_id: Option<String>,
}

/// A chart that was defined.
#[derive(Debug, SimpleObject)]
pub(crate) struct CustomChartNode {
    id: ID,
}

/// Outcome of `createCustomChart`.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateCustomChartPayload {
    chart: CustomChartNode,
    client_mutation_id: Option<String>,
}

#[Object]
impl RunMutations {
    /// Makes a run, or tells something about it.
    async fn upsert_bucket(
        &self,
        context: &Context<'_>,
        mut input: UpsertBucketInput,
    ) -> Result<Option<UpsertBucketPayload>> {
        let access = Access::of(context);
        let client_mutation_id = input.client_mutation_id.take();
        let upserted = upsert::upsert(access, input).await?;
        Ok(Some(UpsertBucketPayload {
            bucket: RunNode::continuing_at(upserted.run, upserted.next_history_line),
            inserted: upserted.inserted,
            server_settings: ServerSettings::default(),
            client_mutation_id,
        }))
    }

    /// Cuts the history of a run after a step.
    async fn rewind_run(
        &self,
        context: &Context<'_>,
        input: RewindRunInput,
    ) -> Result<Option<RewindRunPayload>> {
        let access = Access::of(context);
        if input.metric_name != "_step" {
            return Err(
                Refusal::invalid("a run is rewound to a `_step`, not to another metric").into(),
            );
        }
        if input.metric_value.fract() != 0.0 || input.metric_value.abs() > 9.0e15 {
            return Err(Refusal::invalid("a run is rewound to a whole step").into());
        }
        let path = access.run_path(
            input.entity_name.as_deref(),
            input.project_name.as_deref(),
            &input.run_name,
        )?;
        let run = access
            .tracking
            .rewind_run(&access.caller, &path, input.metric_value as i64)
            .await?;
        Ok(Some(RewindRunPayload {
            rewound_run: run.into(),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Puts a run into the bin.
    async fn delete_run(
        &self,
        context: &Context<'_>,
        input: DeleteRunInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let run = access.run_by_id(&input.id).await?;
        let (tracking, path) = (&access.tracking, run.path());
        if input.delete_artifacts.unwrap_or(false) {
            tracking
                .delete_run_with_versions(&access.caller, &path)
                .await?;
        } else {
            tracking.delete_run(&access.caller, &path).await?;
        }
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Asks the process of a run to stop.
    async fn stop_run(
        &self,
        context: &Context<'_>,
        input: StopRunInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let run = access.run_by_id(&input.id).await?;
        access
            .tracking
            .request_stop(&access.caller, &run.path())
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Sets the state of a run by hand.
    async fn update_run_state(
        &self,
        context: &Context<'_>,
        input: UpdateRunStateInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let state: RunState = input
            .state
            .to_ascii_lowercase()
            .parse()
            .map_err(|error| Refusal::invalid(format!("invalid state transition: {error}")))?;
        let run = access.run_by_id(&input.id).await?;
        access
            .tracking
            .set_run_state(&access.caller, &run.path(), state)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }

    /// Stores a chart definition, in place of one of the same name.
    async fn create_custom_chart(
        &self,
        context: &Context<'_>,
        input: CreateCustomChartInput,
    ) -> Result<Option<CreateCustomChartPayload>> {
        let access = Access::of(context);
        let entity = access
            .entity_name(Some(&input.entity))
            .ok_or_else(|| Refusal::not_found("entity", &input.entity))?;
        let id = ids::encode("CustomChart", format_args!("{entity}/{}", input.name));
        let definition = ChartDefinition {
            name: input.name,
            display_name: input.display_name,
            kind: input.r#type,
            access: input.access,
            spec: input.spec.0,
        };
        access
            .tracking
            .put_chart_definition(&access.caller, &entity, definition)
            .await?;
        Ok(Some(CreateCustomChartPayload {
            chart: CustomChartNode { id },
            client_mutation_id: input.client_mutation_id,
        }))
    }
}
