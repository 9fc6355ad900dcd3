use axum::Json;

use super::body::TypeBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams};

/// Lists a project's artifact types by name.
#[utoipa::path(get, path = "/projects/{entity}/{project}/artifact-types", operation_id = "list_artifact_types",
    tag = "collections", params(ProjectPathParams), responses((status = 200, body = List<TypeBody>)))]
#[tracing::instrument(name = "handler.collections.types", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
) -> Result<Json<List<TypeBody>>, ApiError> {
    let types = ctx
        .tracking()
        .type_overviews(&ctx.caller, &path.entity, &path.project)
        .await?;
    Ok(Json(List::of(types)))
}
