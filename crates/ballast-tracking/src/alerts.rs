//! Alerts that scripts raise.

use std::time::Duration;

use ballast_meta::NewAlert as StoredAlert;
use ballast_model::{RunPath, Timestamp};

use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Longest title, in characters.
const MAX_TITLE_CHARACTERS: usize = 256;
/// Longest text, in bytes.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Info,
    /// Worth a look.
    Warn,
    /// Broken.
    Error,
}

impl Severity {
    /// `info`, `warn` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// An alert to raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    /// What happened, in a line.
    pub title: String,
    /// What happened, in full.
    pub text: String,
    /// How bad it is.
    pub severity: Severity,
    /// An alert with the same title that is younger than this swallows the new one.
    pub wait: Duration,
}

/// A raised alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What happened, in a line.
    pub title: String,
    /// What happened, in full.
    pub text: String,
    /// `info`, `warn` or `error`.
    pub severity: String,
    /// When it was raised.
    pub created_at: Timestamp,
}

impl Tracking {
    /// Raises an alert on a run. Returns false if a recent one with the same title swallowed it.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Invalid`] or [`TrackingError::TooLarge`] for overlong texts.
    pub async fn add_alert(
        &self,
        caller: &Caller,
        path: &RunPath,
        alert: NewAlert,
    ) -> Result<bool> {
        let run = self.run_key(caller, path, Access::Write).await?;
        if alert.title.is_empty() || alert.title.chars().count() > MAX_TITLE_CHARACTERS {
            return Err(TrackingError::Invalid(format!(
                "an alert's title has 1 to {MAX_TITLE_CHARACTERS} characters"
            )));
        }
        if alert.text.len() > MAX_TEXT_BYTES {
            let (found, limit) = (alert.text.len() as u64, MAX_TEXT_BYTES as u64);
            return Err(TrackingError::TooLarge {
                what: "alert text",
                found,
                limit,
            });
        }
        if alert.title.contains('\0') || alert.text.contains('\0') {
            return Err(TrackingError::Invalid(
                "an alert contains a NUL character".to_owned(),
            ));
        }
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    // The lock keeps two alerts of the same title from both being the first.
                    tx.lock_run(run).await?;
                    let latest = tx.latest_alert(run, &alert.title).await?;
                    if latest.is_some_and(|latest| now < latest.created_at + alert.wait) {
                        return Ok(false);
                    }
                    tx.insert_alert(StoredAlert {
                        run,
                        title: alert.title,
                        text: alert.text,
                        severity: alert.severity.as_str().to_owned(),
                        created_at: now,
                    })
                    .await?;
                    Ok(true)
                })
            })
            .await
    }

    /// The alerts of a run, newest first, at most 1,000.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn list_alerts(&self, caller: &Caller, path: &RunPath) -> Result<Vec<Alert>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let alerts = self.inner.meta.read().list_alerts(run, 1_000).await?;
        Ok(alerts
            .into_iter()
            .map(|alert| Alert {
                title: alert.title,
                text: alert.text,
                severity: alert.severity,
                created_at: alert.created_at,
            })
            .collect())
    }
}
