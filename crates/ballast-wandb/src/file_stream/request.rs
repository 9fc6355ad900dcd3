//! The body of a file stream request.

use std::borrow::Cow;

use ballast_model::FilePath;
use ballast_model::json::{JsonError, Kind, Map, Number, Reader, Value};
use ballast_tracking::console::ConsoleLines;
use ballast_tracking::history::{Append, Lines};
use bytes::Bytes;
use thiserror::Error;

use super::console::parse_console_line;

/// What a request says, and what of it could not be used.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Everything for [`ballast_tracking::Tracking::append`] but the writer.
    pub(super) append: Append,
    /// Names of uploaded files that were left out because they were unreadable. Unreadable rows and summaries are not
    /// among them: they are in `append` and reported there.
    pub(super) n_unusable: usize,
}

const HISTORY: &str = "wandb-history.jsonl";
const EVENTS: &str = "wandb-events.jsonl";
const SUMMARY: &str = "wandb-summary.json";
const CONSOLE: &str = "output.log";

/// Why nothing of a body can be used.
#[derive(Debug, Error)]
pub(super) enum RequestError {
    /// It is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A part that we know is not what it should be.
    #[error("`{part}` is not {expected}")]
    Shape {
        part: String,
        expected: &'static str,
    },
}

/// Reads a body once. Rows and the summary stay the bytes that they are; they are parsed where they are stored.
///
/// # Errors
/// [`RequestError`] if the body as a whole is not what the client sends: nothing of it can be used.
pub(super) fn parse_request(body: &[u8]) -> Result<Request, RequestError> {
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
            ("files", Kind::Object) => read_files(&mut reader, &mut request)?,
            ("files", kind) if kind != Kind::Null => return Err(shape("files", "an object")),
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

fn shape(part: &str, expected: &'static str) -> RequestError {
    RequestError::Shape {
        part: part.to_owned(),
        expected,
    }
}

fn read_files(reader: &mut Reader<'_>, request: &mut Request) -> Result<(), RequestError> {
    reader.begin_object()?;
    let mut first = true;
    while let Some(name) = reader.next_key(first)? {
        first = false;
        let is_known = [HISTORY, EVENTS, SUMMARY, CONSOLE].contains(&name.as_ref());
        if !is_known {
            reader.skip()?;
            continue;
        }
        let file = read_lines(reader, &name)?;
        match name.as_ref() {
            HISTORY => request.append.history = Some(file),
            EVENTS => request.append.system = Some(file),
            SUMMARY => request.append.summary = file.lines.into_iter().next_back(),
            _ => {
                let Lines { offset, lines } = file;
                let lines = lines.iter().map(|line| parse_console_line(line)).collect();
                request.append.console = Some(ConsoleLines { offset, lines });
            }
        }
    }
    Ok(())
}

/// Reads `{"offset": …, "content": […]}`.
///
/// An element that is no string keeps its place as its own JSON text, so that the lines behind it keep theirs.
fn read_lines(reader: &mut Reader<'_>, name: &str) -> Result<Lines, RequestError> {
    let mut lines = Lines::default();
    let mut offset = None;
    if reader.peek()? != Kind::Object {
        return Err(shape(name, "an object"));
    }
    reader.begin_object()?;
    let mut first = true;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        match (key.as_ref(), reader.peek()?) {
            ("offset", Kind::Number) => {
                offset = match reader.number()? {
                    Number::Int(offset) => u64::try_from(offset).ok(),
                    Number::Float(_) | Number::Big(_) => None,
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
            ("content", _) => return Err(shape(&format!("{name}.content"), "a list")),
            _ => drop(reader.skip()?),
        }
    }
    lines.offset =
        offset.ok_or_else(|| shape(&format!("{name}.offset"), "a line number from 0"))?;
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
    let in_text = |text: &Bytes| match Value::parse(text) {
        Ok(Value::Map(map)) => client_id(&map),
        Ok(_) | Err(_) => None,
    };
    let in_row = |lines: &Lines| in_text(lines.lines.first()?);
    append
        .history
        .as_ref()
        .and_then(in_row)
        .or_else(|| append.system.as_ref().and_then(in_row))
        .or_else(|| in_text(append.summary.as_ref()?))
}

#[cfg(test)]
mod tests {
    use ballast_model::json::JsonErrorKind;
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Append {
        parse_request(body.as_bytes())
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
        assert_eq!(summary, r#"{"x": Infinity}"#);
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
        let append = parse_request(body).expect("the frame is valid").append;
        let history = append.history.expect("there is history");
        assert_eq!(history.lines[1], b"\xff"[..]);
        assert_eq!(history.lines.len(), 3);
    }

    #[test]
    fn unusable_parts_are_counted() {
        let request =
            parse_request(br#"{"uploaded":["../x",1,"ok"]}"#).expect("the frame is valid");
        assert_eq!(request.append.uploaded.len(), 1);
        assert_eq!(request.n_unusable, 2);
    }

    #[test]
    fn a_body_that_is_cut_off_or_no_object_is_refused() {
        let whole = r#"{"files":{"wandb-history.jsonl":{"offset":0,"content":["{}"]}}}"#;
        for end in 0..whole.len() {
            assert!(parse_request(&whole.as_bytes()[..end]).is_err(), "{end}");
        }
        let kind = |body: &str| match parse_request(body.as_bytes()).expect_err("refused") {
            RequestError::Json(error) => error.kind,
            RequestError::Shape { .. } => panic!("not JSON"),
        };
        assert_eq!(kind("[]"), JsonErrorKind::Unexpected);
        assert_eq!(kind("{} {}"), JsonErrorKind::Trailing);
    }

    #[test]
    fn a_known_part_of_another_shape_is_refused() {
        for (body, message) in [
            (r#"{"files":3}"#, "`files` is not an object"),
            (
                r#"{"files":{"output.log":[]}}"#,
                "`output.log` is not an object",
            ),
            (
                r#"{"files":{"output.log":{"offset":0,"content":"x"}}}"#,
                "`output.log.content` is not a list",
            ),
        ] {
            let error = parse_request(body.as_bytes()).expect_err("refused");
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn offsets_that_are_no_line_numbers_are_refused() {
        for offset in [
            "-5",
            "3.5",
            "99999999999999999999999",
            "NaN",
            "\"0\"",
            "null",
        ] {
            let body = format!(
                r#"{{"files":{{"wandb-history.jsonl":{{"offset":{offset},"content":["{{}}"]}}}}}}"#
            );
            let error = parse_request(body.as_bytes()).expect_err(offset);
            let message = "`wandb-history.jsonl.offset` is not a line number from 0";
            assert_eq!(error.to_string(), message, "{offset}");
        }
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
            let _ = parse_request(&body);
        }
    }
}
