use axum::http::StatusCode;

use super::path::{RegistryParam, RegistryParams};
use crate::error::ApiError;
use crate::extract::CallContext;

/// Deletes a registry with all links in it. The versions stay where they are. Its admins only.
#[utoipa::path(delete, path = "/organizations/{organization}/registries/{registry}",
    operation_id = "delete_registry", tag = "registries", params(RegistryParams), responses((status = 204)))]
#[tracing::instrument(name = "handler.registries.delete", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(ctx: CallContext, path: RegistryParam) -> Result<StatusCode, ApiError> {
    ctx.tracking()
        .delete_registry(&ctx.caller, &path.organization, &path.project)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
