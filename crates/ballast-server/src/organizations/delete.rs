use axum::http::StatusCode;

use crate::error::ApiError;
use crate::extract::{CallContext, EntityParam};

/// Deletes an organization. Its admins only. It is a conflict as long as it has teams or registries.
#[utoipa::path(delete, path = "/organizations/{organization}", operation_id = "delete_organization", tag = "organizations",
    params(("organization" = String, Path, description = "The organization.", example = "acme")),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.organizations.delete", skip_all, fields(organization.name = %name))]
pub(crate) async fn handler(
    ctx: CallContext,
    EntityParam(name): EntityParam,
) -> Result<StatusCode, ApiError> {
    ctx.tracking()
        .delete_organization(&ctx.caller, &name)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
