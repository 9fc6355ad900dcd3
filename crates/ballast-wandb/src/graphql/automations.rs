//! Automations and integrations. There are none yet: lookups find nothing.

use async_graphql::{Enum, ID, Union};

use super::absent::absent_types;
use super::artifacts::{ArtifactPortfolio, ArtifactSequence};
use super::entities::EntityNode;
use super::launch::RunQueue;
use super::projects::ProjectNode;
use super::scalars::{DateTime, JsonString};

absent_types! {
    /// Something that is done when something happens.
    Trigger {
        id: ID,
        created_at: DateTime,
        updated_at: Option<DateTime>,
        name: String,
        description: Option<String>,
        enabled: bool,
        scope: TriggerScope,
        triggering_condition: TriggeringCondition,
        triggered_action: TriggeredAction,
    }
    /// A condition on an event.
    FilterEventTriggeringCondition {
        event_type: EventTriggeringConditionType,
        filter: JsonString,
    }
    /// Puts a job into a queue.
    QueueJobTriggeredAction {
        queue: Option<RunQueue>,
        template: JsonString,
    }
    /// Tells a channel.
    NotificationTriggeredAction {
        integration: Integration,
        title: Option<String>,
        message: Option<String>,
        severity: Option<super::alerts::AlertSeverity>,
    }
    /// Calls an address.
    GenericWebhookTriggeredAction {
        integration: Integration,
        request_payload: Option<JsonString>,
    }
    /// Does nothing.
    NoOpTriggeredAction {
        no_op: Option<bool>,
    }
    /// A channel of a chat.
    SlackIntegration {
        id: ID,
        team_name: String,
        channel_name: String,
    }
    /// An address to call.
    GenericWebhookIntegration {
        id: ID,
        name: String,
        url_endpoint: String,
    }
    /// Asks an assistant.
    AriaTriggeredAction = "ARIATriggeredAction" {
        prompt: String,
    }
}

/// What an automation watches.
#[derive(Debug, Union)]
pub(crate) enum TriggerScope {
    Project(ProjectNode),
    Portfolio(ArtifactPortfolio),
    Sequence(ArtifactSequence),
    Entity(EntityNode),
}

/// When an automation acts.
#[derive(Debug, Union)]
pub(crate) enum TriggeringCondition {
    FilterEvent(FilterEventTriggeringCondition),
}

/// What an automation does.
#[derive(Debug, Union)]
pub(crate) enum TriggeredAction {
    QueueJob(QueueJobTriggeredAction),
    Notification(NotificationTriggeredAction),
    GenericWebhook(GenericWebhookTriggeredAction),
    NoOp(NoOpTriggeredAction),
    Aria(AriaTriggeredAction),
}

/// Another system.
#[derive(Debug, Union)]
pub(crate) enum Integration {
    Slack(SlackIntegration),
    GenericWebhook(GenericWebhookIntegration),
}

/// The events that an automation can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum EventTriggeringConditionType {
    AddArtifactAlias,
    AddArtifactTag,
    AddCollectionTag,
    CreateArtifact,
    LinkModel,
    RemoveArtifactTag,
    RemoveCollectionTag,
    RunMetric,
    RunMetricChange,
    RunMetricZscore,
    RunState,
    UnlinkArtifact,
    UpdateArtifactAlias,
    WeaveMetricThreshold,
}
