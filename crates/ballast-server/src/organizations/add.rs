use axum::Json;
use axum::http::StatusCode;
use ballast_tracking::teams::NewOrganization;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::OrganizationBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};
use crate::members::NewMemberBody;

/// An organization to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOrganization)]
pub(crate) struct NewOrganizationBody {
    /// The name, which no user, team or organization has; of the same characters as a username.
    #[schema(example = "acme")]
    name: String,
    /// Its first members, at most 1,000.
    #[serde(default)]
    members: Vec<NewMemberBody>,
}

/// Makes an organization. The caller becomes an admin of it if the members given have none or do not have the caller;
/// an admin of the server may stay outside.
#[utoipa::path(post, path = "/organizations", operation_id = "add_organization", tag = "organizations",
    request_body = NewOrganizationBody, responses((status = 201, body = OrganizationBody)))]
#[tracing::instrument(name = "handler.organizations.add", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    JsonBody(body): JsonBody<NewOrganizationBody>,
) -> Result<(StatusCode, Json<OrganizationBody>), ApiError> {
    let new = NewOrganization {
        name: body.name,
        members: body.members.into_iter().map(Into::into).collect(),
    };
    let made = ctx.tracking().create_organization(&ctx.caller, new).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
