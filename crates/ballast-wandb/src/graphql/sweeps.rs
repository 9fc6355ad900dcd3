//! Sweeps and their agents.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use ballast_model::json::{Map, Value};
use ballast_model::{EntityName, ProjectName, RunId, SweepId, SweepPath, SweepState};
use ballast_tracking::TrackingError;
use ballast_tracking::projects::{DEFAULT_PROJECT, Project};
use ballast_tracking::runs::RunQuery;
use ballast_tracking::runs::filter::{Field, Predicate, Test};
use ballast_tracking::sweeps::{
    Agent, AgentState, ChangedSweep, Command, NewSweep, ScheduledTrial, Sweep, SweepChanges,
    SweepListing,
};

use super::access::Access;
use super::connection::{Connection, Window};
use super::projects::ProjectNode;
use super::runs::RunNode;
use super::scalars::{DateTime, JsonString};
use crate::filters::{parse_filter, parse_sweep_filter};
use crate::ids;
use crate::refusal::Refusal;

/// A page of trials when the ledger is read for a controller.
const TRIALS_AT_ONCE: usize = 1_000;

/// A search over configs.
#[derive(Debug, Clone)]
pub(crate) struct SweepNode {
    sweep: Arc<Sweep>,
}

impl From<Sweep> for SweepNode {
    fn from(sweep: Sweep) -> Self {
        Self {
            sweep: Arc::new(sweep),
        }
    }
}

impl SweepNode {
    /// The sweep of that name; `None` if there is none, or none can have the name.
    pub(crate) async fn lookup(
        access: &Access,
        project: &Project,
        name: &str,
    ) -> Result<Option<Self>> {
        let Ok(sweep) = SweepId::new(name) else {
            return Ok(None);
        };
        let path = SweepPath {
            entity: project.entity.clone(),
            project: project.name.clone(),
            sweep,
        };
        let found = access.tracking.lookup_sweep(&access.caller, &path).await?;
        Ok(found.map(Self::from))
    }

    /// A page of a project's sweeps.
    pub(crate) async fn list(
        access: &Access,
        project: &Project,
        filters: Option<&JsonString>,
        window: Window,
    ) -> Result<Connection<Self>> {
        let listing = SweepListing {
            filter: parse_sweep_filter(filters.map(|text| text.0.as_str()))?,
            offset: window.offset,
            limit: window.limit,
        };
        let page = access
            .tracking
            .list_sweeps(&access.caller, &project.entity, &project.name, &listing)
            .await?;
        let sweeps = page.items.into_iter().map(Self::from).collect();
        Ok(Connection::page(sweeps, window.offset, page.total))
    }
}

#[Object(name = "Sweep")]
impl SweepNode {
    async fn id(&self) -> ID {
        ids::sweep(self.sweep.key)
    }

    /// The short id in addresses, which agents are started with.
    async fn name(&self) -> &str {
        self.sweep.id.as_str()
    }

    async fn display_name(&self) -> Option<&str> {
        self.sweep.display_name.as_deref()
    }

    async fn method(&self) -> &str {
        &self.sweep.method
    }

    async fn state(&self) -> Option<String> {
        Some(self.sweep.state.as_str().to_ascii_uppercase())
    }

    async fn description(&self) -> Option<&str> {
        self.sweep.description.as_deref()
    }

    /// The config, as YAML.
    async fn config(&self) -> &str {
        &self.sweep.config
    }

    async fn best_loss(&self) -> Option<f64> {
        self.sweep.best.as_ref().map(|best| best.value)
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.sweep.created_at)
    }

    async fn updated_at(&self) -> Option<DateTime> {
        Some(DateTime(self.sweep.updated_at))
    }

    async fn heartbeat_at(&self) -> Option<DateTime> {
        self.sweep.heartbeat_at.map(DateTime)
    }

    async fn run_count(&self) -> i64 {
        i64::try_from(self.sweep.counts.total).unwrap_or(i64::MAX)
    }

    async fn run_count_expected(&self) -> Option<i64> {
        let expected = self.sweep.n_expected?;
        Some(i64::try_from(expected).unwrap_or(i64::MAX))
    }

    /// Whether a job of its own stops runs early: they are judged when their agents report.
    async fn early_stop_job_running(&self) -> Option<bool> {
        Some(false)
    }

    /// What the sweep's local controller keeps with it.
    async fn controller(&self) -> Option<JsonString> {
        self.sweep.controller.clone().map(JsonString)
    }

    /// What was made of the wishes of the local controller.
    async fn scheduler(&self, context: &Context<'_>) -> Result<Option<JsonString>> {
        if self.sweep.controller.is_none() {
            return Ok(None);
        }
        let access = Access::of(context);
        let (path, mut after, mut scheduled) = (self.sweep.path(), None, Vec::new());
        loop {
            let page = access
                .tracking
                .list_trials(&access.caller, &path, after, TRIALS_AT_ONCE)
                .await?;
            scheduled.extend(page.items.into_iter().filter_map(|trial| {
                let (id, run) = (trial.schedule_id?, trial.run?);
                Some(serde_json::json!({ "id": id, "runid": run.as_str() }))
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let text = serde_json::json!({ "scheduled": scheduled }).to_string();
        Ok(Some(JsonString(text)))
    }

    async fn controller_run_name(&self) -> Option<String> {
        None
    }

    async fn project(&self, context: &Context<'_>) -> Result<Option<ProjectNode>> {
        let (entity, project) = (self.sweep.entity.as_str(), self.sweep.project.as_str());
        ProjectNode::lookup(Access::of(context), Some(entity), Some(project)).await
    }

    /// The runs, oldest first; all of them where no page is asked for.
    async fn runs(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<RunNode>> {
        let access = Access::of(context);
        let window = match first {
            Some(_) => Window::new(first, after.as_deref(), 50),
            None => Window {
                limit: usize::MAX,
                ..Window::new(None, after.as_deref(), 50)
            },
        };
        let query = RunQuery {
            filter: Predicate::Test {
                field: Field::Sweep,
                test: Test::Equals(Value::from(self.sweep.id.as_str())),
            },
            order: Vec::new(),
            offset: window.offset,
            limit: window.limit,
        };
        let Sweep {
            entity, project, ..
        } = &*self.sweep;
        let found = access
            .tracking
            .query_runs(&access.caller, entity, project, &query)
            .await?;
        let runs = found.items.into_iter().map(RunNode::from).collect();
        Ok(Connection::page(runs, window.offset, found.total))
    }

    /// All agents, oldest first.
    async fn agents(&self, context: &Context<'_>) -> Result<Connection<AgentNode>> {
        Ok(Connection::whole(
            AgentNode::all(Access::of(context), &self.sweep).await?,
        ))
    }

    /// The agent of that name or id.
    async fn agent(&self, context: &Context<'_>, agent_name: String) -> Result<Option<AgentNode>> {
        let agents = AgentNode::all(Access::of(context), &self.sweep).await?;
        let is_meant = |node: &AgentNode| {
            node.agent.name == agent_name || ids::agent_key(&agent_name) == Some(node.agent.key)
        };
        Ok(agents.into_iter().find(is_meant))
    }
}

/// A process that runs trials.
#[derive(Debug, Clone)]
pub(crate) struct AgentNode {
    sweep: SweepPath,
    agent: Agent,
}

impl AgentNode {
    async fn all(access: &Access, sweep: &Sweep) -> Result<Vec<Self>> {
        let path = sweep.path();
        let agents = access.tracking.list_agents(&access.caller, &path).await?;
        let node = |agent| Self {
            sweep: path.clone(),
            agent,
        };
        Ok(agents.into_iter().map(node).collect())
    }
}

#[Object(name = "Agent")]
impl AgentNode {
    async fn id(&self) -> ID {
        ids::agent(self.agent.key)
    }

    async fn name(&self) -> &str {
        &self.agent.name
    }

    async fn host(&self) -> &str {
        &self.agent.host
    }

    async fn state(&self) -> Option<&str> {
        Some(match self.agent.state {
            AgentState::Running => "RUNNING",
            AgentState::Finished => "FINISHED",
            AgentState::Lost => "KILLED",
        })
    }

    async fn total_runs(&self) -> i64 {
        i64::try_from(self.agent.n_trials).unwrap_or(i64::MAX)
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.agent.created_at)
    }

    async fn heartbeat_at(&self) -> Option<DateTime> {
        Some(DateTime(self.agent.heartbeat_at))
    }

    /// The runs that it was given, oldest first.
    async fn runs(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        last: Option<i64>,
        before: Option<String>,
        order: Option<String>,
    ) -> Result<Connection<RunNode>> {
        let _ = (last, before);
        let access = Access::of(context);
        let found = access
            .tracking
            .runs_of_agent(&access.caller, &self.sweep, &self.agent.name)
            .await?;
        let mut runs = found.unwrap_or_default();
        if order.is_some_and(|order| order.starts_with('-')) {
            runs.reverse();
        }
        let runs = runs.into_iter().map(RunNode::from).collect();
        let window = Window::new(first, after.as_deref(), 50);
        Ok(Connection::page_of(runs, window))
    }
}

/// Changes to sweeps, and what agents report.
#[derive(Debug, Default)]
pub(crate) struct SweepMutations;

/// A sweep to make, or to change if an id is given. What is null stays as it is.
#[derive(Debug, InputObject)]
pub(crate) struct UpsertSweepInput {
    id: Option<ID>,
    /// YAML.
    config: Option<String>,
    description: Option<String>,
    entity_name: Option<String>,
    project_name: Option<String>,
    /// What a local controller wants.
    controller: Option<JsonString>,
    launch_scheduler: Option<JsonString>,
    template_variable_values: Option<JsonString>,
    scheduler: Option<JsonString>,
    state: Option<String>,
    /// Which runs of the project count as tried.
    prior_runs_filters: Option<JsonString>,
    display_name: Option<String>,
    client_mutation_id: Option<String>,
}

/// The sweep as it is now.
#[derive(Debug, SimpleObject)]
pub(crate) struct UpsertSweepPayload {
    sweep: SweepNode,
    /// What is odd about its config.
    config_validation_warnings: Vec<String>,
    client_mutation_id: Option<String>,
}

/// An agent to register.
#[derive(Debug, InputObject)]
pub(crate) struct CreateAgentInput {
    host: String,
    project_name: Option<String>,
    entity_name: Option<String>,
    sweep: String,
    client_mutation_id: Option<String>,
}

/// The agent.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateAgentPayload {
    agent: AgentNode,
    client_mutation_id: Option<String>,
}

/// What an agent reports.
#[derive(Debug, InputObject)]
pub(crate) struct AgentHeartbeatInput {
    id: ID,
    metrics: Option<JsonString>,
    /// The runs that it works on, by id, each `true`.
    run_state: Option<JsonString>,
    client_mutation_id: Option<String>,
}

/// What an agent is to do.
#[derive(Debug, SimpleObject)]
pub(crate) struct AgentHeartbeatPayload {
    agent: AgentNode,
    /// A list of commands.
    commands: Option<JsonString>,
    client_mutation_id: Option<String>,
}

/// A run to add to a sweep.
#[derive(Debug, InputObject)]
pub(crate) struct EnqueueSweepRunInput {
    /// The sweep.
    id: ID,
    /// The parameters, each wrapped as `{"value": …}`.
    config: JsonString,
    display_name: Option<String>,
    client_mutation_id: Option<String>,
}

/// The run that was added.
#[derive(Debug, SimpleObject)]
pub(crate) struct EnqueueSweepRunPayload {
    /// The short id in addresses.
    id: String,
    /// There are no queues of runs.
    run_queue_item_id: Option<String>,
    client_mutation_id: Option<String>,
}

#[Object]
impl SweepMutations {
    /// Makes a sweep, or changes one.
    async fn upsert_sweep(
        &self,
        context: &Context<'_>,
        input: UpsertSweepInput,
    ) -> Result<Option<UpsertSweepPayload>> {
        let access = Access::of(context);
        let client_mutation_id = input.client_mutation_id.clone();
        let changed = match input.id.clone().filter(|id| !id.is_empty()) {
            Some(id) => update(access, &id, input).await?,
            None => create(access, input).await?,
        };
        Ok(Some(UpsertSweepPayload {
            sweep: changed.sweep.into(),
            config_validation_warnings: changed.warnings,
            client_mutation_id,
        }))
    }

    /// Registers an agent of a sweep.
    async fn create_agent(
        &self,
        context: &Context<'_>,
        input: CreateAgentInput,
    ) -> Result<Option<CreateAgentPayload>> {
        let access = Access::of(context);
        let path = SweepPath {
            entity: named_entity(access, input.entity_name.as_deref())?,
            project: named_project(input.project_name.as_deref())?,
            sweep: SweepId::new(input.sweep).map_err(Refusal::from)?,
        };
        let agent = access
            .tracking
            .register_agent(&access.caller, &path, &input.host)
            .await?;
        Ok(Some(CreateAgentPayload {
            agent: AgentNode { sweep: path, agent },
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Takes the report of an agent and tells it what to do.
    async fn agent_heartbeat(
        &self,
        context: &Context<'_>,
        input: AgentHeartbeatInput,
    ) -> Result<Option<AgentHeartbeatPayload>> {
        let access = Access::of(context);
        let alive = parse_run_state(input.run_state.as_ref())?;
        let key = ids::agent_key(&input.id)
            .ok_or_else(|| Refusal::not_found("agent", input.id.as_str()))?;
        let told = access
            .tracking
            .agent_heartbeat(&access.caller, key, &alive)
            .await?;
        let commands = told.commands.into_iter().map(command).collect();
        Ok(Some(AgentHeartbeatPayload {
            agent: AgentNode {
                sweep: told.sweep,
                agent: told.agent,
            },
            commands: Some(JsonString(serde_json::Value::Array(commands).to_string())),
            client_mutation_id: input.client_mutation_id,
        }))
    }

    /// Adds a run of the caller's choice to a sweep.
    async fn enqueue_sweep_run(
        &self,
        context: &Context<'_>,
        input: EnqueueSweepRunInput,
    ) -> Result<Option<EnqueueSweepRunPayload>> {
        let access = Access::of(context);
        let path = path_of(access, &input.id).await?;
        let config: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&input.config.0).map_err(|error| {
                Refusal::invalid(format!("the config is no JSON object: {error}"))
            })?;
        let run = access
            .tracking
            .enqueue_trial(
                &access.caller,
                &path,
                unwrap_values(config),
                input.display_name,
            )
            .await?;
        Ok(Some(EnqueueSweepRunPayload {
            id: run.as_str().to_owned(),
            run_queue_item_id: None,
            client_mutation_id: input.client_mutation_id,
        }))
    }
}

async fn create(access: &Access, input: UpsertSweepInput) -> Result<ChangedSweep> {
    let config = input
        .config
        .ok_or_else(|| Refusal::invalid("a new sweep needs a `config`"))?;
    if let Some(state) = &input.state
        && parse_state(state)? != SweepState::Pending
    {
        let reason = format!("a new sweep is pending and cannot be made {state}");
        return Err(Refusal::invalid(reason).into());
    }
    let entity = match input.entity_name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Some(EntityName::new(name).map_err(Refusal::from)?),
        None => None,
    };
    let project = named_project(input.project_name.as_deref())?;
    let new = NewSweep {
        config,
        display_name: input.display_name,
        description: input.description,
        controller: input.controller.map(|text| text.0),
        prior_runs: prior_runs(input.prior_runs_filters.as_ref())?,
    };
    Ok(access
        .tracking
        .create_sweep(&access.caller, entity.as_ref(), &project, new)
        .await?)
}

async fn update(access: &Access, id: &str, input: UpsertSweepInput) -> Result<ChangedSweep> {
    let path = path_of(access, id).await?;
    let wanted = match &input.controller {
        Some(text) => Wanted::parse(&text.0)?,
        None => Wanted::default(),
    };
    let changes = SweepChanges {
        config: input.config,
        state: input.state.as_deref().map(parse_state).transpose()?,
        display_name: input.display_name,
        description: input.description,
        controller: input.controller.map(|text| text.0),
        schedule: wanted.schedule,
        stop_runs: wanted.stops,
        prior_runs: prior_runs(input.prior_runs_filters.as_ref())?,
    };
    Ok(access
        .tracking
        .update_sweep(&access.caller, &path, changes)
        .await?)
}

/// The sweep behind an id of the wire.
async fn path_of(access: &Access, id: &str) -> Result<SweepPath, Refusal> {
    let path = match ids::sweep_key(id) {
        Some(key) => access.tracking.sweep_path(&access.caller, key).await?,
        None => None,
    };
    path.ok_or_else(|| Refusal::not_found("sweep", id))
}

fn named_entity(access: &Access, name: Option<&str>) -> Result<EntityName, Refusal> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok(EntityName::new(name)?),
        None => Ok(access.caller.default_entity().clone()),
    }
}

fn named_project(name: Option<&str>) -> Result<ProjectName, Refusal> {
    let name = name.filter(|name| !name.is_empty());
    Ok(ProjectName::new(name.unwrap_or(DEFAULT_PROJECT))?)
}

fn parse_state(text: &str) -> Result<SweepState, Refusal> {
    let state = match text.to_ascii_lowercase().as_str() {
        "cancelled" => Ok(SweepState::Canceled),
        state => state.parse(),
    };
    state.map_err(|error| Refusal::invalid(error.to_string()))
}

fn prior_runs(filters: Option<&JsonString>) -> Result<Option<Predicate>, Refusal> {
    let filter = parse_filter(filters.map(|text| text.0.as_str()))?;
    Ok(Some(filter).filter(|filter| !filter.is_everything()))
}

/// The runs that an agent says it works on.
fn parse_run_state(text: Option<&JsonString>) -> Result<BTreeSet<RunId>, Refusal> {
    let Some(text) = text else {
        return Ok(BTreeSet::new());
    };
    let runs = match Value::parse(text.0.as_bytes()) {
        Ok(Value::Map(runs)) => runs,
        Ok(Value::Null) => Map::new(),
        _ => return Err(Refusal::invalid("`runState` is no JSON object")),
    };
    let alive = runs
        .into_iter()
        .filter(|(_, alive)| *alive == Value::Bool(true));
    Ok(alive
        .map(|(id, _)| RunId::new(id))
        .collect::<Result<_, _>>()?)
}

/// A command as agents read it.
fn command(command: Command) -> serde_json::Value {
    match command {
        Command::Run {
            run,
            program,
            config,
            resume,
        } => {
            let wrap = |(name, value)| (name, serde_json::json!({ "value": value }));
            let args: serde_json::Map<String, serde_json::Value> =
                config.into_iter().map(wrap).collect();
            serde_json::json!({
                "type": if resume { "resume" } else { "run" },
                "run_id": run.as_str(),
                "program": program,
                "args": args,
            })
        }
        Command::Stop { run } => serde_json::json!({ "type": "stop", "run_id": run.as_str() }),
        Command::Exit => serde_json::json!({ "type": "exit" }),
    }
}

/// What a local controller wants.
#[derive(Debug, Default)]
struct Wanted {
    schedule: Vec<ScheduledTrial>,
    stops: Vec<RunId>,
}

impl Wanted {
    /// Reads `{"schedule": [{"id": …, "data": {"args": {…}}}], "earlystop": ["run", …]}`.
    fn parse(text: &str) -> Result<Self, Refusal> {
        let wanted: serde_json::Value = serde_json::from_str(text).map_err(|error| {
            Refusal::invalid(format!("the controller is no valid JSON: {error}"))
        })?;
        let list = |key: &str| wanted.get(key).and_then(|list| list.as_array());
        let mut schedule = Vec::new();
        for entry in list("schedule").into_iter().flatten() {
            let id = match entry.get("id") {
                Some(serde_json::Value::String(id)) => id.clone(),
                Some(serde_json::Value::Number(id)) => id.to_string(),
                _ => return Err(Refusal::invalid("an entry of the schedule has no `id`")),
            };
            let args = entry
                .pointer("/data/args")
                .and_then(|args| args.as_object());
            schedule.push(ScheduledTrial {
                id,
                config: unwrap_values(args.cloned().unwrap_or_default()),
            });
        }
        let stops = list("earlystop").into_iter().flatten();
        let stops = stops
            .filter_map(|run| run.as_str())
            .filter_map(|run| RunId::new(run).ok())
            .collect();
        Ok(Self { schedule, stops })
    }
}

/// The values that may each be wrapped as `{"value": …}`.
fn unwrap_values(
    args: serde_json::Map<String, serde_json::Value>,
) -> serde_json::Map<String, serde_json::Value> {
    let unwrap = |value: serde_json::Value| match value {
        serde_json::Value::Object(mut members)
            if members.len() == 1 && members.contains_key("value") =>
        {
            members.remove("value").unwrap_or_default()
        }
        bare => bare,
    };
    args.into_iter()
        .map(|(name, value)| (name, unwrap(value)))
        .collect()
}

/// How many sweeps a project has; 0 if the caller may not see them.
pub(crate) async fn count(access: &Access, project: &Project) -> Result<i64> {
    let counted = access
        .tracking
        .count_sweeps(&access.caller, &project.entity, &project.name)
        .await;
    match counted {
        Ok(count) => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
        Err(TrackingError::NotFound { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
