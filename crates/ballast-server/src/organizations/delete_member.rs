use axum::http::StatusCode;
use ballast_model::EntityName;
use ballast_tracking::EntityKind;

use crate::error::ApiError;
use crate::extract::{CallContext, PathParam};
use crate::members::OrganizationMemberPath;

/// Takes a user out of an organization. Its admins only; everyone themselves. The last admin stays.
/// Whoever leaves an organization leaves its teams and registries, too.
#[utoipa::path(delete, path = "/organizations/{organization}/members/{username}", operation_id = "delete_organization_member",
    tag = "organizations", params(OrganizationMemberPath), responses((status = 204)))]
#[tracing::instrument(name = "handler.organizations.delete_member", skip_all, fields(organization.name = path.organization))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(path): PathParam<OrganizationMemberPath>,
) -> Result<StatusCode, ApiError> {
    let organization = EntityName::new(path.organization)?;
    let kind = EntityKind::Organization;
    ctx.tracking()
        .delete_member(&ctx.caller, kind, &organization, &path.username)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
