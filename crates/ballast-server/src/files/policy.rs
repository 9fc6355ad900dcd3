//! What browsers may make of a file that a script wrote.

use axum::http::HeaderValue;

/// For HTML, which wandb.Html and plotting libraries write: its scripts run in an origin of their own, so they reach
/// neither our cookies nor our API. Nothing is loaded from or sent to anywhere else: looking at a run must not tell
/// another server about it, and a page has to carry what it needs.
const HTML_POLICY: &str = "sandbox allow-scripts; default-src 'none'; \
     script-src 'unsafe-inline' 'unsafe-eval' blob: data:; style-src 'unsafe-inline' data:; \
     img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// For everything else: shown, but nothing in it runs or loads.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Types that our own pages would accept as a script or style. As plain text, and not sniffed, they never can be.
const CODE: [&str; 7] = [
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "text/ecmascript",
    "text/css",
    "application/wasm",
];

/// The `Content-Security-Policy` of a file.
pub(super) fn security_policy(mime_type: &str) -> HeaderValue {
    let is_page = matches!(mime_type, "text/html" | "application/xhtml+xml");
    HeaderValue::from_static(if is_page { HTML_POLICY } else { POLICY })
}

/// The `Content-Type` of a file.
pub(super) fn content_type(mime_type: &str) -> HeaderValue {
    let shown = if CODE.contains(&mime_type) {
        "text/plain"
    } else {
        mime_type
    };
    let is_text = shown.starts_with("text/") || shown == "application/json";
    let text = if is_text {
        format!("{shown}; charset=utf-8")
    } else {
        shown.to_owned()
    };
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_text() {
        assert_eq!(content_type("text/javascript"), "text/plain; charset=utf-8");
        assert_eq!(content_type("text/css"), "text/plain; charset=utf-8");
        assert_eq!(content_type("text/html"), "text/html; charset=utf-8");
        assert_eq!(content_type("image/png"), "image/png");
        assert_eq!(content_type("broken\n"), "application/octet-stream");
    }

    #[test]
    fn only_pages_may_run_scripts() {
        let policy = |mime| security_policy(mime).to_str().expect("ASCII").to_owned();
        assert!(policy("text/html").starts_with("sandbox allow-scripts;"));
        assert!(policy("image/svg+xml").starts_with("sandbox;"));
        assert!(!policy("text/html").contains("allow-same-origin"));
    }
}
