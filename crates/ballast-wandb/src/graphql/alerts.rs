//! Alerts of a run.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use ballast_tracking::alerts::{NewAlert, Severity};

use super::access::Access;
use super::artifacts::SuccessPayload;
use super::scalars::Duration;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub(crate) enum AlertSeverity {
    #[default]
    Info,
    Warn,
    Error,
}

impl From<AlertSeverity> for Severity {
    fn from(severity: AlertSeverity) -> Self {
        match severity {
            AlertSeverity::Info => Self::Info,
            AlertSeverity::Warn => Self::Warn,
            AlertSeverity::Error => Self::Error,
        }
    }
}

/// An alert of a run.
#[derive(Debug, InputObject)]
pub(crate) struct NotifyScriptableRunAlertInput {
    entity_name: String,
    project_name: String,
    run_name: String,
    title: String,
    text: String,
    severity: Option<AlertSeverity>,
    /// How long a repeat with the same title is suppressed.
    wait_duration: Option<Duration>,
    client_mutation_id: Option<String>,
}

/// Alerts.
#[derive(Debug, Default)]
pub(crate) struct AlertMutations;

#[Object]
impl AlertMutations {
    /// Raises an alert. One that is suppressed, because it repeats another too soon, succeeds too.
    async fn notify_scriptable_run_alert(
        &self,
        context: &Context<'_>,
        input: NotifyScriptableRunAlertInput,
    ) -> Result<Option<SuccessPayload>> {
        let access = Access::of(context);
        let run = access.run_path(
            Some(&input.entity_name),
            Some(&input.project_name),
            &input.run_name,
        )?;
        let alert = NewAlert {
            title: input.title,
            text: input.text,
            severity: input.severity.unwrap_or_default().into(),
            wait: input
                .wait_duration
                .map(|duration| duration.0)
                .unwrap_or_default(),
        };
        access
            .tracking
            .add_alert(&access.caller, &run, alert)
            .await?;
        Ok(Some(SuccessPayload::done(input.client_mutation_id)))
    }
}
