//! Proof that a browser's request comes from one of our own pages.
//!
//! A browser adds its session cookie to requests that other sites make it send. `SameSite=Lax` stops most of them;
//! these rules stop the rest, including those of sites on the same domain.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method};
use url::Url;

use crate::error::{ApiError, ErrorCode};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the headers say about the page that sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// One of our own pages, or the user by hand.
    OwnPage,
    /// A page of another origin.
    ForeignPage,
    /// Nothing: an old browser or a program.
    Unknown,
}

/// Refuses a request with a session cookie that may change something, unless one of our own pages sent it.
///
/// # Errors
/// [`ErrorCode::CrossOriginRefused`] if the method is not a reading one and the headers do not prove it.
pub(crate) fn require_own_page(
    method: &Method,
    headers: &HeaderMap,
    public_url: Option<&Url>,
) -> Result<(), ApiError> {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || sender(headers, public_url) == Sender::OwnPage {
        Ok(())
    } else {
        Err(refusal())
    }
}

/// Refuses a request that is known to come from another site's page: signing a browser in, for example, under
/// someone else's name. Programs, which tell nothing, pass.
///
/// # Errors
/// [`ErrorCode::CrossOriginRefused`] if the headers name another origin.
pub(crate) fn refuse_foreign_page(
    headers: &HeaderMap,
    public_url: Option<&Url>,
) -> Result<(), ApiError> {
    if sender(headers, public_url) == Sender::ForeignPage {
        Err(refusal())
    } else {
        Ok(())
    }
}

fn refusal() -> ApiError {
    ApiError::new(
        ErrorCode::CrossOriginRefused,
        "a request with a session cookie must come from a page of this server",
    )
    .with_hint("programs authenticate with an API key instead: `Authorization: Bearer KEY`")
}

fn sender(headers: &HeaderMap, public_url: Option<&Url>) -> Sender {
    // Browsers send it to HTTPS and localhost only; plain HTTP elsewhere leaves the origin to compare.
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return match site.as_bytes() {
            b"same-origin" | b"none" => Sender::OwnPage,
            _ => Sender::ForeignPage,
        };
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return Sender::Unknown;
    };
    let own = origin
        .to_str()
        .ok()
        .and_then(|origin| Url::parse(origin).ok())
        .is_some_and(|origin| is_own(&origin, headers, public_url));
    if own {
        Sender::OwnPage
    } else {
        Sender::ForeignPage
    }
}

/// Whether `origin` is the public address, or has the host and port that the request went to.
fn is_own(origin: &Url, headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    if public_url.is_some_and(|url| url.origin() == origin.origin()) {
        return true;
    }
    // Behind a proxy the scheme of the request is unknown here, so it is taken from the origin.
    headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok())
        .is_some_and(|host| host.origin() == origin.origin() && origin.origin().is_tuple())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn sent_with(headers: &[(&'static str, &'static str)]) -> Sender {
        let headers: HeaderMap = headers
            .iter()
            .map(|&(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let public_url = Url::parse("https://ballast.example/").expect("valid");
        sender(&headers, Some(&public_url))
    }

    #[test]
    fn browsers_tell_the_site() {
        assert_eq!(
            sent_with(&[("sec-fetch-site", "same-origin")]),
            Sender::OwnPage
        );
        assert_eq!(sent_with(&[("sec-fetch-site", "none")]), Sender::OwnPage);
        assert_eq!(
            sent_with(&[("sec-fetch-site", "same-site")]),
            Sender::ForeignPage
        );
        let lying = [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://ballast.example"),
        ];
        assert_eq!(sent_with(&lying), Sender::ForeignPage);
    }

    #[test]
    fn origins_are_compared_with_host_and_public_address() {
        let from = |origin| sent_with(&[("host", "10.0.0.5:8080"), ("origin", origin)]);
        assert_eq!(from("https://ballast.example"), Sender::OwnPage);
        assert_eq!(from("http://10.0.0.5:8080"), Sender::OwnPage);
        for foreign in [
            "http://ballast.example",
            "https://ballast.example:444",
            "http://10.0.0.5",
            "http://10.0.0.5:8081",
            "http://10.0.0.5:8080.evil.example",
            "null",
            "file://",
            "x",
        ] {
            assert_eq!(from(foreign), Sender::ForeignPage, "{foreign}");
        }
        assert_eq!(
            sent_with(&[("host", "localhost"), ("origin", "http://localhost:80")]),
            Sender::OwnPage
        );
    }

    #[test]
    fn programs_tell_nothing() {
        assert_eq!(sent_with(&[("host", "10.0.0.5:8080")]), Sender::Unknown);
    }
}
