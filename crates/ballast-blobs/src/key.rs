//! The names of blobs.

use crate::BlobError;

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 512;

/// The longest segment of a key, in bytes: what file systems take as a file name.
const MAX_SEGMENT_BYTES: usize = 255;

/// Checks that `key` names the same blob on every store, and nothing outside of it.
///
/// A key is 1 to 512 bytes: segments joined by `/`, each 1 to 255 of the ASCII letters, digits, `.`, `_`, `-`, `=`,
/// and not starting with `.`. So no key climbs, is absolute, is hidden, or means something else after URL decoding.
/// Keys that differ only in case are different blobs, except where the folder's file system ignores case: make keys
/// lower-case.
///
/// A key and a key below it (`a` and `a/b`) cannot both be stored in a folder; storing the second fails with
/// [`BlobError::InvalidKey`] there.
///
/// # Errors
/// [`BlobError::InvalidKey`] with the reason.
pub fn validate_key(key: &str) -> Result<(), BlobError> {
    match flaw(key) {
        None => Ok(()),
        Some(reason) => Err(BlobError::InvalidKey {
            key: key.to_owned(),
            reason,
        }),
    }
}

/// What is wrong with a key, if anything.
pub(crate) fn flaw(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some("it is empty");
    }
    if key.len() > MAX_KEY_BYTES {
        return Some("it is longer than 512 bytes");
    }
    key.split('/').find_map(segment_flaw)
}

fn segment_flaw(segment: &str) -> Option<&'static str> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'=');
    if segment.is_empty() {
        Some("it has an empty segment")
    } else if segment.starts_with('.') {
        Some("it has a segment starting with `.`")
    } else if segment.len() > MAX_SEGMENT_BYTES {
        Some("it has a segment longer than 255 bytes")
    } else if !segment.bytes().all(allowed) {
        Some("it has a character other than ASCII letters, digits, `.`, `_`, `-`, `=` and `/`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_keys_are_valid() {
        for key in [
            "a",
            "runs/12/files/0f3a.bin",
            "segments/g=1/0-100.parquet",
            "A_b-c.d",
        ] {
            assert!(validate_key(key).is_ok(), "{key}");
        }
        assert!(validate_key(&["a"; 256].join("/")).is_ok());
    }

    #[test]
    fn keys_that_climb_hide_or_need_encoding_are_refused() {
        let long_segment = "a".repeat(256);
        let long_key = ["a"; 257].join("/");
        let keys = [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            "..",
            "a/../b",
            "./a",
            "a/.hidden",
            ".uploads/x",
            "a\\b",
            "a b",
            "a%2e",
            "a\0",
            "a#1",
            "ä",
            &long_segment,
            &long_key,
        ];
        for key in keys {
            let refused = validate_key(key);
            assert!(
                matches!(refused, Err(BlobError::InvalidKey { .. })),
                "{key}"
            );
        }
    }
}
