use axum::Json;

use super::Me;
use crate::extract::CallContext;

/// Tells who the caller is.
#[utoipa::path(get, path = "/me", operation_id = "get_me", tag = "me", responses((status = 200, body = Me)))]
#[tracing::instrument(name = "handler.me.get", skip_all)]
pub(crate) async fn handler(ctx: CallContext) -> Json<Me> {
    Json(Me::from(&ctx.caller))
}
