use axum::Json;
use ballast_tracking::artifacts::VersionListing;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::artifacts::VersionBody;
use crate::body::{Page, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, CollectionPathParam, CollectionPathParams, QueryString};

/// Versions of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// Most versions of a page.
const MAX_LIMIT: usize = 200;

/// Which versions to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionsQuery {
    /// Only versions that have all of these tags.
    #[serde(default)]
    tag: Vec<String>,
    /// At most so many versions; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the versions in a collection, newest first.
#[utoipa::path(get, path = "/collections/{entity}/{project}/{collection}/versions", operation_id = "list_versions",
    tag = "collections", params(CollectionPathParams, VersionsQuery),
    responses((status = 200, body = Page<VersionBody>)))]
#[tracing::instrument(name = "handler.collections.versions", skip_all, fields(collection.name = %path.collection))]
pub(crate) async fn handler(
    ctx: CallContext,
    CollectionPathParam(path): CollectionPathParam,
    QueryString(query): QueryString<VersionsQuery>,
) -> Result<Json<Page<VersionBody>>, ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let collection = ctx.tracking().collection_at(&ctx.caller, &path).await?;
    let listing = VersionListing {
        tags: query.tag,
        before: parse_cursor(query.cursor.as_deref())?,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
        ..VersionListing::default()
    };
    let page = ctx
        .tracking()
        .version_overviews(&ctx.caller, collection.key, &listing)
        .await?;
    Ok(Json(Page::cut(
        page.items,
        limit,
        Some(page.total),
        |last| last.membership.version.to_string(),
    )))
}
