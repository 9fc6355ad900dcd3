use axum::Json;

use super::body::OrganizationBody;
use crate::error::ApiError;
use crate::extract::{CallContext, EntityParam};

/// Gets an organization with its members and teams.
#[utoipa::path(get, path = "/organizations/{organization}", operation_id = "get_organization", tag = "organizations",
    params(("organization" = String, Path, description = "The organization.", example = "acme")),
    responses((status = 200, body = OrganizationBody)))]
#[tracing::instrument(name = "handler.organizations.get", skip_all, fields(organization.name = %name))]
pub(crate) async fn handler(
    ctx: CallContext,
    EntityParam(name): EntityParam,
) -> Result<Json<OrganizationBody>, ApiError> {
    let found = ctx.tracking().get_organization(&ctx.caller, &name).await?;
    Ok(Json(found.into()))
}
