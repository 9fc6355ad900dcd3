use axum::Json;
use ballast_model::json::Map;
use ballast_model::{ArtifactAlias, ArtifactTag};
use ballast_tracking::artifacts::{TimeToLive, VersionEdit};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::body::VersionBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, VersionPathParam, VersionPathParams};

/// What to change about a version; a field that is left out stays. Its files never change.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VersionPatch {
    /// What it is about.
    description: Option<String>,
    /// What its maker says of it, as a whole. What stands for a number that JSON cannot write, as `"NaN"`, and is sent
    /// back where it was read leaves that number as it is.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map>,
    /// How long it is to be kept, in seconds; null for as long as it is not deleted.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<u64>, minimum = 1)]
    ttl_s: Option<Kept>,
    /// Aliases to give it in this collection; other versions lose them.
    add_aliases: Vec<String>,
    /// Aliases to take away from it in this collection.
    remove_aliases: Vec<String>,
    /// All tags.
    tags: Option<Vec<String>>,
}

/// Tells null from a field that is left out.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Kept>, D::Error> {
    let seconds = Option::<u64>::deserialize(deserializer)?;
    Ok(Some(seconds.map_or(Kept::UntilDeleted, Kept::Seconds)))
}

/// How long a version is to be kept: a number of seconds, or null.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Kept {
    Seconds(u64),
    UntilDeleted,
}

impl From<Kept> for TimeToLive {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Seconds(seconds) => Self::Seconds(seconds),
            Kept::UntilDeleted => Self::Unlimited,
        }
    }
}

/// Changes what is said of a version, and its names in the collection.
#[utoipa::path(patch, path = "/artifacts/{entity}/{project}/{collection}/{version}", operation_id = "update_version",
    tag = "artifacts", params(VersionPathParams), request_body = VersionPatch,
    responses((status = 200, body = VersionBody)))]
#[tracing::instrument(name = "handler.artifacts.update", skip_all, fields(artifact.name = %path))]
pub(crate) async fn handler(
    ctx: CallContext,
    VersionPathParam(path): VersionPathParam,
    JsonBody(body): JsonBody<VersionPatch>,
) -> Result<Json<VersionBody>, ApiError> {
    let tags = body.tags.map(|tags| {
        let tags = tags.into_iter().map(ArtifactTag::new);
        tags.collect::<Result<Vec<_>, _>>()
    });
    let edit = VersionEdit {
        description: body.description,
        metadata: body.metadata,
        ttl: body.ttl_s.map(Into::into),
        tags: tags.transpose()?,
        add_aliases: aliases(body.add_aliases)?,
        delete_aliases: aliases(body.remove_aliases)?,
    };
    let version = ctx
        .tracking()
        .edit_version(&ctx.caller, &path, edit)
        .await?;
    Ok(Json(version.into()))
}

/// The aliases that a body names.
pub(crate) fn aliases(texts: Vec<String>) -> Result<Vec<ArtifactAlias>, ApiError> {
    let aliases = texts.into_iter().map(ArtifactAlias::new);
    Ok(aliases.collect::<Result<_, _>>()?)
}
