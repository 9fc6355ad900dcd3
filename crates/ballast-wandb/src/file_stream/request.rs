//! The body of a file stream request.

use std::borrow::Cow;

use ballast_model::FilePath;
use ballast_model::json::{JsonError, Kind, Map, Number, Reader, Value};
use ballast_tracking::console::ConsoleLines;
use ballast_tracking::history::{Append, Lines};
use bytes::Bytes;

use super::console::parse_console_line;

/// What a request says, and what of it could not be used.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Everything for [`ballast_tracking::Tracking::append`] but the writer.
    pub(super) append: Append,
    /// Parts that were left out because they were unreadable: summaries and names of uploaded files. Unreadable rows
    /// are not among them: they keep their place in `append` and are reported there.
    pub(super) n_unusable: usize,
}

const HISTORY: &str = "wandb-history.jsonl";
const EVENTS: &str = "wandb-events.jsonl";
const SUMMARY: &str = "wandb-summary.json";
const CONSOLE: &str = "output.log";

/// Reads a body once. Rows stay the bytes that they are; the history engine parses them into columns.
///
/// A summary of more than `max_summary_bytes` counts as unreadable.
///
/// # Errors
/// [`JsonError`] if the body as a whole is not JSON, or is no object: nothing of it can be used.
pub(super) fn parse_request(body: &[u8], max_summary_bytes: u64) -> Result<Request, JsonError> {
    let mut request = Request::default();
    let mut reader = Reader::new(body);
    let mut complete = false;
    let mut exit_code = None;
    let mut first = true;
    reader.peek()?;
    reader.begin_object()?;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        match (key.as_ref(), reader.peek()?) {
            ("files", Kind::Object) => read_files(&mut reader, &mut request, max_summary_bytes)?,
            ("uploaded", Kind::Array) => read_uploaded(&mut reader, &mut request)?,
            ("preempting", Kind::Bool) => request.append.preempting = reader.bool()?,
            ("complete", Kind::Bool) => complete = reader.bool()?,
            ("exitcode", Kind::Number) => {
                exit_code = match reader.number()? {
                    Number::Int(code) => Some(i32::try_from(code).unwrap_or(i32::MAX)),
                    Number::Float(code) => Some(code as i32),
                    Number::Big(_) => None,
                };
            }
            _ => drop(reader.skip()?),
        }
    }
    reader.end()?;
    // The client sends both together. A run that completed without saying how did not fail.
    request.append.exit_code = complete.then(|| exit_code.unwrap_or(0));
    Ok(request)
}

fn read_files(
    reader: &mut Reader<'_>,
    request: &mut Request,
    max_summary_bytes: u64,
) -> Result<(), JsonError> {
    reader.begin_object()?;
    let mut first = true;
    while let Some(name) = reader.next_key(first)? {
        first = false;
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            continue;
        }
        match name.as_ref() {
            HISTORY => request.append.history = Some(read_lines(reader)?),
            EVENTS => request.append.system = Some(read_lines(reader)?),
            SUMMARY => {
                let summary = read_lines(reader)?.lines;
                if let Some(last) = summary.last() {
                    match Value::parse(last) {
                        Ok(Value::Map(summary)) if last.len() as u64 <= max_summary_bytes => {
                            request.append.summary = Some(summary);
                        }
                        Ok(_) | Err(_) => request.n_unusable += 1,
                    }
                }
            }
            CONSOLE => {
                let Lines { offset, lines } = read_lines(reader)?;
                let lines = lines.iter().map(|line| parse_console_line(line)).collect();
                request.append.console = Some(ConsoleLines { offset, lines });
            }
            _ => drop(reader.skip()?),
        }
    }
    Ok(())
}

/// Reads `{"offset": …, "content": […]}`.
///
/// An element that is no string keeps its place as its own JSON text, so that the lines behind it keep theirs.
fn read_lines(reader: &mut Reader<'_>) -> Result<Lines, JsonError> {
    let mut lines = Lines::default();
    reader.begin_object()?;
    let mut first = true;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        match (key.as_ref(), reader.peek()?) {
            ("offset", Kind::Number) => {
                lines.offset = match reader.number()? {
                    Number::Int(offset) => u64::try_from(offset).unwrap_or(0),
                    Number::Float(offset) => offset as u64,
                    Number::Big(_) => u64::MAX,
                };
            }
            ("content", Kind::Array) => {
                reader.begin_array()?;
                while reader.next_item(lines.lines.is_empty())? {
                    let line = match reader.peek()? {
                        Kind::String => reader.string_bytes()?,
                        _ => Cow::Borrowed(reader.skip()?),
                    };
                    lines.lines.push(match line {
                        Cow::Borrowed(line) => Bytes::copy_from_slice(line),
                        Cow::Owned(line) => Bytes::from(line),
                    });
                }
            }
            _ => drop(reader.skip()?),
        }
    }
    Ok(lines)
}

fn read_uploaded(reader: &mut Reader<'_>, request: &mut Request) -> Result<(), JsonError> {
    reader.begin_array()?;
    let mut first = true;
    while reader.next_item(first)? {
        first = false;
        let path = match reader.peek()? {
            Kind::String => FilePath::new(reader.string()?).ok(),
            _ => reader.skip().map(|_| None)?,
        };
        match path {
            Some(path) => request.append.uploaded.push(path),
            None => request.n_unusable += 1,
        }
    }
    Ok(())
}

/// The writer that a request of an old client in shared mode names inside its rows instead of in a header.
pub(super) fn writer_in_rows(append: &Append) -> Option<String> {
    let client_id = |map: &Map| map.get("_client_id")?.as_str().map(str::to_owned);
    let in_row = |lines: &Lines| match Value::parse(lines.lines.first()?) {
        Ok(Value::Map(row)) => client_id(&row),
        Ok(_) | Err(_) => None,
    };
    append
        .history
        .as_ref()
        .and_then(in_row)
        .or_else(|| append.system.as_ref().and_then(in_row))
        .or_else(|| append.summary.as_ref().and_then(client_id))
}

#[cfg(test)]
mod tests {
    use ballast_model::json::JsonErrorKind;
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Append {
        parse_request(body.as_bytes(), 1000)
            .expect("the body is valid")
            .append
    }

    fn texts(lines: &Lines) -> Vec<&str> {
        let texts = lines.lines.iter();
        texts
            .map(|line| std::str::from_utf8(line).expect("test lines are UTF-8"))
            .collect()
    }

    #[test]
    fn a_heartbeat_is_empty() {
        let append = parse("{}");
        assert!(
            append.history.is_none() && append.exit_code.is_none() && append.uploaded.is_empty()
        );
    }

    #[test]
    fn every_part_is_read() {
        let append = parse(
            r#"{"files": {
                "wandb-history.jsonl": {"offset": 7, "content": ["{\"_step\": 1, \"x\": NaN}", "{}"]},
                "wandb-events.jsonl": {"content": ["{\"system.cpu\": 1}"], "offset": 2},
                "wandb-summary.json": {"offset": 0, "content": ["{\"x\": Infinity}"]},
                "output.log": {"offset": 3, "content": ["{\"ts\":\"2026-01-02T03:04:05.123456\",\"content\":\"hi\"}"]},
                "other.txt": {"offset": 0, "content": ["x"]}
              }, "uploaded": ["a/b.png"], "preempting": true, "complete": true, "exitcode": 3, "dropped": 0}"#,
        );
        let history = append.history.expect("there is history");
        assert_eq!(
            (history.offset, texts(&history)),
            (7, vec!["{\"_step\": 1, \"x\": NaN}", "{}"])
        );
        let system = append.system.expect("there are events");
        assert_eq!(
            (system.offset, texts(&system)),
            (2, vec!["{\"system.cpu\": 1}"])
        );
        let summary = append.summary.expect("there is a summary");
        assert_eq!(summary["x"].as_f64(), Some(f64::INFINITY));
        let console = append.console.expect("there is output");
        assert_eq!((console.offset, console.lines[0].text.as_str()), (3, "hi"));
        assert_eq!(append.uploaded, [FilePath::new("a/b.png").expect("valid")]);
        assert!(append.preempting);
        assert_eq!(append.exit_code, Some(3));
    }

    #[test]
    fn an_exit_code_counts_only_with_completion() {
        assert_eq!(parse(r#"{"exitcode": 1}"#).exit_code, None);
        assert_eq!(
            parse(r#"{"complete": false, "exitcode": 1}"#).exit_code,
            None
        );
        assert_eq!(
            parse(r#"{"exitcode": 255, "complete": true}"#).exit_code,
            Some(255)
        );
        assert_eq!(
            parse(r#"{"complete": true, "exitcode": null}"#).exit_code,
            Some(0)
        );
    }

    #[test]
    fn lines_that_are_no_strings_keep_their_place() {
        let append = parse(
            r#"{"files":{"wandb-history.jsonl":{"offset":0,"content":["{}",null,{"a":1},"{}"]}}}"#,
        );
        let history = append.history.expect("there is history");
        assert_eq!(texts(&history), ["{}", "null", "{\"a\":1}", "{}"]);
    }

    #[test]
    fn invalid_utf8_stays_in_its_line() {
        let body = b"{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":[\"{}\",\"\xff\",\"{}\"]}}}";
        let append = parse_request(body, 1000)
            .expect("the frame is valid")
            .append;
        let history = append.history.expect("there is history");
        assert_eq!(history.lines[1], b"\xff"[..]);
        assert_eq!(history.lines.len(), 3);
    }

    #[test]
    fn unusable_parts_are_counted() {
        let body = br#"{"files":{"wandb-summary.json":{"offset":0,"content":["{\"x\": "]}},"uploaded":["../x",1,"ok"]}"#;
        let request = parse_request(body, 1000).expect("the frame is valid");
        assert!(request.append.summary.is_none());
        assert_eq!(request.append.uploaded.len(), 1);
        assert_eq!(request.n_unusable, 3);
    }

    #[test]
    fn a_body_that_is_cut_off_or_no_object_is_refused() {
        let whole = r#"{"files":{"wandb-history.jsonl":{"offset":0,"content":["{}"]}}}"#;
        for end in 0..whole.len() {
            assert!(
                parse_request(&whole.as_bytes()[..end], 1000).is_err(),
                "{end}"
            );
        }
        let kind = |body: &str| {
            parse_request(body.as_bytes(), 1000)
                .expect_err("refused")
                .kind
        };
        assert_eq!(kind("[]"), JsonErrorKind::Unexpected);
        assert_eq!(kind("{} {}"), JsonErrorKind::Trailing);
    }

    #[test]
    fn offsets_out_of_range_do_not_wrap() {
        let offset = |text: &str| {
            let body = format!(
                r#"{{"files":{{"wandb-history.jsonl":{{"offset":{text},"content":[]}}}}}}"#
            );
            parse(&body).history.expect("there is history").offset
        };
        assert_eq!(offset("-5"), 0);
        assert_eq!(offset("3.0"), 3);
        assert_eq!(offset("99999999999999999999999"), u64::MAX);
        assert_eq!(offset("NaN"), 0);
    }

    #[test]
    fn old_clients_name_their_writer_in_the_rows() {
        let append = parse(
            r#"{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\"_client_id\":\"w1\"}"]}}}"#,
        );
        assert_eq!(writer_in_rows(&append).as_deref(), Some("w1"));
        let append = parse(
            r#"{"files":{"wandb-summary.json":{"offset":0,"content":["{\"_client_id\":\"w2\"}"]}}}"#,
        );
        assert_eq!(writer_in_rows(&append).as_deref(), Some("w2"));
        assert_eq!(writer_in_rows(&parse("{}")), None);
    }

    proptest! {
        #[test]
        fn lines_come_back_as_they_were_sent(lines in prop::collection::vec(".{0,20}", 0..8)) {
            let content = serde_json::to_string(&lines).expect("strings serialise");
            let body = format!(r#"{{"files":{{"wandb-history.jsonl":{{"offset":0,"content":{content}}}}}}}"#);
            let history = parse(&body).history.expect("there is history");
            prop_assert_eq!(texts(&history), lines);
        }

        #[test]
        fn any_body_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_request(&body, 1000);
        }
    }
}
