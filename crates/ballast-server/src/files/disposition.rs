//! Whether browsers show or save, and under which name.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 wants encoded: all but letters, digits and a few signs.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The `Content-Disposition` that has browsers save under `name`.
pub(crate) fn attachment(name: &str) -> HeaderValue {
    disposition("attachment", name)
}

/// The `Content-Disposition` that has browsers show, and save as `name` if their user wants to.
pub(super) fn inline(name: &str) -> HeaderValue {
    disposition("inline", name)
}

/// Both forms of the name: as far as it is ASCII for old clients, and in full.
fn disposition(kind: &str, name: &str) -> HeaderValue {
    let plain = |c: char| {
        if c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ' {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let full = utf8_percent_encode(name, ENCODED);
    let text = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{full}");
    HeaderValue::try_from(text).expect("quoted ASCII and percent signs are a valid header value")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn names_cannot_break_out() {
        let header = attachment("größe \"1\"\r\n.txt");
        assert_snapshot!(header.to_str().expect("ASCII"), @r#"attachment; filename="gr__e _1___.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22%0D%0A.txt"#);
    }
}
