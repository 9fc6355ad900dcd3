use axum::Json;
use axum::http::StatusCode;
use ballast_model::EntityName;
use ballast_tracking::teams::NewTeam;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::TeamBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};
use crate::members::NewMemberBody;

/// A team to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTeam)]
pub(crate) struct NewTeamBody {
    /// The name, which no user, team or organization has; of the same characters as a username.
    #[schema(example = "vision-team")]
    name: String,
    /// The organization that it is part of; its admins only.
    #[schema(example = "acme")]
    organization: Option<String>,
    /// Its first members, at most 1,000.
    #[serde(default)]
    members: Vec<NewMemberBody>,
}

/// Makes a team. The caller becomes an admin of it if the members given have none or do not have the caller; an admin
/// of the server may stay outside.
#[utoipa::path(post, path = "/teams", operation_id = "add_team", tag = "teams",
    request_body = NewTeamBody, responses((status = 201, body = TeamBody)))]
#[tracing::instrument(name = "handler.teams.add", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    JsonBody(body): JsonBody<NewTeamBody>,
) -> Result<(StatusCode, Json<TeamBody>), ApiError> {
    let new = NewTeam {
        name: body.name,
        organization: body.organization.map(EntityName::new).transpose()?,
        members: body.members.into_iter().map(Into::into).collect(),
    };
    let made = ctx.tracking().create_team(&ctx.caller, new).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
