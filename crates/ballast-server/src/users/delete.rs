use axum::http::StatusCode;

use crate::error::ApiError;
use crate::extract::{CallContext, PathParam};

/// Deletes a user with all their projects, for good. Admins only.
#[utoipa::path(delete, path = "/users/{username}", operation_id = "delete_user", tag = "users",
    params(("username" = String, Path, description = "The user's name.", example = "ada")),
    responses((status = 204)))]
#[tracing::instrument(name = "handler.users.delete", skip_all, fields(user.name = username))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(username): PathParam<String>,
) -> Result<StatusCode, ApiError> {
    ctx.tracking().delete_user(&ctx.caller, &username).await?;
    Ok(StatusCode::NO_CONTENT)
}
