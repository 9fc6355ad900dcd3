use axum::http::StatusCode;

use crate::error::ApiError;
use crate::extract::CallContext;
use crate::registries::path::{RegistryMemberParam, RegistryMemberParams};

/// Takes the role away that a user was given in a registry; the one from the organization stays. Admins of the registry
/// only; users may give up their own.
#[utoipa::path(delete, path = "/organizations/{organization}/registries/{registry}/members/{username}",
    operation_id = "delete_registry_member", tag = "registries", params(RegistryMemberParams),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.registry_members.delete_user", skip_all, fields(user.name = %path.username))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryMemberParam,
) -> Result<StatusCode, ApiError> {
    let RegistryMemberParam { registry, username } = path;
    let (organization, project) = (&registry.organization, &registry.project);
    ctx.tracking()
        .delete_registry_member(&ctx.caller, organization, project, &username)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
