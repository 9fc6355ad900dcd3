//! Queues of jobs. There are none: lookups find nothing.

use async_graphql::ID;

use super::absent::absent_types;
use super::connection::Connection;
use super::scalars::{DateTime, Json};

absent_types! {
    /// A queue of jobs.
    RunQueue {
        id: ID,
        name: String,
        created_by: Option<i64>,
        access: Option<String>,
        #[graphql(name = "defaultResourceConfigID")] default_resource_config_id: Option<ID>,
        prioritization_mode: Option<String>,
        external_links: Option<Json>,
        run_queue_items(first: Option<i64>, after: Option<String>): Connection<RunQueueItem>,
        run_queue_item(id: ID): Option<RunQueueItem>,
    }
    /// A job.
    RunQueueItem {
        id: ID,
        state: Option<String>,
        associated_run_id: Option<String>,
    }
    /// A process that runs jobs.
    LaunchAgent {
        id: ID,
        name: Option<String>,
        run_queues: Option<Vec<ID>>,
        hostname: Option<String>,
        agent_status: Option<String>,
        stop_polling: Option<bool>,
        heartbeat_at: Option<DateTime>,
    }
    /// How jobs of a kind are run.
    DefaultResourceConfig {
        config: Json,
        resource: String,
        template_variables: Option<Vec<TemplateVariable>>,
    }
    /// A blank of a resource config.
    TemplateVariable {
        name: String,
        schema: Option<Json>,
    }
}
