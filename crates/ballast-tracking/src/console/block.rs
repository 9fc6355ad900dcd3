//! Lines as bytes, and stored bytes laid over each other.

use std::ops::Range;

use ballast_history::{Projection, RowBatch, ValueKind, decode_chunk, encode_chunk};
use ballast_meta::ConsolePart;
use ballast_model::MetricName;
use bytes::Bytes;

use super::{ConsoleLine, REWRITTEN_LINES};
use crate::{Result, TrackingError};

/// Consecutive lines as they are stored: a chunk of the history format, in which each line is a row of texts.
#[derive(Debug, Clone)]
pub(crate) struct EncodedConsole {
    pub(crate) lines: Range<u64>,
    /// Bytes of the texts before compression.
    pub(crate) n_bytes: u64,
    pub(crate) body: Bytes,
}

impl EncodedConsole {
    /// Whether these lines come from a script that started over.
    pub(crate) fn starts_over(&self, stored_lines: u64) -> bool {
        self.lines.start == 0 && stored_lines > self.lines.end + REWRITTEN_LINES
    }
}

/// What a line has of each of these keys, in their order.
const KEYS: [&str; 4] = ["time", "level", "label", TEXT];
const TEXT: &str = "text";

/// A line without its own memory.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineRef<'a> {
    values: [Option<&'a str>; KEYS.len()],
}

impl<'a> LineRef<'a> {
    fn of(line: &'a ConsoleLine) -> Self {
        let (time, level, label) = (&line.time, &line.level, &line.label);
        Self {
            values: [
                time.as_deref(),
                level.as_deref(),
                label.as_deref(),
                Some(&line.text),
            ],
        }
    }

    /// Bytes of its texts.
    pub(super) fn n_bytes(&self) -> u64 {
        self.values
            .iter()
            .flatten()
            .map(|text| text.len() as u64)
            .sum()
    }

    fn to_line(self) -> ConsoleLine {
        let [time, level, label, text] = self.values.map(|value| value.map(str::to_owned));
        ConsoleLine {
            time,
            level,
            label,
            text: text.unwrap_or_default(),
        }
    }
}

/// Encodes the lines of a report, the first of which is `offset`.
pub(crate) fn encode_console(offset: u64, lines: &[ConsoleLine]) -> EncodedConsole {
    let lines: Vec<LineRef<'_>> = lines.iter().map(LineRef::of).collect();
    encode(offset, &lines)
}

pub(super) fn encode(offset: u64, lines: &[LineRef<'_>]) -> EncodedConsole {
    let column = |index: usize| lines.iter().map(|line| line.values[index]).collect();
    let columns = KEYS.iter().enumerate();
    let columns = columns.map(|(index, key)| (*key, column(index)));
    EncodedConsole {
        lines: offset..offset + lines.len() as u64,
        n_bytes: lines.iter().map(LineRef::n_bytes).sum(),
        body: encode_chunk(&RowBatch::of_texts(lines.len(), columns)).body,
    }
}

/// Checks that a body holds console lines, as many as `lines`; else says what is wrong.
pub(crate) fn verify(body: &[u8], lines: &Range<u64>) -> std::result::Result<(), String> {
    let rows = decode_chunk(body, &Projection::All).map_err(|error| error.to_string())?;
    if rows.n_rows() as u64 != lines.end.saturating_sub(lines.start) {
        return Err(format!("holds {} lines", rows.n_rows()));
    }
    let strange = rows.columns().iter().find(|column| {
        column.kind() != ValueKind::String || !KEYS.contains(&column.name().as_str())
    });
    match strange {
        Some(column) => Err(format!("has values `{}`, which no line has", column.name())),
        None => Ok(()),
    }
}

/// Which of a line's values to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    All,
    Text,
}

/// Stored parts laid over each other: for each line, what the last part says that has it.
#[derive(Debug)]
pub(super) struct Overlay {
    lines: Range<u64>,
    parts: Vec<Part>,
    /// For each line the number of its part, counted from 1; 0 for a line that was never sent.
    top: Vec<u32>,
}

#[derive(Debug)]
struct Part {
    first_line: u64,
    rows: RowBatch,
    /// Where the columns of [`KEYS`] are among those of the rows.
    columns: [Option<usize>; KEYS.len()],
}

impl Overlay {
    /// Decodes parts, later ones over earlier ones; of them only `lines`.
    pub(super) fn decode(parts: &[ConsolePart], lines: Range<u64>, fields: Fields) -> Result<Self> {
        let keys = match fields {
            Fields::All => Projection::All,
            Fields::Text => Projection::only([MetricName::from_key(TEXT)]),
        };
        let n_lines = usize::try_from(lines.end.saturating_sub(lines.start))
            .map_err(TrackingError::internal)?;
        let mut overlay = Self {
            top: vec![0; n_lines],
            parts: Vec::with_capacity(parts.len()),
            lines,
        };
        for part in parts {
            let shown =
                part.lines.start.max(overlay.lines.start)..part.lines.end.min(overlay.lines.end);
            if shown.is_empty() {
                continue;
            }
            let rows = decode_chunk(&part.body, &keys).map_err(TrackingError::internal)?;
            let position = |key: &str| {
                let mut columns = rows.columns().iter();
                columns.position(|column| {
                    column.name().as_str() == key && column.kind() == ValueKind::String
                })
            };
            overlay.parts.push(Part {
                first_line: part.lines.start,
                columns: KEYS.map(position),
                rows,
            });
            let number = overlay.parts.len() as u32;
            let slots = overlay.slot(shown.start)..overlay.slot(shown.end);
            overlay.top[slots].fill(number);
        }
        Ok(overlay)
    }

    /// The lines, ascending, with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, LineRef<'_>)> {
        self.lines.clone().map(|number| (number, self.line(number)))
    }

    /// The texts, ascending, with the numbers of their lines.
    pub(super) fn texts(&self) -> impl Iterator<Item = (u64, &str)> {
        let text = KEYS.len() - 1;
        self.lines.clone().map(move |number| {
            let part = self.part(number);
            (
                number,
                part.and_then(|part| part.value(text, number))
                    .unwrap_or_default(),
            )
        })
    }

    /// One of the lines.
    pub(super) fn owned(&self, number: u64) -> ConsoleLine {
        self.line(number).to_line()
    }

    fn line(&self, number: u64) -> LineRef<'_> {
        let Some(part) = self.part(number) else {
            return LineRef::default();
        };
        LineRef {
            values: std::array::from_fn(|key| part.value(key, number)),
        }
    }

    fn part(&self, number: u64) -> Option<&Part> {
        let above = self.top[self.slot(number)].checked_sub(1)?;
        Some(&self.parts[above as usize])
    }

    fn slot(&self, number: u64) -> usize {
        (number - self.lines.start) as usize
    }
}

impl Part {
    fn value(&self, key: usize, number: u64) -> Option<&str> {
        let column = &self.rows.columns()[self.columns[key]?];
        column.text((number - self.first_line) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(offset: u64, texts: &[&str]) -> ConsolePart {
        let line = |text: &&str| ConsoleLine {
            text: (*text).to_owned(),
            ..ConsoleLine::default()
        };
        let lines: Vec<_> = texts.iter().map(line).collect();
        let encoded = encode_console(offset, &lines);
        ConsolePart {
            lines: encoded.lines,
            body: encoded.body,
        }
    }

    fn texts(parts: &[ConsolePart], lines: Range<u64>) -> Vec<String> {
        let overlay = Overlay::decode(parts, lines, Fields::Text).expect("own parts");
        overlay.texts().map(|(_, text)| text.to_owned()).collect()
    }

    #[test]
    fn later_parts_override_line_by_line() {
        let parts = [
            part(0, &["start", "10 %"]),
            part(1, &["50 %"]),
            part(1, &["100 %", "done"]),
        ];
        assert_eq!(texts(&parts, 0..3), ["start", "100 %", "done"]);
        assert_eq!(texts(&parts, 1..2), ["100 %"]);
    }

    #[test]
    fn lines_that_never_came_are_empty() {
        assert_eq!(texts(&[part(2, &["c"])], 0..4), ["", "", "c", ""]);
    }

    #[test]
    fn all_fields_come_back() {
        let lines = [
            ConsoleLine {
                time: Some("2026-01-02T03:04:05.123456".to_owned()),
                level: Some("error".to_owned()),
                label: Some("rank0".to_owned()),
                text: "\u{1b}[31mé\u{1b}[0m".to_owned(),
            },
            ConsoleLine::default(),
            ConsoleLine {
                label: Some(String::new()),
                ..ConsoleLine::default()
            },
        ];
        let encoded = encode_console(7, &lines);
        assert_eq!((encoded.lines.clone(), encoded.n_bytes), (7..10, 47));
        let part = ConsolePart {
            lines: encoded.lines,
            body: encoded.body,
        };
        let overlay = Overlay::decode(&[part], 7..10, Fields::All).expect("own part");
        let read: Vec<_> = (7..10).map(|number| overlay.owned(number)).collect();
        assert_eq!(read, lines);
    }

    #[test]
    fn lines_at_zero_far_from_the_end_start_over() {
        let lines = encode_console(
            0,
            &[const {
                ConsoleLine {
                    time: None,
                    level: None,
                    label: None,
                    text: String::new(),
                }
            }; 3],
        );
        assert!(!lines.starts_over(3 + REWRITTEN_LINES));
        assert!(lines.starts_over(4 + REWRITTEN_LINES));
    }
}
