use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::{CallContext, CollectionPathParam, CollectionPathParams, QueryString};

/// How to delete a collection.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Delete it even if its versions have aliases other than `latest` or other collections link to them.
    #[serde(default)]
    aliases: bool,
}

/// Deletes a collection with all its versions, or with all its links.
#[utoipa::path(delete, path = "/collections/{entity}/{project}/{collection}", operation_id = "delete_collection",
    tag = "collections", params(CollectionPathParams, DeleteQuery), responses((status = 204)))]
#[tracing::instrument(name = "handler.collections.delete", skip_all,
    fields(collection.name = %path.collection, aliases = query.aliases))]
pub(crate) async fn handler(
    ctx: CallContext,
    CollectionPathParam(path): CollectionPathParam,
    QueryString(query): QueryString<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    let tracking = ctx.tracking();
    let collection = tracking.collection_at(&ctx.caller, &path).await?;
    tracking
        .delete_collection(&ctx.caller, collection.key, query.aliases)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
