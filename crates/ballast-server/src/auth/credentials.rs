//! What a request proves itself with.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::session_token;

/// What a request proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nothing.
    None,
    /// An API key, from the `Authorization` header.
    ApiKey(String),
    /// A session token, from the cookie.
    Session(String),
    /// An `Authorization` header that we do not understand.
    Unreadable,
}

/// Reads the request's credentials. An `Authorization` header counts before a cookie, for a program says what it
/// means while a browser sends its cookies along unasked.
pub(crate) fn read_credentials(headers: &HeaderMap) -> Credentials {
    let Some(authorization) = headers.get(AUTHORIZATION) else {
        return session_token(headers).map_or(Credentials::None, Credentials::Session);
    };
    authorization
        .to_str()
        .ok()
        .and_then(api_key)
        .map_or(Credentials::Unreadable, Credentials::ApiKey)
}

/// The key in `Bearer KEY`, or the password in `Basic`, whose username does not matter (clients send `api`).
fn api_key(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(value.to_owned())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64_STANDARD.decode(value).ok()?;
        let (_, key) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        Some(key.to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(authorization: &str) -> Credentials {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("ballast_session=abc"));
        headers.insert(
            AUTHORIZATION,
            HeaderValue::try_from(authorization).expect("valid"),
        );
        read_credentials(&headers)
    }

    #[test]
    fn keys_come_as_bearer_or_basic() {
        let key = Credentials::ApiKey("key:1".to_owned());
        assert_eq!(read("Bearer key:1"), key);
        assert_eq!(read("bearer  key:1"), key);
        assert_eq!(
            read(&format!("Basic {}", BASE64_STANDARD.encode("api:key:1"))),
            key
        );
    }

    #[test]
    fn an_unreadable_header_does_not_fall_back_to_the_cookie() {
        for header in ["Bearer", "Basic !", "Basic YWJj", "Digest x"] {
            assert_eq!(read(header), Credentials::Unreadable, "{header}");
        }
    }

    #[test]
    fn cookie_counts_alone() {
        let mut headers = HeaderMap::new();
        assert_eq!(read_credentials(&headers), Credentials::None);
        headers.insert("cookie", HeaderValue::from_static("ballast_session=abc"));
        assert_eq!(
            read_credentials(&headers),
            Credentials::Session("abc".to_owned())
        );
    }
}
