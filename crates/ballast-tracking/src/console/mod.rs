//! Console lines: what a run's process printed.
//!
//! Lines are rewritten all the time, because a progress bar moves its cursor up and prints again. So a later chunk of
//! lines overrides an earlier one line by line. In the background, chunks are folded into blocks, which have no line in
//! common; chunks that come later override those too, so nothing has to be known of which lines are still rewritten.
//!
//! The client's terminal rewrites at most its last 32 lines; a chunk that begins at line 0 when far more lines are
//! stored therefore comes from a script that started over, and replaces the console.

mod block;
mod fold;
mod search;

use std::collections::VecDeque;
use std::ops::Range;

use ballast_meta::{ConsoleBlockHead, ConsolePart};
use ballast_model::{RunKey, RunPath};
use bytes::Bytes;
use futures::stream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};

use crate::{Caller, Result, Tracking, TrackingError};

pub(crate) use block::{EncodedConsole, encode_console, verify};
pub use search::ConsoleSearch;

use block::{Fields, Overlay};
use search::Matcher;

/// How many of its last lines a script may still rewrite; twice the client's own limit.
const REWRITTEN_LINES: u64 = 64;

/// Lines that are read at once when a whole console is read, unless one block has more.
const PIECE_LINES: u64 = 8_192;
/// Bytes of text that are read at once, in blocks, unless one block has more.
const PIECE_BYTES: u64 = 2 << 20;
/// Pieces that are read at the same time for one answer.
const PIECES_AT_ONCE: usize = 4;

/// Most lines of one page.
const MAX_PAGE_LINES: usize = 5_000;
/// Matches that are counted at most, if the page is full.
const MAX_COUNTED: u64 = 100_000;

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
    /// Only lines in which this is found.
    pub search: Option<ConsoleSearch>,
}

/// A page of a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePage {
    /// The lines, ascending.
    pub items: Vec<NumberedLine>,
    /// How many lines the console has.
    pub total: u64,
    /// How many lines fit the search, of those from `from` to the end or to `next_from`.
    pub n_matches: Option<u64>,
    /// Where to go on searching, if so much was found that the search stopped before the end.
    pub next_from: Option<u64>,
}

/// What a piece of a console has of a search.
struct Found {
    n_matches: u64,
    lines: Vec<NumberedLine>,
}

impl Tracking {
    /// A page of a run's console.
    ///
    /// A search of the whole console counts its matches, up to 100,000; it reads on behind a full page for that. With
    /// `tail`, it counts all.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Invalid`] for a pattern that cannot be used.
    pub async fn console_lines(
        &self,
        caller: &Caller,
        path: &RunPath,
        request: &ConsoleRequest,
    ) -> Result<ConsolePage> {
        let run = self.get_run(caller, path).await?;
        let total = run.n_console_lines;
        let limit = request.limit.min(MAX_PAGE_LINES);
        if let Some(search) = &request.search {
            let matcher = Matcher::new(search)?;
            return self.search_console(run.key, total, request, matcher).await;
        }
        let first = if request.tail {
            total.saturating_sub(limit as u64)
        } else {
            request.from
        };
        let wanted = first.min(total)..first.saturating_add(limit as u64).min(total);
        let items = self
            .read_console(run.key, wanted.clone(), move |parts| {
                let overlay = Overlay::decode(&parts, wanted.clone(), Fields::All)?;
                Ok(numbered(&overlay, wanted))
            })
            .await?;
        Ok(ConsolePage {
            items,
            total,
            n_matches: None,
            next_from: None,
        })
    }

    async fn search_console(
        &self,
        run: RunKey,
        total: u64,
        request: &ConsoleRequest,
        matcher: Matcher,
    ) -> Result<ConsolePage> {
        let (limit, tail) = (request.limit.min(MAX_PAGE_LINES), request.tail);
        let pieces = self.console_pieces(run, request.from..total).await?;
        let mut found = stream::iter(pieces)
            .map(|piece| {
                let mut matcher = matcher.clone();
                async move {
                    let end = piece.end;
                    let found = self
                        .read_console(run, piece.clone(), move |parts| {
                            search_piece(&parts, piece, &mut matcher, limit, tail)
                        })
                        .await?;
                    Ok::<_, TrackingError>((end, found))
                }
            })
            .buffered(PIECES_AT_ONCE);
        let mut items = VecDeque::new();
        let mut n_matches = 0;
        let mut next_from = None;
        while let Some((end, piece)) = found.try_next().await? {
            n_matches += piece.n_matches;
            items.extend(piece.lines);
            if tail {
                items.drain(..items.len().saturating_sub(limit));
            } else {
                items.truncate(limit);
                if items.len() == limit && n_matches >= MAX_COUNTED && end < total {
                    next_from = Some(end);
                    break;
                }
            }
        }
        Ok(ConsolePage {
            items: items.into(),
            total,
            n_matches: Some(n_matches),
            next_from,
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
        let pieces = self.console_pieces(run.key, 0..run.n_console_lines).await?;
        let this = self.clone();
        let texts = stream::iter(pieces).map(move |piece| {
            let this = this.clone();
            async move {
                let read = this.read_console(run.key, piece.clone(), move |parts| {
                    let overlay = Overlay::decode(&parts, piece, Fields::Text)?;
                    let mut text = String::new();
                    for (_, line) in overlay.texts() {
                        text.push_str(line);
                        text.push('\n');
                    }
                    Ok(Bytes::from(text))
                });
                read.await
            }
        });
        Ok(texts.buffered(PIECES_AT_ONCE))
    }

    /// Cuts `lines` into pieces that can be read one after the other, each block in one of them only.
    async fn console_pieces(&self, run: RunKey, lines: Range<u64>) -> Result<Vec<Range<u64>>> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let db = self.inner.meta.read();
        let blocks = db.console_blocks(run, lines.clone()).await?;
        Ok(pieces(lines, &blocks))
    }

    /// Hands what is stored of `lines` to `read`, away from the async threads.
    async fn read_console<T: Send + 'static>(
        &self,
        run: RunKey,
        lines: Range<u64>,
        read: impl FnOnce(Vec<ConsolePart>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let parts = if lines.is_empty() {
            Vec::new()
        } else {
            self.inner.meta.read().console_parts(run, lines).await?
        };
        tokio::task::spawn_blocking(move || read(parts))
            .await
            .map_err(TrackingError::internal)?
    }
}

/// Cuts at the ends of blocks, and where there are none by number.
fn pieces(lines: Range<u64>, blocks: &[ConsoleBlockHead]) -> Vec<Range<u64>> {
    let mut pieces = Vec::new();
    let mut start = lines.start;
    let mut cut_until = |end: u64, at_most: u64| {
        while start < end {
            let next = end.min(start.saturating_add(at_most));
            pieces.push(start..next);
            start = next;
        }
    };
    // The blocks of the piece at hand: where they end, and their bytes.
    let mut open: Option<(u64, u64, u64)> = None;
    for block in blocks {
        let shown = block.lines.start.max(lines.start)..block.lines.end.min(lines.end);
        open = match open {
            Some((first, end, n_bytes))
                if end == shown.start
                    && shown.end - first <= PIECE_LINES
                    && n_bytes + block.n_bytes <= PIECE_BYTES =>
            {
                Some((first, shown.end, n_bytes + block.n_bytes))
            }
            before => {
                if let Some((_, end, _)) = before {
                    cut_until(end, u64::MAX);
                }
                cut_until(shown.start, PIECE_LINES);
                Some((shown.start, shown.end, block.n_bytes))
            }
        };
    }
    if let Some((_, end, _)) = open {
        cut_until(end, u64::MAX);
    }
    cut_until(lines.end, PIECE_LINES);
    pieces
}

fn numbered(overlay: &Overlay, numbers: impl IntoIterator<Item = u64>) -> Vec<NumberedLine> {
    let numbers = numbers.into_iter();
    numbers
        .map(|number| NumberedLine {
            number,
            line: overlay.owned(number),
        })
        .collect()
}

/// Counts the matches, and gives the first `limit` of them, or the last.
fn search_piece(
    parts: &[ConsolePart],
    piece: Range<u64>,
    matcher: &mut Matcher,
    limit: usize,
    tail: bool,
) -> Result<Found> {
    let overlay = Overlay::decode(parts, piece.clone(), Fields::Text)?;
    let matches: Vec<u64> = overlay
        .texts()
        .filter(|(_, text)| matcher.is_match(text))
        .map(|(number, _)| number)
        .collect();
    let n_left_out = matches.len().saturating_sub(limit);
    let shown = if tail {
        &matches[n_left_out..]
    } else {
        &matches[..matches.len() - n_left_out]
    };
    let lines = if shown.is_empty() {
        Vec::new()
    } else {
        let overlay = Overlay::decode(parts, piece, Fields::All)?;
        numbered(&overlay, shown.iter().copied())
    };
    Ok(Found {
        n_matches: matches.len() as u64,
        lines,
    })
}

#[cfg(test)]
mod tests {
    use ballast_meta::ConsoleBlockKey;

    use super::*;

    fn block(lines: Range<u64>, n_bytes: u64) -> ConsoleBlockHead {
        ConsoleBlockHead {
            key: ConsoleBlockKey(1),
            lines,
            n_bytes,
        }
    }

    #[test]
    fn pieces_end_where_blocks_do() {
        let blocks = [
            block(0..4000, 1),
            block(4000..8000, 1),
            block(8000..12_000, PIECE_BYTES),
            block(12_000..12_001, 1),
            block(30_000..50_000, 1),
        ];
        let cut = [
            0..8000,
            8000..12_000,
            12_000..12_001,
            12_001..20_193,
            20_193..28_385,
            28_385..30_000,
            30_000..50_000,
            50_000..50_010,
        ];
        assert_eq!(pieces(0..50_010, &blocks), cut);
        assert_eq!(pieces(3999..9000, &blocks[..2]), [3999..8000, 8000..9000]);
        assert_eq!(pieces(5..5, &[]), []);
    }
}
