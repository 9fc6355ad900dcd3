use axum::Json;

use super::body::ProjectBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists the projects of every entity that the caller can see, but for registries: the caller's own first, each entity's
/// by name.
#[utoipa::path(get, path = "/projects", operation_id = "list_projects", tag = "projects",
    responses((status = 200, body = List<ProjectBody>)))]
#[tracing::instrument(name = "handler.projects.list", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Result<Json<List<ProjectBody>>, ApiError> {
    let projects = ctx.tracking().list_all_projects(&ctx.caller).await?;
    Ok(Json(List::of(projects)))
}
