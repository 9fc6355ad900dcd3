use axum::Json;

use crate::error::ApiError;
use crate::extract::CallContext;
use crate::registries::body::RegistryMembersBody;
use crate::registries::path::{RegistryParam, RegistryParams};

/// Lists who sees a registry.
#[utoipa::path(get, path = "/organizations/{organization}/registries/{registry}/members",
    operation_id = "list_registry_members", tag = "registries", params(RegistryParams),
    responses((status = 200, body = RegistryMembersBody)))]
#[tracing::instrument(name = "handler.registry_members.list", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryParam,
) -> Result<Json<RegistryMembersBody>, ApiError> {
    let members = ctx
        .tracking()
        .registry_members(&ctx.caller, &path.organization, &path.project)
        .await?;
    Ok(Json(members.into()))
}
