use axum::Json;

use super::body::UserBody;
use crate::body::List;
use crate::error::ApiError;
use crate::extract::CallContext;

/// Lists every user by name. Admins only.
#[utoipa::path(get, path = "/users", operation_id = "list_users", tag = "users",
    responses((status = 200, body = List<UserBody>)))]
#[tracing::instrument(name = "handler.users.list", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Result<Json<List<UserBody>>, ApiError> {
    Ok(Json(List::of(
        ctx.tracking().list_users(&ctx.caller).await?,
    )))
}
