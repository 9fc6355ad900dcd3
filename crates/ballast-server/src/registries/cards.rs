use axum::Json;
use ballast_model::CollectionKey;
use ballast_tracking::registries::CardListing;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::CardBody;
use super::path::{RegistryParam, RegistryParams};
use crate::body::{Page, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString};

/// Collections of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 50;
/// Most collections of a page.
const MAX_LIMIT: usize = 500;

/// Which collections to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CardsQuery {
    /// Text that the name contains, in any case of its letters.
    search: Option<String>,
    /// At most so many collections; 50 if not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the collections of a registry, newest first.
#[utoipa::path(get, path = "/organizations/{organization}/registries/{registry}/collections",
    operation_id = "list_registry_collections", tag = "registries", params(RegistryParams, CardsQuery),
    responses((status = 200, body = Page<CardBody>)))]
#[tracing::instrument(name = "handler.registries.cards", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryParam,
    QueryString(query): QueryString<CardsQuery>,
) -> Result<Json<Page<CardBody>>, ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let listing = CardListing {
        search: query.search.filter(|search| !search.is_empty()),
        before: parse_cursor(query.cursor.as_deref())?.map(CollectionKey),
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
    };
    let page = ctx
        .tracking()
        .registry_cards(&ctx.caller, &path.organization, &path.project, &listing)
        .await?;
    Ok(Json(Page::cut(
        page.items,
        limit,
        Some(page.total),
        |last| last.collection.key.to_string(),
    )))
}
