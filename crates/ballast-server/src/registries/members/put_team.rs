use axum::Json;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};
use crate::registries::body::{RegistryRolePatch, RegistryTeamBody};
use crate::registries::path::{RegistryTeamParam, RegistryTeamParams};

/// Gives a team of the organization a role in a registry, instead of the one that it may have there. Admins of the
/// registry only.
#[utoipa::path(put, path = "/organizations/{organization}/registries/{registry}/teams/{team}",
    operation_id = "put_registry_team", tag = "registries", params(RegistryTeamParams),
    request_body = RegistryRolePatch, responses((status = 200, body = RegistryTeamBody)))]
#[tracing::instrument(name = "handler.registry_members.put_team", skip_all, fields(team.name = %path.team))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryTeamParam,
    JsonBody(body): JsonBody<RegistryRolePatch>,
) -> Result<Json<RegistryTeamBody>, ApiError> {
    let RegistryTeamParam { registry, team } = path;
    let (organization, project) = (&registry.organization, &registry.project);
    let team = ctx
        .tracking()
        .put_registry_team(&ctx.caller, organization, project, &team, body.role.into())
        .await?;
    Ok(Json(team.into()))
}
