use axum::Json;

use super::body::ProjectBody;
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams};

/// Gets a project.
#[utoipa::path(get, path = "/projects/{entity}/{project}", operation_id = "get_project", tag = "projects",
    params(ProjectPathParams), responses((status = 200, body = ProjectBody)))]
#[tracing::instrument(name = "handler.projects.get", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
) -> Result<Json<ProjectBody>, ApiError> {
    let overview = ctx
        .tracking()
        .project_overview(&ctx.caller, &path.entity, &path.project)
        .await?;
    Ok(Json(overview.into()))
}
