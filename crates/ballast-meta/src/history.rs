//! History: generations and their chains, chunks, batches, segments, writers, console, leases, problems.
//!
//! Line numbers count the rows of a stream from 0. A generation is an append-only log of rows; what a run shows of
//! its generations is its chain of [`Piece`]s. Chunks and segments hold rows as bytes that this crate never opens.

mod console;
mod digests;
mod masked;
mod read;
mod records;
mod write;

use std::ops::Range;

use ballast_model::RunKey;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};

pub use records::{
    ChunkHead, ChunkKey, ConsoleBlockHead, ConsoleBlockKey, ConsoleChunkHead, ConsoleFoldQuery,
    ConsoleKey, ConsolePart, ConsolePlace, FoldCandidate, FoldPage, FoldQuery, MaskedLines,
    NewChunk, NewConsolePart, NewProblem, NewSegment, Piece, ProblemRecord, SegmentKey,
    SegmentRecord, Stream,
};

use crate::row::int;

fn select_chunks() -> SelectStatement {
    Query::select()
        .columns([
            "chunk_key",
            "generation_key",
            "first_line",
            "end_line",
            "min_step",
            "max_step",
            "n_bytes",
        ])
        .from("chunks")
        .to_owned()
}

const SEGMENT_COLUMNS: [&str; 9] = [
    "generation_key",
    "first_line",
    "end_line",
    "min_step",
    "max_step",
    "object_key",
    "n_bytes",
    "checksum",
    "index",
];

fn select_segments() -> SelectStatement {
    Query::select()
        .column("segment_key")
        .columns(SEGMENT_COLUMNS)
        .from("segments")
        .to_owned()
}

/// Rows with `first_line` and `end_line` that share a line with `lines`.
fn overlaps(lines: &Range<u64>) -> Expr {
    Expr::col("first_line")
        .lt(int(lines.end))
        .and(Expr::col("end_line").gt(int(lines.start)))
}

fn is_stream(run: RunKey, stream: Stream) -> Expr {
    Expr::col("run_key")
        .eq(run.0)
        .and(Expr::col("stream").eq(stream.code()))
}

/// Rows of `generations` that a run outside `runs` shows in its chain.
pub(crate) fn shown_by_others(runs: &SelectStatement) -> Expr {
    Expr::exists(pieces_of_others(runs).column("ordinal").to_owned())
}

/// From the pieces that show the row of `generations` at hand, those of runs outside `runs`.
fn pieces_of_others(runs: &SelectStatement) -> SelectStatement {
    Query::select()
        .from("pieces")
        .and_where(
            Expr::col(("pieces", "generation_key")).equals(("generations", "generation_key")),
        )
        .and_where(Expr::col(("pieces", "run_key")).not_in_subquery(runs.clone()))
        .to_owned()
}
