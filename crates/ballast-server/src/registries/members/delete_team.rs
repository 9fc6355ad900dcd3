use axum::http::StatusCode;

use crate::error::ApiError;
use crate::extract::CallContext;
use crate::registries::path::{RegistryTeamParam, RegistryTeamParams};

/// Takes the role away that a team was given in a registry. Admins of the registry only.
#[utoipa::path(delete, path = "/organizations/{organization}/registries/{registry}/teams/{team}",
    operation_id = "delete_registry_team", tag = "registries", params(RegistryTeamParams),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.registry_members.delete_team", skip_all, fields(team.name = %path.team))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryTeamParam,
) -> Result<StatusCode, ApiError> {
    let RegistryTeamParam { registry, team } = path;
    let (organization, project) = (&registry.organization, &registry.project);
    ctx.tracking()
        .delete_registry_team(&ctx.caller, organization, project, &team)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
