use axum::Json;
use ballast_model::{ArtifactTag, CollectionName};
use ballast_tracking::artifacts::{CollectionChanges, CollectionPath};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::CollectionBody;
use crate::error::ApiError;
use crate::extract::{CallContext, CollectionPathParam, CollectionPathParams, JsonBody};

/// What to change about a collection; a field that is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CollectionPatch {
    /// Another name.
    name: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// All tags.
    tags: Option<Vec<String>>,
}

/// Changes a collection.
#[utoipa::path(patch, path = "/collections/{entity}/{project}/{collection}", operation_id = "update_collection",
    tag = "collections", params(CollectionPathParams), request_body = CollectionPatch,
    responses((status = 200, body = CollectionBody)))]
#[tracing::instrument(name = "handler.collections.update", skip_all, fields(collection.name = %path.collection))]
pub(crate) async fn handler(
    ctx: CallContext,
    CollectionPathParam(path): CollectionPathParam,
    JsonBody(body): JsonBody<CollectionPatch>,
) -> Result<Json<CollectionBody>, ApiError> {
    let tracking = ctx.tracking();
    let before = tracking.collection_overview(&ctx.caller, &path).await?;
    let tags = body.tags.map(tags).transpose()?;
    let is_gone = |tag: &&String| {
        tags.as_ref()
            .is_some_and(|tags| tags.iter().all(|new| new.as_str() != **tag))
    };
    let gone = before.tags.iter().filter(is_gone).map(ArtifactTag::new);
    let changes = CollectionChanges {
        name: body.name.map(CollectionName::new).transpose()?,
        description: body.description,
        artifact_type: None,
        delete_tags: gone.collect::<Result<_, _>>()?,
        add_tags: tags.unwrap_or_default(),
    };
    let changed = tracking
        .update_collection(&ctx.caller, before.collection.key, changes)
        .await?;
    let path = CollectionPath {
        collection: changed.name,
        ..path
    };
    let overview = tracking.collection_overview(&ctx.caller, &path).await?;
    Ok(Json(overview.into()))
}

fn tags(texts: Vec<String>) -> Result<Vec<ArtifactTag>, ApiError> {
    let tags = texts.into_iter().map(ArtifactTag::new);
    Ok(tags.collect::<Result<_, _>>()?)
}
