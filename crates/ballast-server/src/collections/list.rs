use axum::Json;
use ballast_model::{ArtifactTypeName, CollectionKey};
use ballast_tracking::artifacts::CollectionListing;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::CollectionBody;
use crate::body::{Page, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams, QueryString};

/// Collections of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// Most collections of a page.
const MAX_LIMIT: usize = 500;

/// Which collections to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CollectionsQuery {
    /// Only collections of this type.
    r#type: Option<String>,
    /// Text that the name contains, in any case of its letters.
    search: Option<String>,
    /// At most so many collections; 100 if not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists a project's collections, newest first.
#[utoipa::path(get, path = "/projects/{entity}/{project}/collections", operation_id = "list_collections",
    tag = "collections", params(ProjectPathParams, CollectionsQuery),
    responses((status = 200, body = Page<CollectionBody>)))]
#[tracing::instrument(name = "handler.collections.list", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    QueryString(query): QueryString<CollectionsQuery>,
) -> Result<Json<Page<CollectionBody>>, ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let listing = CollectionListing {
        artifact_type: query.r#type.map(ArtifactTypeName::new).transpose()?,
        search: query.search.filter(|search| !search.is_empty()),
        before: parse_cursor(query.cursor.as_deref())?.map(CollectionKey),
        offset: 0,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
    };
    let page = ctx
        .tracking()
        .collection_overviews(&ctx.caller, &path.entity, &path.project, &listing)
        .await?;
    Ok(Json(Page::cut(
        page.items,
        limit,
        Some(page.total),
        |last| last.collection.key.to_string(),
    )))
}
