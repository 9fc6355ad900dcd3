use axum::Json;
use ballast_tracking::runs::RunListing;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{RunBody, RunStateName};
use crate::body::{Page, parse_cursor};
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams, QueryString};

/// Runs of a page, unless asked otherwise.
const DEFAULT_LIMIT: usize = 200;
/// Most runs of a page.
const MAX_LIMIT: usize = 1000;

/// Which runs to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many runs; 200 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Text that the display name or the id contains, in any case.
    search: Option<String>,
    /// Any of these states.
    #[serde(default)]
    state: Vec<RunStateName>,
    /// All of these tags.
    #[serde(default)]
    tag: Vec<String>,
    /// The bin instead of the others.
    #[serde(default)]
    deleted: bool,
}

impl RunsQuery {
    fn into_listing(self) -> Result<RunListing, ApiError> {
        Ok(RunListing {
            deleted: self.deleted,
            search: self.search.filter(|search| !search.is_empty()),
            states: self.state.into_iter().map(Into::into).collect(),
            tags: self.tag,
            after: parse_cursor(self.cursor.as_deref())?,
            limit: self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
        })
    }
}

/// Lists a project's runs, newest first.
#[utoipa::path(get, path = "/projects/{entity}/{project}/runs", operation_id = "list_runs", tag = "runs",
    params(ProjectPathParams, RunsQuery), responses((status = 200, body = Page<RunBody>)))]
#[tracing::instrument(name = "handler.runs.list", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    QueryString(query): QueryString<RunsQuery>,
) -> Result<Json<Page<RunBody>>, ApiError> {
    let listing = query.into_listing()?;
    let page = ctx
        .tracking()
        .list_runs(&ctx.caller, &path.entity, &path.project, &listing)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next.map(|number| number.to_string()),
        total: Some(page.total),
    }))
}
