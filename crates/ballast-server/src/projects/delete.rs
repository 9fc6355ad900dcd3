use axum::http::StatusCode;

use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams};

/// Deletes a project with all its runs, rows and files, for good. Admins of the entity only.
#[utoipa::path(delete, path = "/projects/{entity}/{project}", operation_id = "delete_project", tag = "projects",
    params(ProjectPathParams), responses((status = 204)))]
#[tracing::instrument(name = "handler.projects.delete", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
) -> Result<StatusCode, ApiError> {
    ctx.tracking()
        .delete_project(&ctx.caller, &path.entity, &path.project)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
