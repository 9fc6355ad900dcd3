use axum::Json;
use ballast_model::EntityName;
use ballast_tracking::EntityKind;
use ballast_tracking::teams::NewMember;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, PathParam};
use crate::members::{MemberBody, MemberRole, OrganizationMemberPath};

/// Takes a user into an organization, or changes what a member may do. Its admins only.
#[utoipa::path(put, path = "/organizations/{organization}/members/{username}", operation_id = "put_organization_member",
    tag = "organizations", params(OrganizationMemberPath), request_body = MemberRole,
    responses((status = 200, body = MemberBody)))]
#[tracing::instrument(name = "handler.organizations.put_member", skip_all, fields(organization.name = path.organization))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(path): PathParam<OrganizationMemberPath>,
    JsonBody(body): JsonBody<MemberRole>,
) -> Result<Json<MemberBody>, ApiError> {
    let organization = EntityName::new(path.organization)?;
    let member = NewMember {
        username: path.username,
        role: body.role.into(),
    };
    let kind = EntityKind::Organization;
    let member = ctx
        .tracking()
        .put_member(&ctx.caller, kind, &organization, member)
        .await?;
    Ok(Json(member.into()))
}
