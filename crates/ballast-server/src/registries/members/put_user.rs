use axum::Json;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};
use crate::registries::body::{RegistryMemberBody, RegistryRolePatch};
use crate::registries::path::{RegistryMemberParam, RegistryMemberParams};

/// Gives a member of the organization a role in a registry, instead of the one that they may have there. Admins of the
/// registry only.
#[utoipa::path(put, path = "/organizations/{organization}/registries/{registry}/members/{username}",
    operation_id = "put_registry_member", tag = "registries", params(RegistryMemberParams),
    request_body = RegistryRolePatch, responses((status = 200, body = RegistryMemberBody)))]
#[tracing::instrument(name = "handler.registry_members.put_user", skip_all, fields(user.name = %path.username))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryMemberParam,
    JsonBody(body): JsonBody<RegistryRolePatch>,
) -> Result<Json<RegistryMemberBody>, ApiError> {
    let RegistryMemberParam { registry, username } = path;
    let (organization, project) = (&registry.organization, &registry.project);
    let member = ctx
        .tracking()
        .put_registry_member(
            &ctx.caller,
            organization,
            project,
            &username,
            body.role.into(),
        )
        .await?;
    Ok(Json(member.into()))
}
