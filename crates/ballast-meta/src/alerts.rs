//! Alerts that runs raise.

use ballast_model::{RunKey, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

use crate::row::{FromRow, Row, micros, text};
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

impl FromRow for AlertRecord {
    const TABLE: &'static str = "alerts";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: row.get("alert_key")?,
            run: RunKey(row.get("run_key")?),
            title: row.get("title")?,
            text: row.get("text")?,
            severity: row.get("severity")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// The alerts of `run`, newest first.
fn newest_first(run: RunKey) -> SelectStatement {
    Query::select()
        .columns([
            "alert_key",
            "run_key",
            "title",
            "text",
            "severity",
            "created_at",
        ])
        .from("alerts")
        .and_where(Expr::col("run_key").eq(run.0))
        .order_by("alert_key", Order::Desc)
        .to_owned()
}

impl Db<'_> {
    /// The newest alert of `run` with exactly this title.
    pub async fn latest_alert(
        &self,
        run: RunKey,
        title: &str,
    ) -> Result<Option<AlertRecord>, MetaError> {
        self.one(
            newest_first(run)
                .and_where(Expr::col("title").eq(text(title)))
                .limit(1),
        )
        .await
    }

    /// The newest `limit` alerts of `run`, newest first.
    pub async fn list_alerts(
        &self,
        run: RunKey,
        limit: u64,
    ) -> Result<Vec<AlertRecord>, MetaError> {
        self.all(newest_first(run).limit(limit)).await
    }
}

impl Tx<'_> {
    /// Stores an alert.
    pub async fn insert_alert(&self, alert: NewAlert) -> Result<AlertRecord, MetaError> {
        let NewAlert {
            run,
            title,
            text: body,
            severity,
            created_at,
        } = alert;
        let (title, body, severity) = (text(&title), text(&body), text(&severity));
        let insert = Query::insert()
            .into_table("alerts")
            .columns(["run_key", "title", "text", "severity", "created_at"])
            .values_panic([
                run.0.into(),
                title.as_str().into(),
                body.as_str().into(),
                severity.as_str().into(),
                micros(created_at).into(),
            ])
            .returning_col("alert_key")
            .to_owned();
        let key = self
            .insert_returning("alerts", "alert_key", &insert)
            .await?;
        Ok(AlertRecord {
            key,
            run,
            title,
            text: body,
            severity,
            created_at,
        })
    }
}
