//! Sweeps. There are none yet: lookups find nothing.

use async_graphql::ID;

use super::absent::absent_types;
use super::connection::Connection;
use super::projects::ProjectNode;
use super::runs::RunNode;
use super::scalars::{DateTime, JsonString};

absent_types! {
    /// A search over configs.
    Sweep {
        id: ID,
        name: String,
        display_name: Option<String>,
        method: String,
        state: Option<String>,
        description: Option<String>,
        config: String,
        best_loss: Option<f64>,
        created_at: DateTime,
        updated_at: Option<DateTime>,
        heartbeat_at: Option<DateTime>,
        run_count: i64,
        run_count_expected: Option<i64>,
        early_stop_job_running: Option<bool>,
        controller: Option<JsonString>,
        scheduler: Option<JsonString>,
        controller_run_name: Option<String>,
        project: Option<ProjectNode>,
        runs(first: Option<i64>, after: Option<String>): Connection<RunNode>,
        agents: Connection<Agent>,
        agent(agent_name: String): Option<Agent>,
    }
    /// A process that runs trials.
    Agent {
        id: ID,
        name: String,
        host: String,
        state: Option<String>,
        total_runs: i64,
        created_at: DateTime,
        heartbeat_at: Option<DateTime>,
        runs(first: Option<i64>, after: Option<String>, last: Option<i64>, before: Option<String>, order: Option<String>): Connection<RunNode>,
    }
}
