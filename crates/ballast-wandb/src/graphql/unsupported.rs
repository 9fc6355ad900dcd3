//! Changes that this server does not have yet. They are refused, never answered with null: the client's core process
//! crashes on a null where it expects an object.

#![expect(
    clippy::unused_async,
    reason = "the library wants every resolver async"
)]

use async_graphql::{ID, InputObject, Object, Result, SimpleObject};

use super::access::unsupported;
use super::people::CreateUserPayload;
use super::scalars::JsonString;
use super::sweeps::{Agent, Sweep};

/// Changes to sweeps, and service accounts.
#[derive(Debug, Default)]
pub(crate) struct UnsupportedMutations;

const SWEEPS: &str = "sweeps";
const SERVICE_ACCOUNTS: &str = "service accounts";

macro_rules! refuse {
    ($what:expr, $input:ident) => {{
        drop($input);
        Err(unsupported($what).into())
    }};
}

#[Object]
impl UnsupportedMutations {
    async fn create_service_account(
        &self,
        input: CreateServiceAccountInput,
    ) -> Result<Option<CreateUserPayload>> {
        refuse!(SERVICE_ACCOUNTS, input)
    }

    async fn upsert_sweep(&self, input: UpsertSweepInput) -> Result<Option<UpsertSweepPayload>> {
        refuse!(SWEEPS, input)
    }

    async fn create_agent(&self, input: CreateAgentInput) -> Result<Option<CreateAgentPayload>> {
        refuse!(SWEEPS, input)
    }

    async fn agent_heartbeat(
        &self,
        input: AgentHeartbeatInput,
    ) -> Result<Option<AgentHeartbeatPayload>> {
        refuse!(SWEEPS, input)
    }
}

/// A sweep to make or change.
#[derive(Debug, InputObject)]
pub(crate) struct UpsertSweepInput {
    id: Option<ID>,
    config: Option<String>,
    description: Option<String>,
    entity_name: Option<String>,
    project_name: Option<String>,
    controller: Option<JsonString>,
    launch_scheduler: Option<JsonString>,
    template_variable_values: Option<JsonString>,
    scheduler: Option<JsonString>,
    state: Option<String>,
    prior_runs_filters: Option<JsonString>,
    display_name: Option<String>,
    client_mutation_id: Option<String>,
}

/// Outcome of `upsertSweep`.
#[derive(Debug, SimpleObject)]
pub(crate) struct UpsertSweepPayload {
    sweep: Sweep,
    config_validation_warnings: Vec<String>,
}

/// An agent to register.
#[derive(Debug, InputObject)]
pub(crate) struct CreateAgentInput {
    host: String,
    project_name: Option<String>,
    entity_name: Option<String>,
    sweep: String,
}

/// Outcome of `createAgent`.
#[derive(Debug, SimpleObject)]
pub(crate) struct CreateAgentPayload {
    agent: Agent,
}

/// What an agent reports.
#[derive(Debug, InputObject)]
pub(crate) struct AgentHeartbeatInput {
    id: ID,
    metrics: Option<JsonString>,
    run_state: Option<JsonString>,
}

/// Outcome of `agentHeartbeat`.
#[derive(Debug, SimpleObject)]
pub(crate) struct AgentHeartbeatPayload {
    agent: Agent,
    commands: Option<JsonString>,
}

/// A service account to make.
#[derive(Debug, InputObject)]
pub(crate) struct CreateServiceAccountInput {
    description: Option<String>,
    entity_name: String,
}
