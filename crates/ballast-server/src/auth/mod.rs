//! Who is asking, and whether a browser may have been tricked into asking.

mod cookie;
mod credentials;
mod same_origin;
mod sign_in_limiter;

pub(crate) use cookie::{cleared_cookie, session_cookie, session_token};
pub(crate) use credentials::{Credentials, read_credentials};
pub(crate) use same_origin::{refuse_foreign_page, require_own_page};
pub(crate) use sign_in_limiter::SignInLimiter;
