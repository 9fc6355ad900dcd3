//! What happened to versions: the history that people read.

use ballast_model::{ArtifactKey, Timestamp, UserKey};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query};

use crate::row::{FromRow, Row, micros, optional_text};
use crate::{Db, MetaError, Tx};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// What happened to a version.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ArtifactEventKind {
            $($(#[$doc])* $name = $code,)+
        }

        impl ArtifactEventKind {
            fn of_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// It was complete and got its number.
    Committed = 1,
    /// A run made the same content once more; the detail is the run's id.
    LoggedAgain = 2,
    /// It got an alias; the detail is `alias`, or `alias @ entity/project/collection` where it is a link.
    AliasAdded = 3,
    /// It lost an alias, which may have moved to another version; the detail is as that of `AliasAdded`.
    AliasRemoved = 4,
    /// It got a tag, the detail.
    TagAdded = 5,
    /// It lost a tag, the detail.
    TagRemoved = 6,
    /// Its description changed.
    DescriptionChanged = 7,
    /// Its metadata changed.
    MetadataChanged = 8,
    /// Its time to live changed to as many seconds as the detail says.
    TtlChanged = 9,
    /// A collection got a link to it; the detail is `entity/project/collection`.
    Linked = 10,
    /// A collection lost its link to it; the detail is `entity/project/collection`.
    Unlinked = 11,
    /// It was deleted. Without a user: its time to live was over.
    Deleted = 12,
}

/// Something that happened to a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifactEvent {
    /// The version.
    pub artifact: ArtifactKey,
    /// What happened.
    pub kind: ArtifactEventKind,
    /// What it is about, as the kind says.
    pub detail: Option<String>,
    /// Who did it; `None` for the server itself.
    pub user: Option<UserKey>,
    /// When.
    pub at: Timestamp,
}

/// Something that happened to a version, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactEventRecord {
    /// What happened.
    pub kind: ArtifactEventKind,
    /// What it is about, as the kind says.
    pub detail: Option<String>,
    /// Who did it; `None` for the server itself, and if that user is gone.
    pub user: Option<UserKey>,
    /// When.
    pub at: Timestamp,
}

impl FromRow for ArtifactEventRecord {
    const TABLE: &'static str = "artifact_events";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        let code: i16 = row.get("kind")?;
        Ok(Self {
            kind: ArtifactEventKind::of_code(code).ok_or_else(|| row.corrupt("kind", &code))?,
            detail: row.get("detail")?,
            user: row.get::<Option<i64>>("user_key")?.map(UserKey),
            at: row.time("created_at")?,
        })
    }
}

impl Db<'_> {
    /// The last `limit` events of a version, oldest first.
    pub async fn events_of_artifact(
        &self,
        artifact: ArtifactKey,
        limit: u64,
    ) -> Result<Vec<ArtifactEventRecord>, MetaError> {
        let select = Query::select()
            .columns(["kind", "detail", "user_key", "created_at"])
            .from("artifact_events")
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .order_by("event_key", Order::Desc)
            .limit(limit)
            .to_owned();
        let mut events: Vec<ArtifactEventRecord> = self.all(&select).await?;
        events.reverse();
        Ok(events)
    }
}

impl Tx<'_> {
    /// Notes what happened to a version.
    pub async fn add_artifact_event(&self, event: NewArtifactEvent) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("artifact_events")
            .columns(["artifact_key", "kind", "detail", "user_key", "created_at"])
            .values_panic([
                event.artifact.0.into(),
                (event.kind as i16).into(),
                optional_text(event.detail.as_deref()).into(),
                event.user.map(|user| user.0).into(),
                micros(event.at).into(),
            ])
            .to_owned();
        self.execute("artifact_events", &insert).await?;
        Ok(())
    }
}
