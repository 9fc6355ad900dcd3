//! Alerts that runs raise.

use ballast_model::{RunKey, Timestamp};

use crate::{Db, MetaError, Tx};

/// A new alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    /// The run that raised it.
    pub run: RunKey,
    /// What happened, in a line.
    pub title: String,
    /// What happened, in full. May be empty.
    pub text: String,
    /// How bad it is, in the client's words.
    pub severity: String,
    /// When it was raised.
    pub created_at: Timestamp,
}

/// A stored alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    /// The storage key.
    pub key: i64,
    /// The run that raised it.
    pub run: RunKey,
    /// What happened, in a line.
    pub title: String,
    /// What happened, in full. May be empty.
    pub text: String,
    /// How bad it is, in the client's words.
    pub severity: String,
    /// When it was raised.
    pub created_at: Timestamp,
}

// ---- queries
impl Db<'_> {
    /// The newest alert of `run` with exactly this title.
    pub async fn latest_alert(
        &self,
        run: RunKey,
        title: &str,
    ) -> Result<Option<AlertRecord>, MetaError> {
        todo!()
    }

    /// The newest `limit` alerts of `run`, newest first.
    pub async fn list_alerts(
        &self,
        run: RunKey,
        limit: u64,
    ) -> Result<Vec<AlertRecord>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Stores an alert.
    pub async fn insert_alert(&self, alert: NewAlert) -> Result<AlertRecord, MetaError> {
        todo!()
    }
}
