use ballast_tracking::people::User;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    /// The name to sign in with, and of the user's own entity.
    #[schema(example = "ada")]
    username: String,
    /// E-mail address; may be empty.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Whether the user manages users.
    admin: bool,
    /// When the user was made.
    created_at: Time,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            username: user.username.to_string(),
            email: user.email,
            admin: user.is_admin,
            created_at: user.created_at.into(),
        }
    }
}
