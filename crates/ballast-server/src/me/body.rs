use ballast_tracking::Caller;
use serde::Serialize;
use utoipa::ToSchema;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The name to sign in with.
    #[schema(example = "ada")]
    username: String,
    /// The caller's own entity.
    #[schema(example = "ada")]
    entity: String,
    /// Where the caller's runs go that name no entity: the own one, unless the caller chose a team.
    #[schema(example = "vision-team")]
    default_entity: String,
    /// E-mail address; may be empty.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Whether the caller manages users.
    admin: bool,
    /// Whether the caller can sign in with a password.
    has_password: bool,
}

impl From<&Caller> for Me {
    fn from(caller: &Caller) -> Self {
        Self {
            username: caller.username().to_owned(),
            entity: caller.entity().to_string(),
            default_entity: caller.default_entity().to_string(),
            email: caller.email().to_owned(),
            admin: caller.is_admin(),
            has_password: caller.has_password(),
        }
    }
}
