//! Who sent a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use ballast_tracking::Caller;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::Door;
use crate::address::BaseAddress;
use crate::refusal::Refusal;

/// The user whose API key came with the request. Extracting it refuses requests without a valid key.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequestParts<Door> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Refusal> {
        let refuse = |problem: &str| {
            let base = BaseAddress::of(door.settings.public_url.as_ref(), &parts.headers);
            let message = format!("{problem}; get an API key at {base}/authorize");
            Refusal::new(StatusCode::UNAUTHORIZED, message)
        };
        let key = api_key(&parts.headers).ok_or_else(|| refuse("no API key was sent"))?;
        let caller = door.tracking.authenticate_key(&key).await?;
        caller
            .map(Self)
            .ok_or_else(|| refuse("the API key is not valid on this server"))
    }
}

/// The key of a `Basic api:KEY` or `Bearer KEY` header.
///
/// The user name is not looked at: it is always `api`, whoever asks.
fn api_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.trim().split_once(' ')?;
    let credentials = credentials.trim();
    let key = if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64_STANDARD.decode(credentials).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        decoded.split_once(':')?.1.to_owned()
    } else if scheme.eq_ignore_ascii_case("bearer") {
        credentials.to_owned()
    } else {
        return None;
    };
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key_in(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(value).expect("test headers are visible ASCII");
        headers.insert(header::AUTHORIZATION, value);
        api_key(&headers)
    }

    #[test]
    fn keys_come_as_basic_or_bearer() {
        let basic = BASE64_STANDARD.encode("api:local-0123");
        assert_eq!(
            key_in(&format!("Basic {basic}")).as_deref(),
            Some("local-0123")
        );
        assert_eq!(
            key_in(&format!("bASIC  {basic}")).as_deref(),
            Some("local-0123")
        );
        assert_eq!(key_in("Bearer a.b.c").as_deref(), Some("a.b.c"));
    }

    #[test]
    fn a_key_may_hold_colons() {
        let basic = BASE64_STANDARD.encode("api:a:b");
        assert_eq!(key_in(&format!("Basic {basic}")).as_deref(), Some("a:b"));
    }

    #[test]
    fn everything_else_is_no_key() {
        let empty = format!("Basic {}", BASE64_STANDARD.encode("api:"));
        let bytes = format!("Basic {}", BASE64_STANDARD.encode(b"api:\xff"));
        for value in [
            "",
            "Basic",
            "Basic %%%",
            "Digest abc",
            "Basic YXBp",
            &empty,
            &bytes,
        ] {
            assert_eq!(key_in(value), None, "{value}");
        }
        assert_eq!(api_key(&HeaderMap::new()), None);
    }
}
