use axum::Json;
use ballast_model::EntityName;
use ballast_tracking::EntityKind;
use ballast_tracking::teams::NewMember;

use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, PathParam};
use crate::members::{MemberBody, MemberRole, TeamMemberPath};

/// Takes a user into a team, or changes what a member may do. Its admins only.
/// Whoever comes into a team of an organization is in the organization from then on.
#[utoipa::path(put, path = "/teams/{team}/members/{username}", operation_id = "put_team_member",
    tag = "teams", params(TeamMemberPath), request_body = MemberRole,
    responses((status = 200, body = MemberBody)))]
#[tracing::instrument(name = "handler.teams.put_member", skip_all, fields(team.name = path.team))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(path): PathParam<TeamMemberPath>,
    JsonBody(body): JsonBody<MemberRole>,
) -> Result<Json<MemberBody>, ApiError> {
    let team = EntityName::new(path.team)?;
    let member = NewMember {
        username: path.username,
        role: body.role.into(),
    };
    let kind = EntityKind::Team;
    let member = ctx
        .tracking()
        .put_member(&ctx.caller, kind, &team, member)
        .await?;
    Ok(Json(member.into()))
}
