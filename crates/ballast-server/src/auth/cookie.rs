//! The session cookie.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use ballast_model::Timestamp;
use headers::{Cookie, HeaderMapExt as _};

/// The cookie that holds a browser's session token.
const NAME: &str = "ballast_session";

/// The token in the request's cookie.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<String> {
    let cookies: Cookie = headers.typed_get()?;
    cookies
        .get(NAME)
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
}

/// The `Set-Cookie` of a new session: out of reach of scripts, not sent by other sites' forms and frames, and over
/// TLS only where we are reached so.
pub(crate) fn session_cookie(
    token: &str,
    now: Timestamp,
    expires_at: Timestamp,
    is_https: bool,
) -> HeaderValue {
    let left = Duration::try_from(expires_at.duration_since(now)).unwrap_or_default();
    cookie(token, left.as_secs(), is_https)
}

/// The `Set-Cookie` that removes the session's cookie.
pub(crate) fn cleared_cookie(is_https: bool) -> HeaderValue {
    cookie("", 0, is_https)
}

fn cookie(token: &str, max_age_s: u64, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let text =
        format!("{NAME}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("a session token is letters and digits")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn cookie_is_for_us_alone() {
        let cookie = session_cookie("abc", time(100), time(160), true);
        assert_snapshot!(cookie.to_str().expect("ASCII"), @"ballast_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let cookie = cleared_cookie(false);
        assert_snapshot!(cookie.to_str().expect("ASCII"), @"ballast_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(session_token(&headers), None);
        headers.insert(
            "cookie",
            HeaderValue::from_static("a=1; ballast_session=abc; b=2"),
        );
        assert_eq!(session_token(&headers).as_deref(), Some("abc"));
        headers.insert("cookie", HeaderValue::from_static("ballast_session="));
        assert_eq!(session_token(&headers), None);
    }
}
