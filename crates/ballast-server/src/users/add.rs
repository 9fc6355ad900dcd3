use axum::Json;
use axum::http::StatusCode;
use ballast_tracking::people::NewUser;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::UserBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};

/// A user to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub(crate) struct NewUserBody {
    /// The name to sign in with; the user's own entity gets it too, so no page may have it.
    #[schema(example = "ada")]
    username: String,
    /// E-mail address.
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    email: String,
    /// A password, if the user is to sign in with one.
    #[schema(format = Password)]
    password: Option<String>,
    /// Whether the user manages users.
    #[serde(default)]
    admin: bool,
    /// A first API key chosen beforehand, so that a deployment can be scripted.
    api_key: Option<String>,
}

/// Makes a user. Admins only.
#[utoipa::path(post, path = "/users", operation_id = "add_user", tag = "users",
    request_body = NewUserBody, responses((status = 201, body = UserBody)))]
#[tracing::instrument(name = "handler.users.add", skip_all)]
pub(crate) async fn handler(
    ctx: CallContext,
    JsonBody(body): JsonBody<NewUserBody>,
) -> Result<(StatusCode, Json<UserBody>), ApiError> {
    let new = NewUser {
        username: body.username,
        email: body.email,
        password: body.password,
        is_admin: body.admin,
        api_key: body.api_key,
    };
    let user = ctx.tracking().create_user(&ctx.caller, new).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}
