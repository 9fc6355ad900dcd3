use axum::Json;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ProjectBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

/// What to change about a project; a field that is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectPatch {
    /// What it is about.
    description: Option<String>,
}

/// Changes a project.
#[utoipa::path(patch, path = "/projects/{entity}/{project}", operation_id = "update_project", tag = "projects",
    params(ProjectPathParams), request_body = ProjectPatch, responses((status = 200, body = ProjectBody)))]
#[tracing::instrument(name = "handler.projects.update", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(changes): JsonBody<ProjectPatch>,
) -> Result<Json<ProjectBody>, ApiError> {
    let ProjectPathParam { entity, project } = path;
    let tracking = ctx.tracking();
    // Upserting would make a project that does not exist.
    tracking.get_project(&ctx.caller, &entity, &project).await?;
    if changes.description.is_some() {
        tracking
            .upsert_project(&ctx.caller, Some(&entity), &project, changes.description)
            .await?;
    }
    let overview = tracking
        .project_overview(&ctx.caller, &entity, &project)
        .await?;
    Ok(Json(overview.into()))
}
