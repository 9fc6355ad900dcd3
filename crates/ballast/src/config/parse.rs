//! Reading values. An error is what is wrong with the text, or empty if the key's "expected" says it all.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::secret::Secret;

/// A path that is not empty.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(PathBuf::from(text))
}

/// Anything whose own parser says what is wrong.
pub(super) fn from_str<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// A text that is not empty.
pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(text.to_owned())
}

/// A secret that is not empty.
pub(super) fn secret(value: &str) -> Result<Secret, String> {
    text(value).map(Secret::new)
}

/// An address of the web without a path, query or credentials.
pub(super) fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_bare {
        return Err(String::new());
    }
    Ok(url)
}

/// Whole seconds, or numbers with units: `90`, `90s`, `1h30m`. Never zero.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(seconds.into()),
        Err(_) => text
            .parse::<SignedDuration>()
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok())
            .ok_or_else(String::new)?,
    };
    if duration.is_zero() {
        return Err("it is zero".to_owned());
    }
    Ok(duration)
}

/// Bytes, or a number with a unit: `4096`, `16 MiB`, `2GB`. Never zero.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits_end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let number: u64 = digits.parse().map_err(|_| String::new())?;
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        unit => return Err(format!("`{unit}` is no unit of size")),
    };
    match number.checked_mul(factor) {
        None => Err("it is too large".to_owned()),
        Some(0) => Err("it is zero".to_owned()),
        Some(bytes) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, origin, size};

    #[test]
    fn sizes() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("16 MiB"), Ok(16 << 20));
        assert_eq!(size("2GB"), Ok(2_000_000_000));
        assert_eq!(size("0"), Err("it is zero".to_owned()));
        assert_eq!(size("1 mb"), Err("`mb` is no unit of size".to_owned()));
        assert_eq!(size("MiB"), Err(String::new()));
        assert_eq!(size("-1"), Err(String::new()));
        assert_eq!(size("99999999999 TiB"), Err("it is too large".to_owned()));
    }

    #[test]
    fn durations() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("0s"), Err("it is zero".to_owned()));
        assert_eq!(duration("-5m"), Err(String::new()));
        assert_eq!(duration("soon"), Err(String::new()));
    }

    #[test]
    fn origins() {
        for good in ["https://ballast.example.org", "http://127.0.0.1:8080/"] {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in [
            "ballast.example.org",
            "ftp://example.org",
            "https://example.org/ballast",
            "https://ada:secret@example.org",
            "https://example.org/?a=b",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
