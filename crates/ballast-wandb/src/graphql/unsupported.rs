//! Changes that this server does not have yet. They are refused, never answered with null: the client's core process
//! crashes on a null where it expects an object.

#![expect(
    clippy::unused_async,
    reason = "the library wants every resolver async"
)]

use async_graphql::{InputObject, Object, Result};

use super::access::unsupported;
use super::people::CreateUserPayload;

/// Changes to service accounts.
#[derive(Debug, Default)]
pub(crate) struct UnsupportedMutations;

const SERVICE_ACCOUNTS: &str = "service accounts";

macro_rules! refuse {
    ($what:expr, $input:ident) => {{
        drop($input);
        Err(unsupported($what).into())
    }};
}

#[Object]
impl UnsupportedMutations {
    async fn create_service_account(
        &self,
        input: CreateServiceAccountInput,
    ) -> Result<Option<CreateUserPayload>> {
        refuse!(SERVICE_ACCOUNTS, input)
    }
}

/// A service account to make.
#[derive(Debug, InputObject)]
pub(crate) struct CreateServiceAccountInput {
    description: Option<String>,
    entity_name: String,
}
