use axum::Json;

use super::body::OrganizationSummaryBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists the caller's organizations by name; every one for an admin of the server.
#[utoipa::path(get, path = "/organizations", operation_id = "list_organizations", tag = "organizations",
    responses((status = 200, body = List<OrganizationSummaryBody>)))]
#[tracing::instrument(name = "handler.organizations.list", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
) -> Result<Json<List<OrganizationSummaryBody>>, ApiError> {
    let found = ctx.tracking().list_organizations(&ctx.caller).await?;
    Ok(Json(List::of(found)))
}
