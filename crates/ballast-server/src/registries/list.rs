use axum::Json;

use super::body::RegistryBody;
use super::path::{OrganizationParam, OrganizationParams};
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists the registries of an organization that the caller sees, by name.
#[utoipa::path(get, path = "/organizations/{organization}/registries", operation_id = "list_registries",
    tag = "registries", params(OrganizationParams), responses((status = 200, body = List<RegistryBody>)))]
#[tracing::instrument(name = "handler.registries.list", skip_all, fields(organization.name = %organization))]
pub(crate) async fn handler(
    ctx: CallContext,
    OrganizationParam(organization): OrganizationParam,
) -> Result<Json<List<RegistryBody>>, ApiError> {
    let registries = ctx
        .tracking()
        .list_registries(&ctx.caller, &organization)
        .await?;
    Ok(Json(List::of(registries)))
}
