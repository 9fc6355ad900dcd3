use axum::Json;

use super::body::RegistryBody;
use super::path::{RegistryParam, RegistryParams};
use crate::error::ApiError;
use crate::extract::CallContext;

/// Gets a registry.
#[utoipa::path(get, path = "/organizations/{organization}/registries/{registry}", operation_id = "get_registry",
    tag = "registries", params(RegistryParams), responses((status = 200, body = RegistryBody)))]
#[tracing::instrument(name = "handler.registries.get", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryParam,
) -> Result<Json<RegistryBody>, ApiError> {
    let registry = ctx
        .tracking()
        .get_registry(&ctx.caller, &path.organization, &path.project)
        .await?;
    Ok(Json(registry.into()))
}
