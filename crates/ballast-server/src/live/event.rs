//! What watchers are told, as server-sent events.

use axum::response::sse::Event;
use ballast_model::{EntityName, ProjectName};
use ballast_tracking::RunHead;
use ballast_tracking::live::LiveEvent;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;
use crate::runs::RunStateName;

/// The data of a `run` event: where a run stands now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveRun)]
pub(crate) struct LiveRunBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The run.
    id: String,
    /// Where it stands.
    state: RunStateName,
    /// The title for people.
    display_name: String,
    /// Lines of its history.
    n_history_rows: u64,
    /// Lines of its system metrics.
    n_system_rows: u64,
    /// Console lines.
    n_console_lines: u64,
    /// Grows with every change of the run, its summary included.
    summary_revision: i64,
    /// When its process last reported.
    heartbeat_at: Time,
    /// Whether it is in the bin.
    deleted: bool,
}

/// The data of a `project` event: the project's list of runs is to be read anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveProject)]
pub(crate) struct LiveProjectBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
}

impl LiveRunBody {
    fn new(entity: &EntityName, project: &ProjectName, head: &RunHead) -> Self {
        Self {
            entity: entity.to_string(),
            project: project.to_string(),
            id: head.run_id.to_string(),
            state: head.state.into(),
            display_name: head.display_name.clone(),
            n_history_rows: head.history_lines,
            n_system_rows: head.system_lines,
            n_console_lines: head.console_lines,
            summary_revision: head.revision.0,
            heartbeat_at: head.heartbeat_at.into(),
            deleted: head.deleted_at.is_some(),
        }
    }
}

/// The first event of every stream.
pub(super) fn hello() -> Event {
    Event::default().event("hello").data("{}")
}

/// An event as it is sent.
pub(super) fn sse_event(event: &LiveEvent) -> Event {
    let (name, data) = match event {
        LiveEvent::Run {
            entity,
            project,
            head,
        } => (
            "run",
            serde_json::to_string(&LiveRunBody::new(entity, project, head)),
        ),
        LiveEvent::Purged { entity, project } => {
            let body = LiveProjectBody {
                entity: entity.to_string(),
                project: project.to_string(),
            };
            ("project", serde_json::to_string(&body))
        }
        LiveEvent::Missed => ("resync", Ok("{}".to_owned())),
    };
    Event::default()
        .event(name)
        .data(data.expect("texts and numbers are JSON"))
}
