use axum::Json;
use ballast_model::Goal;
use ballast_tracking::history::ProjectKeyInfo;
use serde::Serialize;
use utoipa::ToSchema;

use super::key_query::KeyQuery;
use super::run_error::RunErrorBody;
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams, QueryString};

/// A key that runs of a project logged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectKey)]
pub(crate) struct ProjectKeyBody {
    /// The key: path parts joined by `.`, dots and backslashes inside a part escaped by a backslash.
    #[schema(example = "train.loss")]
    name: String,
    /// The key as the script and people write it, dots not escaped.
    #[schema(example = "train.loss")]
    label: String,
    /// `number`, `string`, `bool`, `json`, or the `_type` of a typed value such as `image-file`.
    #[schema(example = json!(["number"]))]
    kinds: Vec<String>,
    /// How many runs logged it.
    n_runs: u64,
    /// How many values it has in all of them.
    count: u64,
    /// The key that the script wants it plotted against, instead of the step.
    step_metric: Option<String>,
    /// Whether automatic panels leave it out.
    hidden: bool,
    /// Which direction is better.
    #[schema(value_type = Option<String>, example = "minimize")]
    goal: Option<Goal>,
}

impl From<&ProjectKeyInfo> for ProjectKeyBody {
    fn from(key: &ProjectKeyInfo) -> Self {
        let definition = key.definition.as_ref();
        Self {
            label: key.name.dotted(),
            name: key.name.to_string(),
            kinds: key.kinds.clone(),
            n_runs: key.n_runs,
            count: key.count,
            step_metric: key.step_metric.clone(),
            hidden: definition.is_some_and(|definition| definition.hidden),
            goal: definition.and_then(|definition| definition.goal),
        }
    }
}

/// A page of the keys of a project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectKeyList)]
pub(crate) struct ProjectKeysBody {
    /// The keys of this page, by name.
    items: Vec<ProjectKeyBody>,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
    /// How many keys there are on all pages.
    total: u64,
    /// The runs whose stored rows are damaged, and which count in no key.
    errors: Vec<RunErrorBody>,
}

/// Lists the keys in the history of a project's runs, by name; the bin is left out.
///
/// In a project whose keys take long to gather, a list may be some seconds old.
#[utoipa::path(get, path = "/projects/{entity}/{project}/keys", operation_id = "list_project_keys", tag = "history",
    params(ProjectPathParams, KeyQuery), responses((status = 200, body = ProjectKeysBody)))]
#[tracing::instrument(name = "handler.history.project_keys", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    QueryString(query): QueryString<KeyQuery>,
) -> Result<Json<ProjectKeysBody>, ApiError> {
    let found = ctx
        .tracking()
        .project_keys(&ctx.caller, &path.entity, &path.project, &query.filter()?)
        .await?;
    Ok(Json(ProjectKeysBody {
        items: found
            .page
            .items
            .iter()
            .map(|key| key.as_ref().into())
            .collect(),
        next_cursor: found.page.next.map(|name| name.to_string()),
        total: found.page.total,
        errors: found.faults.iter().map(RunErrorBody::from).collect(),
    }))
}
