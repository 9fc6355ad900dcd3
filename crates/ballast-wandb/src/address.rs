//! Addresses that the door hands out.

use std::fmt;

use axum::http::{HeaderMap, header};
use url::Url;

/// Where clients reach this server: scheme, host and maybe a path prefix, without a slash at the end.
///
/// Upload and download addresses must be absolute. They start with the configured public address or, where none is
/// set, with what the request itself was sent to, so that a proxy or a mapped port keeps working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseAddress(String);

impl BaseAddress {
    /// The configured address, or the one that the request names.
    pub(crate) fn of(public_url: Option<&Url>, headers: &HeaderMap) -> Self {
        if let Some(url) = public_url {
            return Self(url.as_str().trim_end_matches('/').to_owned());
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let scheme = match text("x-forwarded-proto").and_then(|value| value.split(',').next()) {
            Some(scheme) if scheme.trim().eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = text(header::HOST.as_str())
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        Self(format!("{scheme}://{host}"))
    }

    /// An address under this one; each part is escaped as one path part.
    pub(crate) fn join<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> String {
        let mut address = self.0.clone();
        for part in parts {
            address.push('/');
            push_escaped(part, &mut address);
        }
        address
    }
}

impl fmt::Display for BaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c))
}

/// Appends `part` with everything escaped that is not unreserved in an address.
fn push_escaped(part: &str, address: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push('%');
            address.push(char::from(HEX[usize::from(byte >> 4)]));
            address.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| {
                (
                    name.parse().expect("a header name"),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn the_request_names_the_server_where_no_address_is_set() {
        let headers = headers(&[("host", "box:8080"), ("x-forwarded-proto", "https,http")]);
        assert_eq!(
            BaseAddress::of(None, &headers).to_string(),
            "https://box:8080"
        );
        let public: Url = "https://b.example.org/ml/".parse().expect("an address");
        let base = BaseAddress::of(Some(&public), &headers);
        assert_eq!(
            base.join(["storage", "a b/ü"]),
            "https://b.example.org/ml/storage/a%20b%2F%C3%BC"
        );
    }

    #[test]
    fn strange_hosts_are_not_repeated() {
        let headers = headers(&[("host", "evil/\"><script>")]);
        assert_eq!(
            BaseAddress::of(None, &headers).to_string(),
            "http://localhost"
        );
    }
}
