//! The rows of one stream in a report: parsed and encoded once, before anything is decided about them.

use std::ops::Range;

use ballast_history::{
    EncodedChunk, ParseLimits, RejectedRow, RowBatch, encode_chunks, parse_rows,
};
use ballast_meta::{NewProblem, Stream};
use ballast_model::json::{Map, Value};
use ballast_model::{RunKey, Timestamp};
use bytes::Bytes;

use super::append::Lines;

/// How much of an unreadable line is kept to show, in bytes.
const EXCERPT_BYTES: usize = 200;

/// Most problems of one request that are kept with their text; the rest are only counted.
const MAX_KEPT_PROBLEMS: usize = 100;

/// The rows of one stream in a report, parsed and encoded once.
pub(super) struct Batch {
    pub(super) stream: Stream,
    pub(super) offset: u64,
    pub(super) rows: RowBatch,
    rejected: Vec<(RejectedRow, String)>,
    chunks: Vec<(Range<usize>, EncodedChunk)>,
    pub(super) digest: [u8; 16],
}

/// A chunk and the lines that it holds.
pub(super) struct PlacedChunk {
    pub(super) lines: Range<u64>,
    /// The smallest and the largest step in it, if any row has a step.
    pub(super) steps: Option<(i64, i64)>,
    pub(super) chunk: EncodedChunk,
}

impl Batch {
    pub(super) fn parse(stream: Stream, lines: &Lines, line_bytes: u64) -> Self {
        let too_long = |line: &Bytes| line.len() as u64 > line_bytes;
        let readable = lines
            .lines
            .iter()
            .map(|line| if too_long(line) { &b""[..] } else { &line[..] });
        let parsed = parse_rows(readable, &ParseLimits::default());
        let rejected = parsed
            .rejected
            .into_iter()
            .map(|mut rejected| {
                let line = &lines.lines[rejected.index];
                if too_long(line) {
                    rejected.reason = format!(
                        "the line has {} bytes; the limit is {line_bytes}",
                        line.len()
                    );
                }
                (rejected, excerpt(line))
            })
            .collect();
        let chunks = encode_chunks(&parsed.batch);
        let mut hasher = blake3::Hasher::new();
        for (_, chunk) in &chunks {
            hasher.update(&chunk.body);
        }
        let digest = hasher.finalize().as_bytes()[..16]
            .try_into()
            .expect("16 of 32 bytes");
        Self {
            stream,
            offset: lines.offset,
            rows: parsed.batch,
            rejected,
            chunks,
            digest,
        }
    }

    pub(super) fn n_rows(&self) -> u64 {
        self.rows.n_rows() as u64
    }

    /// The problems among the rows `stored`, of which the first is at `line`.
    pub(super) fn problems(
        &self,
        run: RunKey,
        stored: Range<usize>,
        line: u64,
        now: Timestamp,
    ) -> (Vec<NewProblem>, u64) {
        let found = self
            .rejected
            .iter()
            .filter(|(rejected, _)| stored.contains(&rejected.index));
        let count = found.clone().count() as u64;
        let kept = found
            .take(MAX_KEPT_PROBLEMS)
            .map(|(rejected, excerpt)| NewProblem {
                run,
                stream: self.stream,
                line: line + (rejected.index - stored.start) as u64,
                reason: rejected.reason.clone(),
                excerpt: excerpt.clone(),
                at: now,
            })
            .collect();
        (kept, count)
    }

    /// All its chunks, the first row at the batch's own offset.
    pub(super) fn placed(&self) -> Vec<PlacedChunk> {
        placed(&self.rows, self.chunks.clone(), self.offset)
    }
}

/// Encodes rows whose first is at `line`.
pub(super) fn chunks_at(rows: &RowBatch, line: u64) -> Vec<PlacedChunk> {
    if rows.n_rows() == 0 {
        return Vec::new();
    }
    placed(rows, encode_chunks(rows), line)
}

fn placed(
    rows: &RowBatch,
    chunks: Vec<(Range<usize>, EncodedChunk)>,
    line: u64,
) -> Vec<PlacedChunk> {
    let is_single = chunks.len() == 1;
    let place = |(range, chunk): (Range<usize>, EncodedChunk)| PlacedChunk {
        lines: line + range.start as u64..line + range.end as u64,
        steps: if is_single {
            rows.step_range()
        } else {
            rows.slice(range).step_range()
        },
        chunk,
    };
    chunks.into_iter().map(place).collect()
}

/// Reads a summary. One that cannot be read is a problem of the run, like an unreadable row.
pub(super) fn read_summary(
    run: RunKey,
    text: &Bytes,
    limit: u64,
    now: Timestamp,
) -> Result<Map, NewProblem> {
    let reason = match Value::parse(text) {
        _ if text.len() as u64 > limit => {
            format!("the summary has {} bytes; the limit is {limit}", text.len())
        }
        Ok(Value::Map(summary)) => return Ok(summary),
        Ok(_) => "the summary is not a JSON object".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(NewProblem {
        run,
        stream: Stream::Summary,
        line: 0,
        reason,
        excerpt: excerpt(text),
        at: now,
    })
}

/// The beginning of a line that cannot be read.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(EXCERPT_BYTES)]).into_owned();
    text.replace('\0', "\u{fffd}")
}
