use axum::Json;
use ballast_tracking::artifacts::VersionListing;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::artifacts::VersionBody;
use crate::body::Page;
use crate::error::{ApiError, ErrorCode};
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
        before: query.cursor.as_deref().map(parse_cursor).transpose()?,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
        ..VersionListing::default()
    };
    let mut page = ctx
        .tracking()
        .version_overviews(&ctx.caller, collection.key, &listing)
        .await?;
    let has_more = page.items.len() > limit;
    page.items.truncate(limit);
    let last = page.items.last().filter(|_| has_more);
    let next_cursor = last.map(|last| last.membership.version.to_string());
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor,
        total: Some(page.total),
    }))
}

fn parse_cursor(cursor: &str) -> Result<u64, ApiError> {
    let message = "`cursor` is not one that this list gave out";
    cursor
        .parse()
        .map_err(|_| ApiError::new(ErrorCode::InvalidQuery, message))
}
