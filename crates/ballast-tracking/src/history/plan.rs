//! Plans: where the rows of a batch go, decided against a state of the run that the transaction checks again.

use ballast_history::{Projection, RowBatch, Scan, ScannedRows};
use ballast_meta::{Meta, NewProblem, Piece, RunHead, Stream};
use ballast_model::Timestamp;
use futures::TryStreamExt as _;

use super::batch::{Batch, PlacedChunk, chunks_at};
use super::place::{Placement, place};
use crate::{Result, Tracking};

/// Where a batch goes, decided against a state of the run that the transaction checks again.
pub(super) struct Plan {
    pub(super) stream: Stream,
    /// The lines that the stream had when the plan was made.
    pub(super) lines_before: u64,
    /// The chain that the plan was made against; `None` if the plan holds for any.
    pub(super) chain: Option<Vec<Piece>>,
    /// Start a new generation at this line, masking what is stored from there on.
    pub(super) start_over_at: Option<u64>,
    /// The chunks to store, in line order.
    pub(super) chunks: Vec<PlacedChunk>,
    /// The digest to remember, if the whole batch is new.
    pub(super) digest: Option<(u64, u64, [u8; 16])>,
    /// The lines that the stream has afterwards.
    pub(super) lines_after: u64,
    pub(super) problems: Vec<NewProblem>,
    pub(super) n_problems: u64,
    /// The writer's next offset, in shared mode.
    pub(super) writer: Option<(String, u64, Option<u64>)>,
}

/// How many lines a stream of the run has.
pub(super) fn lines_of(head: &RunHead, stream: Stream) -> u64 {
    match stream {
        Stream::History => head.history_lines,
        Stream::System => head.system_lines,
        Stream::Console => head.console_lines,
        Stream::Summary => 1,
    }
}

/// Plans rows of a run that one process writes: rows belong where their line numbers say.
pub(super) async fn plan_exclusive(
    tracking: &Tracking,
    head: &RunHead,
    batch: &Batch,
    now: Timestamp,
) -> Result<Plan> {
    let lines_before = lines_of(head, batch.stream);
    let end = batch.offset + batch.n_rows();
    let mut plan = Plan {
        stream: batch.stream,
        lines_before,
        chain: None,
        start_over_at: None,
        chunks: Vec::new(),
        digest: None,
        lines_after: lines_before.max(end),
        problems: Vec::new(),
        n_problems: 0,
        writer: None,
    };
    if batch.offset >= lines_before {
        plan.chunks = batch.placed();
        plan.digest = Some((batch.offset, batch.n_rows(), batch.digest));
        (plan.problems, plan.n_problems) =
            batch.problems(head.key, 0..batch.rows.n_rows(), batch.offset, now);
        return Ok(plan);
    }
    let db = tracking.inner.meta.read();
    let chain = db.chain(head.key, batch.stream).await?;
    for piece in &chain {
        let known = db
            .lookup_batch(piece.generation, batch.offset, batch.n_rows())
            .await?;
        if known == Some(batch.digest) {
            return Ok(plan);
        }
    }
    let lines = batch.offset..end;
    let (covered, stored) = tracking
        .read_view(head.key, batch.stream, lines, |view| {
            let covered: Vec<_> = view.iter().map(|part| part.visible.clone()).collect();
            let found = tracking
                .inner
                .engine
                .scan(&view, Scan::new(Projection::All));
            async move { Ok((covered, found.try_collect::<Vec<ScannedRows>>().await?)) }
        })
        .await?;
    let stored = ScannedRows {
        lines: stored
            .iter()
            .flat_map(|rows| rows.lines.iter().copied())
            .collect(),
        batch: RowBatch::concat(
            &stored
                .into_iter()
                .map(|rows| rows.batch)
                .collect::<Vec<_>>(),
        ),
    };
    plan.chain = Some(chain);
    match place(&batch.rows, batch.offset, &covered, &stored) {
        Placement::Fill(missing) => {
            for range in missing {
                let line = batch.offset + range.start as u64;
                let (problems, count) = batch.problems(head.key, range.clone(), line, now);
                plan.problems.extend(problems);
                plan.n_problems += count;
                plan.chunks
                    .extend(chunks_at(&batch.rows.slice(range), line));
            }
        }
        Placement::StartOver(row) => {
            let range = row..batch.rows.n_rows();
            let line = batch.offset + row as u64;
            (plan.problems, plan.n_problems) = batch.problems(head.key, range.clone(), line, now);
            plan.chunks = chunks_at(&batch.rows.slice(range), line);
            plan.start_over_at = Some(line);
            plan.lines_after = end;
        }
    }
    Ok(plan)
}

/// Plans rows of a run that several processes write: each counts its own lines, and its rows go behind all others.
pub(super) async fn plan_shared(
    meta: &Meta,
    head: &RunHead,
    batch: &Batch,
    writer: &str,
    now: Timestamp,
) -> Result<Plan> {
    let lines_before = lines_of(head, batch.stream);
    let known = meta
        .read()
        .writer_offset(head.key, batch.stream, writer)
        .await?;
    let next = known.unwrap_or(0);
    let end = batch.offset + batch.n_rows();
    let skip = usize::try_from(next.saturating_sub(batch.offset).min(batch.n_rows()))
        .expect("at most the rows");
    let fresh = skip..batch.rows.n_rows();
    let (problems, n_problems) = batch.problems(head.key, fresh.clone(), lines_before, now);
    let mut rows = batch.rows.slice(fresh);
    // The line number serves as step: it grows with every row, whoever wrote it.
    rows.assign_steps(lines_before as i64);
    Ok(Plan {
        stream: batch.stream,
        lines_before,
        chain: None,
        start_over_at: None,
        lines_after: lines_before + rows.n_rows() as u64,
        chunks: chunks_at(&rows, lines_before),
        digest: None,
        problems,
        n_problems,
        writer: Some((writer.to_owned(), end.max(next), known)),
    })
}
