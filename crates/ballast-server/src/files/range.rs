//! Which bytes a request asks for.

use axum::http::HeaderMap;
use axum::http::header::RANGE;
use ballast_tracking::files::ByteRange;
use headers::{ETag, HeaderMapExt as _, IfRange};

/// What a request asks of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedRange {
    /// All of it: no range, or one that does not apply, or several at once, which a server may answer so.
    Whole,
    /// Some of it.
    Part(ByteRange),
    /// Bytes that it does not have.
    Outside,
}

/// Reads `Range` and `If-Range` for a file of `size` bytes whose present content has the tag `etag`.
pub(super) fn asked_range(headers: &HeaderMap, etag: &ETag, size: u64) -> AskedRange {
    let range = headers
        .get(RANGE)
        .and_then(|value| parse(value.to_str().ok()?));
    let Some(range) = range else {
        return AskedRange::Whole;
    };
    let is_for_older = headers
        .typed_get::<IfRange>()
        .is_some_and(|condition| condition.is_modified(Some(etag), None));
    if is_for_older {
        AskedRange::Whole
    } else if is_within(range, size) {
        AskedRange::Part(range)
    } else {
        AskedRange::Outside
    }
}

fn parse(value: &str) -> Option<ByteRange> {
    let (first, last) = value.strip_prefix("bytes=")?.trim().split_once('-')?;
    if first.is_empty() {
        return last.parse().ok().map(ByteRange::Last);
    }
    let first = first.parse().ok()?;
    let last = if last.is_empty() {
        None
    } else {
        Some(last.parse().ok()?)
    };
    last.is_none_or(|last| first <= last)
        .then_some(ByteRange::From(first, last))
}

fn is_within(range: ByteRange, size: u64) -> bool {
    match range {
        ByteRange::From(first, _) => first < size,
        ByteRange::Last(count) => count > 0 && size > 0,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::IF_RANGE;

    use super::*;

    fn asked(range: &'static str, if_range: Option<&'static str>) -> AskedRange {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(range));
        if let Some(tag) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(tag));
        }
        asked_range(&headers, &"\"abc\"".parse().expect("valid"), 100)
    }

    #[test]
    fn one_range_is_understood() {
        let part = |range| AskedRange::Part(range);
        assert_eq!(asked("bytes=0-9", None), part(ByteRange::From(0, Some(9))));
        assert_eq!(asked("bytes=90-", None), part(ByteRange::From(90, None)));
        assert_eq!(asked("bytes=-500", None), part(ByteRange::Last(500)));
        assert_eq!(asked("bytes=100-", None), AskedRange::Outside);
        assert_eq!(asked("bytes=-0", None), AskedRange::Outside);
    }

    #[test]
    fn what_is_not_understood_gives_the_whole() {
        for range in [
            "lines=0-9",
            "bytes=9-0",
            "bytes=x-",
            "bytes=-",
            "bytes=0-1,5-6",
            "bytes=0",
        ] {
            assert_eq!(asked(range, None), AskedRange::Whole, "{range}");
        }
    }

    #[test]
    fn a_range_of_older_content_gives_the_whole() {
        let part = AskedRange::Part(ByteRange::From(0, Some(9)));
        assert_eq!(asked("bytes=0-9", Some("\"abc\"")), part);
        assert_eq!(asked("bytes=0-9", Some("\"old\"")), AskedRange::Whole);
    }
}
