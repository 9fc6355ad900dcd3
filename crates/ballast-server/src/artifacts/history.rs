use axum::Json;
use ballast_tracking::artifacts::{ArtifactEventKind, HistoryEntry};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::{List, Time};
use crate::error::ApiError;
use crate::extract::{CallContext, VersionPathParam, VersionPathParams};

/// What happened to a version.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VersionEventKind)]
pub(crate) enum EventKindName {
    /// It was announced; `detail` is the id of the run that made it, if one did.
    Created,
    /// All its files were there, and it got its number.
    Committed,
    /// A run made the same once more; `detail` is the run's id.
    LoggedAgain,
    /// It got the alias `detail`, or `alias @ entity/project/collection` where it is a link.
    AliasAdded,
    /// It lost the alias `detail`, which may have moved to another version.
    AliasRemoved,
    /// It got the tag `detail`.
    TagAdded,
    /// It lost the tag `detail`.
    TagRemoved,
    /// Its description changed.
    DescriptionChanged,
    /// Its metadata changed.
    MetadataChanged,
    /// Its time to live changed to `detail` seconds; other numbers than positive ones keep it.
    TtlChanged,
    /// The collection `detail` got a link to it.
    Linked,
    /// The collection `detail` lost its link to it.
    Unlinked,
    /// It was deleted.
    Deleted,
}

impl From<Option<ArtifactEventKind>> for EventKindName {
    fn from(kind: Option<ArtifactEventKind>) -> Self {
        match kind {
            None => Self::Created,
            Some(ArtifactEventKind::Committed) => Self::Committed,
            Some(ArtifactEventKind::LoggedAgain) => Self::LoggedAgain,
            Some(ArtifactEventKind::AliasAdded) => Self::AliasAdded,
            Some(ArtifactEventKind::AliasRemoved) => Self::AliasRemoved,
            Some(ArtifactEventKind::TagAdded) => Self::TagAdded,
            Some(ArtifactEventKind::TagRemoved) => Self::TagRemoved,
            Some(ArtifactEventKind::DescriptionChanged) => Self::DescriptionChanged,
            Some(ArtifactEventKind::MetadataChanged) => Self::MetadataChanged,
            Some(ArtifactEventKind::TtlChanged) => Self::TtlChanged,
            Some(ArtifactEventKind::Linked) => Self::Linked,
            Some(ArtifactEventKind::Unlinked) => Self::Unlinked,
            Some(ArtifactEventKind::Deleted) => Self::Deleted,
        }
    }
}

/// Something that happened to a version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VersionEvent)]
pub(crate) struct EventBody {
    /// When.
    at: Time,
    /// What happened.
    kind: EventKindName,
    /// What it is about, as the kind says.
    detail: Option<String>,
    /// The username of whoever did it; null for the server itself, and if that user is gone.
    by: Option<String>,
}

impl From<HistoryEntry> for EventBody {
    fn from(entry: HistoryEntry) -> Self {
        Self {
            at: entry.at.into(),
            kind: entry.kind.into(),
            detail: entry.detail,
            by: entry.by,
        }
    }
}

/// Lists what happened to a version, oldest first: its announcement and the last 10,000 changes.
///
/// Of versions from before changes were noted, only the announcement and what came since is known.
#[utoipa::path(get, path = "/artifacts/{entity}/{project}/{collection}/{version}/history",
    operation_id = "list_version_events", tag = "artifacts", params(VersionPathParams),
    responses((status = 200, body = List<EventBody>)))]
#[tracing::instrument(name = "handler.artifacts.history", skip_all, fields(artifact.name = %path))]
pub(crate) async fn handler(
    ctx: CallContext,
    VersionPathParam(path): VersionPathParam,
) -> Result<Json<List<EventBody>>, ApiError> {
    let history = ctx.tracking().version_history(&ctx.caller, &path).await?;
    Ok(Json(List::of(history)))
}
