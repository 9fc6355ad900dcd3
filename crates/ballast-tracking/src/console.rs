//! Console lines: what a run's process printed.
//!
//! Lines are rewritten all the time, because a progress bar moves its cursor up and prints again. So a later block of
//! lines overrides an earlier one line by line. The client's terminal rewrites at most its last 32 lines; a block that
//! begins at line 0 when far more lines are stored therefore comes from a script that started over, and replaces the
//! console.

use std::collections::VecDeque;
use std::ops::Range;

use ballast_history::{ParseLimits, Projection, decode_chunk, encode_chunk, parse_rows};
use ballast_meta::ConsoleChunk;
use ballast_model::RunPath;
use ballast_model::json::{Map, Value};
use bytes::Bytes;
use futures::Stream;
use futures::stream;

use crate::{Caller, Result, Tracking, TrackingError};

/// How many of its last lines a script may still rewrite; twice the client's own limit.
const REWRITTEN_LINES: u64 = 64;

/// Lines that are read at once when the console is streamed or searched.
const LINES_PER_READ: u64 = 20_000;

/// Most lines of one page.
const MAX_PAGE_LINES: usize = 5_000;

/// One line of a console.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsoleLine {
    /// When it was printed, as the client wrote it.
    pub time: Option<String>,
    /// `error` for what went to the error stream.
    pub level: Option<String>,
    /// Which process printed it, where several share a run.
    pub label: Option<String>,
    /// The text, with its ANSI escapes, without the line break.
    pub text: String,
}

/// Consecutive console lines.
#[derive(Debug, Clone, Default)]
pub struct ConsoleLines {
    /// The number of the first line.
    pub offset: u64,
    /// The lines.
    pub lines: Vec<ConsoleLine>,
}

/// A line with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedLine {
    /// Counted from 0.
    pub number: u64,
    /// The line; empty if it was never sent.
    pub line: ConsoleLine,
}

/// Which lines to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleRequest {
    /// The first line to consider.
    pub from: u64,
    /// At most so many lines; at most 5,000.
    pub limit: usize,
    /// Count `limit` from the end instead of from `from`.
    pub tail: bool,
    /// Only lines whose text, escapes left out, contains this in any case.
    pub search: Option<String>,
}

/// A page of a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePage {
    /// The lines, ascending.
    pub items: Vec<NumberedLine>,
    /// How many lines the console has.
    pub total: u64,
    /// How many lines fit the search from `from` on.
    pub n_matches: Option<u64>,
}

/// A block of lines as it is stored.
pub(crate) struct EncodedConsole {
    pub(crate) lines: Range<u64>,
    pub(crate) body: Bytes,
}

impl EncodedConsole {
    pub(crate) fn starts_over(&self, stored_lines: u64) -> bool {
        self.lines.start == 0 && stored_lines > self.lines.end + REWRITTEN_LINES
    }
}

const FIELDS: [&str; 4] = ["time", "level", "label", "text"];

/// Encodes lines as rows of the history format.
pub(crate) fn encode_console(console: ConsoleLines) -> EncodedConsole {
    let end = console.offset + console.lines.len() as u64;
    let rows: Vec<String> = console
        .lines
        .into_iter()
        .map(|line| {
            let values = [line.time, line.level, line.label, Some(line.text)];
            let members = FIELDS.into_iter().zip(values);
            let row: Map = members
                .filter_map(|(field, value)| Some((field.to_owned(), Value::String(value?))))
                .collect();
            Value::Map(row).to_text()
        })
        .collect();
    let parsed = parse_rows(rows.iter().map(String::as_bytes), &ParseLimits::default());
    EncodedConsole {
        lines: console.offset..end,
        body: encode_chunk(&parsed.batch).body,
    }
}

/// Lays stored blocks over each other; gives the lines `wanted` in order.
fn overlay(blocks: &[ConsoleChunk], wanted: Range<u64>) -> Result<Vec<NumberedLine>> {
    let mut lines: Vec<NumberedLine> = wanted
        .clone()
        .map(|number| NumberedLine {
            number,
            line: ConsoleLine::default(),
        })
        .collect();
    for block in blocks {
        let rows = decode_chunk(&block.body, &Projection::All).map_err(TrackingError::internal)?;
        for (number, mut row) in block.lines.clone().zip(rows.rows()) {
            if !wanted.contains(&number) {
                continue;
            }
            let mut text = |field: &str| match row.swap_remove(field) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            };
            let [time, level, label, content] = FIELDS.map(&mut text);
            let slot = usize::try_from(number - wanted.start).expect("a wanted line");
            lines[slot].line = ConsoleLine {
                time,
                level,
                label,
                text: content.unwrap_or_default(),
            };
        }
    }
    Ok(lines)
}

/// The text without ANSI escape sequences, in lower case, for searching.
fn searchable(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.extend(character.to_lowercase());
        } else if characters.next_if_eq(&'[').is_some() {
            // A control sequence ends with its first character from `@` to `~`.
            for parameter in characters.by_ref() {
                if ('@'..='~').contains(&parameter) {
                    break;
                }
            }
        }
    }
    plain
}

impl Tracking {
    /// A page of a run's console.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn console_lines(
        &self,
        caller: &Caller,
        path: &RunPath,
        request: &ConsoleRequest,
    ) -> Result<ConsolePage> {
        let run = self.get_run(caller, path).await?;
        let total = run.n_console_lines;
        let limit = request.limit.min(MAX_PAGE_LINES);
        let Some(search) = request
            .search
            .as_deref()
            .filter(|search| !search.is_empty())
        else {
            let first = if request.tail {
                total.saturating_sub(limit as u64)
            } else {
                request.from
            };
            let wanted = first.min(total)..first.saturating_add(limit as u64).min(total);
            return Ok(ConsolePage {
                items: self.read_console(run.key, wanted).await?,
                total,
                n_matches: None,
            });
        };
        let needle = search.to_lowercase();
        let mut items = VecDeque::new();
        let mut n_matches = 0;
        let mut first = request.from;
        while first < total {
            let end = first.saturating_add(LINES_PER_READ).min(total);
            let lines = self.read_console(run.key, first..end).await?;
            for line in lines
                .into_iter()
                .filter(|line| searchable(&line.line.text).contains(&needle))
            {
                n_matches += 1;
                if items.len() < limit || request.tail {
                    items.push_back(line);
                }
                if items.len() > limit {
                    items.pop_front();
                }
            }
            first = end;
        }
        Ok(ConsolePage {
            items: items.into(),
            total,
            n_matches: Some(n_matches),
        })
    }

    /// A run's whole console as text, one line each, escapes kept.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn console_text(
        &self,
        caller: &Caller,
        path: &RunPath,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        let run = self.get_run(caller, path).await?;
        let this = self.clone();
        let (key, total) = (run.key, run.n_console_lines);
        Ok(stream::try_unfold(0, move |first| {
            let this = this.clone();
            async move {
                if first >= total {
                    return Ok(None);
                }
                let end = (first + LINES_PER_READ).min(total);
                let mut text = String::new();
                for line in this.read_console(key, first..end).await? {
                    text.push_str(&line.line.text);
                    text.push('\n');
                }
                Ok(Some((Bytes::from(text), end)))
            }
        }))
    }

    async fn read_console(
        &self,
        run: ballast_model::RunKey,
        wanted: Range<u64>,
    ) -> Result<Vec<NumberedLine>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let blocks = self
            .inner
            .meta
            .read()
            .console_chunks(run, wanted.clone())
            .await?;
        tokio::task::spawn_blocking(move || overlay(&blocks, wanted))
            .await
            .map_err(TrackingError::internal)?
    }
}

#[cfg(test)]
mod tests {
    use ballast_meta::ConsoleKey;

    use super::*;

    fn block(key: i64, offset: u64, texts: &[&str]) -> ConsoleChunk {
        let line = |text: &&str| ConsoleLine {
            text: (*text).to_owned(),
            ..ConsoleLine::default()
        };
        let encoded = encode_console(ConsoleLines {
            offset,
            lines: texts.iter().map(line).collect(),
        });
        ConsoleChunk {
            key: ConsoleKey(key),
            lines: encoded.lines,
            body: encoded.body,
        }
    }

    fn texts(lines: &[NumberedLine]) -> Vec<&str> {
        lines.iter().map(|line| line.line.text.as_str()).collect()
    }

    #[test]
    fn later_blocks_override_line_by_line() {
        let blocks = [
            block(1, 0, &["start", "10 %"]),
            block(2, 1, &["50 %"]),
            block(3, 1, &["100 %", "done"]),
        ];
        assert_eq!(
            texts(&overlay(&blocks, 0..3).expect("own blocks")),
            ["start", "100 %", "done"]
        );
        assert_eq!(
            texts(&overlay(&blocks, 1..2).expect("own blocks")),
            ["100 %"]
        );
    }

    #[test]
    fn lines_that_never_came_are_empty() {
        let blocks = [block(1, 2, &["c"])];
        assert_eq!(
            texts(&overlay(&blocks, 0..4).expect("own blocks")),
            ["", "", "c", ""]
        );
    }

    #[test]
    fn all_fields_come_back() {
        let line = ConsoleLine {
            time: Some("2026-01-02T03:04:05.123456".to_owned()),
            level: Some("error".to_owned()),
            label: Some("rank0".to_owned()),
            text: "\u{1b}[31mé\u{1b}[0m".to_owned(),
        };
        let encoded = encode_console(ConsoleLines {
            offset: 7,
            lines: vec![line.clone()],
        });
        let chunk = ConsoleChunk {
            key: ConsoleKey(1),
            lines: encoded.lines,
            body: encoded.body,
        };
        assert_eq!(
            overlay(&[chunk], 7..8).expect("own block"),
            [NumberedLine { number: 7, line }]
        );
    }

    #[test]
    fn search_ignores_colours_and_case() {
        assert_eq!(searchable("\u{1b}[1;31mEpoch\u{1b}[0m 3"), "epoch 3");
        assert_eq!(searchable("cut \u{1b}["), "cut ");
    }

    #[test]
    fn a_block_at_zero_far_from_the_end_starts_over() {
        let block = encode_console(ConsoleLines {
            offset: 0,
            lines: vec![ConsoleLine::default(); 3],
        });
        assert!(!block.starts_over(3 + REWRITTEN_LINES));
        assert!(block.starts_over(4 + REWRITTEN_LINES));
    }
}
