//! Console lines, as objects of newer clients and as plain text of older ones.

use ballast_model::json::{Kind, Reader};
use ballast_tracking::console::ConsoleLine;

/// The level of a line that went to standard error.
const ERROR_LEVEL: &str = "error";

/// Reads one line in whichever form it has.
///
/// Every line means something: what is neither an object with a text `content` nor starts with a time is taken as it
/// is. Bytes that are no UTF-8 become U+FFFD.
pub(super) fn parse_console_line(line: &[u8]) -> ConsoleLine {
    structured(line).unwrap_or_else(|| plain(&String::from_utf8_lossy(line)))
}

/// Reads `{"level": "error", "ts": "…", "label": "…", "content": "…"}`.
///
/// A script may print JSON itself, so an object without the client's time is the script's own text.
fn structured(line: &[u8]) -> Option<ConsoleLine> {
    if !line.starts_with(b"{") {
        return None;
    }
    let mut reader = Reader::new(line);
    let mut console = ConsoleLine::default();
    let mut content = None;
    let mut first = true;
    reader.begin_object().ok()?;
    while let Some(key) = reader.next_key(first).ok()? {
        first = false;
        if reader.peek().ok()? != Kind::String {
            reader.skip().ok()?;
            continue;
        }
        let bytes = reader.string_bytes().ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match key.as_ref() {
            "ts" => console.time = Some(text),
            "level" => console.level = Some(text),
            "label" => console.label = Some(text),
            "content" => content = Some(text),
            _ => {}
        }
    }
    reader.end().ok()?;
    console.time.as_ref()?;
    let text = without_line_end(&content?).to_owned();
    Some(ConsoleLine { text, ..console })
}

/// Reads `[ERROR ]<time> <content>`. A label cannot be told from content and stays in it.
fn plain(line: &str) -> ConsoleLine {
    let line = without_line_end(line);
    let (level, rest) = match line.strip_prefix("ERROR ") {
        Some(rest) => (Some(ERROR_LEVEL.to_owned()), rest),
        None => (None, line),
    };
    let (time, text) = rest.split_once(' ').unwrap_or((rest, ""));
    if is_time(time) {
        let (time, text) = (Some(time.to_owned()), text.to_owned());
        ConsoleLine {
            time,
            level,
            label: None,
            text,
        }
    } else {
        let text = line.to_owned();
        ConsoleLine {
            text,
            ..ConsoleLine::default()
        }
    }
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Whether `text` looks like `2026-01-02T03:04:05`, with or without a fraction.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let (seconds, fraction) = bytes.split_at(SHAPE.len().min(bytes.len()));
    seconds.len() == SHAPE.len()
        && seconds.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            separator => byte == separator,
        })
        && (fraction.is_empty()
            || fraction
                .strip_prefix(b".")
                .is_some_and(|rest| rest.iter().all(u8::is_ascii_digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(
        time: Option<&str>,
        level: Option<&str>,
        label: Option<&str>,
        text: &str,
    ) -> ConsoleLine {
        ConsoleLine {
            time: time.map(str::to_owned),
            level: level.map(str::to_owned),
            label: label.map(str::to_owned),
            text: text.to_owned(),
        }
    }

    const TIME: Option<&str> = Some("2026-01-02T03:04:05.123456");

    #[test]
    fn objects_name_their_parts() {
        let text = br#"{"level":"error","ts":"2026-01-02T03:04:05.123456","label":"rank0","content":"\u001b[31mred"}"#;
        assert_eq!(
            parse_console_line(text),
            line(TIME, Some("error"), Some("rank0"), "\u{1b}[31mred")
        );
    }

    #[test]
    fn plain_text_starts_with_its_time() {
        let parse = |text: &str| parse_console_line(text.as_bytes());
        assert_eq!(
            parse("2026-01-02T03:04:05.123456 step 1"),
            line(TIME, None, None, "step 1")
        );
        assert_eq!(
            parse("ERROR 2026-01-02T03:04:05.123456 bad\n"),
            line(TIME, Some("error"), None, "bad")
        );
        assert_eq!(
            parse("2026-01-02T03:04:05.123456 "),
            line(TIME, None, None, "")
        );
        assert_eq!(
            parse("2026-01-02T03:04:05.123456"),
            line(TIME, None, None, "")
        );
    }

    #[test]
    fn everything_else_is_text() {
        for text in [
            "",
            "ERROR no time",
            "{\"content\": \"the script's own\"}",
            "{\"ts\": \"2026",
            "12:00 hi",
        ] {
            assert_eq!(
                parse_console_line(text.as_bytes()),
                line(None, None, None, text)
            );
        }
        assert_eq!(parse_console_line(b"a\xffb").text, "a\u{fffd}b");
    }
}
