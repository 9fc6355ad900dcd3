use axum::Json;
use ballast_tracking::sweeps::{SweepListing, SweepPage, SweepPredicate};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{SweepBody, n_live};
use crate::body::{Page, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams, QueryString};

/// Sweeps of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// Most sweeps of a page.
const MAX_LIMIT: usize = 200;

/// Which sweeps to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SweepsQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many sweeps; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Lists a project's sweeps, newest first.
#[utoipa::path(get, path = "/projects/{entity}/{project}/sweeps", operation_id = "list_sweeps", tag = "sweeps",
    params(ProjectPathParams, SweepsQuery), responses((status = 200, body = Page<SweepBody>)))]
#[tracing::instrument(name = "handler.sweeps.list", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    QueryString(query): QueryString<SweepsQuery>,
) -> Result<Json<Page<SweepBody>>, ApiError> {
    let listing = SweepListing {
        filter: SweepPredicate::everything(),
        offset: parse_cursor(query.cursor.as_deref())?.unwrap_or(0),
        limit: query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
    };
    let tracking = ctx.tracking();
    let SweepPage { items, total } = tracking
        .list_sweeps(&ctx.caller, &path.entity, &path.project, &listing)
        .await?;
    let end = listing.offset + items.len();
    let mut bodies = Vec::with_capacity(items.len());
    for sweep in items {
        // Only where trials are given out agents report.
        let agents = if sweep.state.is_open() {
            tracking.list_agents(&ctx.caller, &sweep.path()).await?
        } else {
            Vec::new()
        };
        bodies.push(SweepBody::new(sweep, n_live(&agents)));
    }
    Ok(Json(Page {
        next_cursor: (end < total && !bodies.is_empty()).then(|| end.to_string()),
        items: bodies,
        total: Some(total as u64),
    }))
}
