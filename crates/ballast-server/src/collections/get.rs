use axum::Json;

use super::body::CollectionBody;
use crate::error::ApiError;
use crate::extract::{CallContext, CollectionPathParam, CollectionPathParams};

/// Gets a collection.
#[utoipa::path(get, path = "/collections/{entity}/{project}/{collection}", operation_id = "get_collection",
    tag = "collections", params(CollectionPathParams), responses((status = 200, body = CollectionBody)))]
#[tracing::instrument(name = "handler.collections.get", skip_all, fields(collection.name = %path.collection))]
pub(crate) async fn handler(
    ctx: CallContext,
    CollectionPathParam(path): CollectionPathParam,
) -> Result<Json<CollectionBody>, ApiError> {
    let overview = ctx
        .tracking()
        .collection_overview(&ctx.caller, &path)
        .await?;
    Ok(Json(overview.into()))
}
