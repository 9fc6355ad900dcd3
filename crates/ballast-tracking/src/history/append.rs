//! Appending what a run's process reports.

use std::sync::Arc;

use ballast_history::{
    EncodedChunk, Engine, ParseLimits, Projection, RejectedRow, RowBatch, Scan, ScannedRows,
    encode_chunks, parse_rows,
};
use ballast_meta::{
    Meta, MetaError, NewChunk, NewConsoleChunk, NewProblem, Piece, RunHead, RunPatch, Stream, Tx,
};
use ballast_model::json::Map;
use ballast_model::{FilePath, GenerationKey, RunKey, RunPath, RunState, Timestamp};
use bytes::Bytes;
use futures::TryStreamExt as _;

use super::chain;
use super::place::{Placement, place};
use crate::console::{ConsoleLines, EncodedConsole, encode_console};
use crate::runs::{map_text, run_not_found};
use crate::{Caller, Result, Tracking, TrackingError};

/// How often an append is planned anew because another writer was faster.
const MAX_ATTEMPTS: usize = 16;

/// How much of an unreadable line is kept to show, in bytes.
const EXCERPT_BYTES: usize = 200;

/// Most problems of one request that are kept with their text; the rest are only counted.
const MAX_KEPT_PROBLEMS: usize = 100;

/// Consecutive lines of a stream.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// The line number of the first.
    pub offset: u64,
    /// One JSON object each.
    pub lines: Vec<Bytes>,
}

/// One report of a run's process. Everything in it is stored in one transaction, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Append {
    /// The process that writes, where several share the run: offsets are then counted per writer, and the server
    /// numbers the steps.
    pub writer: Option<String>,
    /// Logged rows.
    pub history: Option<Lines>,
    /// System metrics.
    pub system: Option<Lines>,
    /// Console lines.
    pub console: Option<ConsoleLines>,
    /// The whole summary.
    pub summary: Option<Map>,
    /// Run files whose transfer is complete.
    pub uploaded: Vec<FilePath>,
    /// The process was told that it will be preempted.
    pub preempting: bool,
    /// The process ended with this code.
    pub exit_code: Option<i32>,
}

/// What the process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Someone asked the run to stop.
    pub stop_requested: bool,
    /// How many lines could not be read. They keep their places and are listed as problems.
    pub n_rejected: usize,
}

/// A line that was accepted but could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stream.
    pub stream: Stream,
    /// The line.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// The beginning of the line.
    pub excerpt: String,
    /// When it came.
    pub at: Timestamp,
}

/// The rows of one stream in a report, parsed and encoded once.
struct Batch {
    stream: Stream,
    offset: u64,
    rows: RowBatch,
    rejected: Vec<(RejectedRow, String)>,
    chunks: Vec<(std::ops::Range<usize>, EncodedChunk)>,
    digest: [u8; 16],
}

/// Where a batch goes, decided against a state of the run that the transaction checks again.
struct Plan {
    stream: Stream,
    /// The lines that the stream had when the plan was made.
    lines_before: u64,
    /// The chain that the plan was made against; `None` if the plan holds for any.
    chain: Option<Vec<Piece>>,
    /// Start a new generation at this line, masking what is stored from there on.
    start_over_at: Option<u64>,
    /// The chunks to store and the line of the first row of each.
    chunks: Vec<(u64, u64, Option<(i64, i64)>, EncodedChunk)>,
    /// The digest to remember, if the whole batch is new.
    digest: Option<(u64, u64, [u8; 16])>,
    /// The lines that the stream has afterwards.
    lines_after: u64,
    problems: Vec<NewProblem>,
    n_problems: u64,
    /// The writer's next offset, in shared mode.
    writer: Option<(String, u64, Option<u64>)>,
}

/// Everything of a report that does not depend on the state of the run.
struct Report {
    key: RunKey,
    summary: Option<String>,
    console: Option<EncodedConsole>,
    preempting: bool,
    exit_code: Option<i32>,
    now: Timestamp,
}

enum Committed {
    Done(Appended),
    /// Another writer was faster: plan anew.
    Outrun,
}

impl Tracking {
    /// Stores what a run's process reports, and keeps the run alive.
    ///
    /// When this returns, everything in the report survives a crash. The same report twice stores each line once. A
    /// line that cannot be read is no error: it keeps its place and is listed by [`Tracking::list_problems`].
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::TooLarge`] for a summary beyond the limit;
    /// [`TrackingError::Unavailable`] if it cannot be stored now.
    pub async fn append(
        &self,
        caller: &Caller,
        path: &RunPath,
        append: Append,
    ) -> Result<Appended> {
        let key = self.run_key(caller, path).await?;
        if !append.uploaded.is_empty() {
            self.settle_uploads(key, &append.uploaded).await?;
        }
        let limits = self.limits().clone();
        let now = self.inner.clock.now();
        let Append {
            writer,
            history,
            system,
            console,
            summary,
            preempting,
            exit_code,
            ..
        } = append;
        let (batches, console, summary) = tokio::task::spawn_blocking(move || {
            let summary = summary
                .map(|map| map_text("summary", &map, limits.config_bytes))
                .transpose()?;
            let console = console.map(encode_console);
            let batches: Vec<Batch> = [(Stream::History, history), (Stream::System, system)]
                .into_iter()
                .filter_map(|(stream, lines)| {
                    Some((stream, lines.filter(|lines| !lines.lines.is_empty())?))
                })
                .map(|(stream, lines)| Batch::parse(stream, &lines, limits.line_bytes))
                .collect();
            Ok::<_, TrackingError>((batches, console, summary))
        })
        .await
        .map_err(TrackingError::internal)??;
        let n_rows: usize = batches.iter().map(|batch| batch.rows.n_rows()).sum();
        let report = Arc::new(Report {
            key,
            summary,
            console,
            preempting,
            exit_code,
            now,
        });
        let batches = Arc::new(batches);
        // Writers of one run on this server wait for each other; only those on other servers can be outrun.
        let _turn = self.inner.append_turns.wait(key).await;
        for _ in 0..MAX_ATTEMPTS {
            let plans = self.plan(key, &batches, writer.as_deref(), now).await?;
            let (report, not_found) = (report.clone(), run_not_found(path));
            let committed = self
                .inner
                .meta
                .write(move |tx| {
                    Box::pin(async move { commit(tx, &report, plans).await?.ok_or(not_found) })
                })
                .await;
            match committed {
                Ok(Committed::Done(appended)) => {
                    metrics::counter!("ballast.history.rows").increment(n_rows as u64);
                    self.inner.live.poke();
                    return Ok(appended);
                }
                // A conflict means that another server stored the same lines.
                Ok(Committed::Outrun) | Err(TrackingError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(TrackingError::Unavailable(
            "too many writers at once on one run".into(),
        ))
    }

    /// The lines of a run that could not be read, newest first, at most 1,000.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn list_problems(&self, caller: &Caller, path: &RunPath) -> Result<Vec<Problem>> {
        let key = self.run_key(caller, path).await?;
        let problems = self.inner.meta.read().list_problems(key, 1_000).await?;
        Ok(problems
            .into_iter()
            .map(|problem| Problem {
                stream: problem.stream,
                line: problem.line,
                reason: problem.reason,
                excerpt: problem.excerpt,
                at: problem.at,
            })
            .collect())
    }

    async fn plan(
        &self,
        run: RunKey,
        batches: &[Batch],
        writer: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Plan>> {
        let mut plans = Vec::with_capacity(batches.len());
        if batches.is_empty() {
            return Ok(plans);
        }
        let head = self.inner.meta.read().run_head(run).await?;
        let Some(head) = head else { return Ok(plans) };
        for batch in batches {
            let plan = match writer {
                Some(writer) => plan_shared(&self.inner.meta, &head, batch, writer, now).await?,
                None => {
                    plan_exclusive(&self.inner.meta, &self.inner.engine, &head, batch, now).await?
                }
            };
            plans.push(plan);
        }
        Ok(plans)
    }
}

impl Batch {
    fn parse(stream: Stream, lines: &Lines, line_bytes: u64) -> Self {
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
                let excerpt =
                    String::from_utf8_lossy(&line[..line.len().min(EXCERPT_BYTES)]).into_owned();
                (rejected, excerpt.replace('\0', "\u{fffd}"))
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

    fn n_rows(&self) -> u64 {
        self.rows.n_rows() as u64
    }

    /// The problems among the rows `stored`, of which the first is at `line`.
    fn problems(
        &self,
        run: RunKey,
        stored: std::ops::Range<usize>,
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
}

/// Encodes rows whose first is at `line`.
fn chunks_at(rows: &RowBatch, line: u64) -> Vec<(u64, u64, Option<(i64, i64)>, EncodedChunk)> {
    located(rows, encode_chunks(rows), line)
}

fn located(
    rows: &RowBatch,
    chunks: Vec<(std::ops::Range<usize>, EncodedChunk)>,
    line: u64,
) -> Vec<(u64, u64, Option<(i64, i64)>, EncodedChunk)> {
    let single = chunks.len() == 1;
    chunks
        .into_iter()
        .map(|(range, chunk)| {
            let steps = if single {
                rows.step_range()
            } else {
                rows.slice(range.clone()).step_range()
            };
            (
                line + range.start as u64,
                line + range.end as u64,
                steps,
                chunk,
            )
        })
        .collect()
}

fn lines_of(head: &RunHead, stream: Stream) -> u64 {
    match stream {
        Stream::History => head.history_lines,
        Stream::System => head.system_lines,
        Stream::Console => head.console_lines,
    }
}

/// Plans rows of a run that one process writes: rows belong where their line numbers say.
async fn plan_exclusive(
    meta: &Meta,
    engine: &Engine,
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
        plan.chunks = located(&batch.rows, batch.chunks.clone(), batch.offset);
        plan.digest = Some((batch.offset, batch.n_rows(), batch.digest));
        (plan.problems, plan.n_problems) =
            batch.problems(head.key, 0..batch.rows.n_rows(), batch.offset, now);
        return Ok(plan);
    }
    let db = meta.read();
    let chain = db.chain(head.key, batch.stream).await?;
    for piece in &chain {
        let known = db
            .lookup_batch(piece.generation, batch.offset, batch.n_rows())
            .await?;
        if known == Some(batch.digest) {
            return Ok(plan);
        }
    }
    let view = chain::view(&db, head.key, batch.stream, batch.offset..end).await?;
    let covered: Vec<_> = view.iter().map(|part| part.visible.clone()).collect();
    let stored: Vec<ScannedRows> = engine
        .scan(&view, Scan::new(Projection::All))
        .try_collect()
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
async fn plan_shared(
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
        chunks: if rows.n_rows() == 0 {
            Vec::new()
        } else {
            chunks_at(&rows, lines_before)
        },
        digest: None,
        problems,
        n_problems,
        writer: Some((writer.to_owned(), end.max(next), known)),
    })
}

/// Stores a planned report; `None` if the run is gone.
async fn commit(tx: &Tx<'_>, report: &Report, plans: Vec<Plan>) -> Result<Option<Committed>> {
    let Some(head) = tx.lock_run(report.key).await? else {
        return Ok(None);
    };
    let mut patch = RunPatch {
        heartbeat_at: Some(report.now),
        ..RunPatch::default()
    };
    for plan in &plans {
        if !holds(tx, &head, plan).await? {
            return Ok(Some(Committed::Outrun));
        }
    }
    let mut n_rejected = 0;
    for plan in plans {
        n_rejected += plan.n_problems;
        match plan.stream {
            Stream::History => patch.history_lines = Some(plan.lines_after),
            Stream::System => patch.system_lines = Some(plan.lines_after),
            Stream::Console => {}
        }
        store(tx, report.key, plan).await?;
    }
    if n_rejected > 0 {
        patch.n_problems = Some(head.n_problems + n_rejected);
    }
    if let Some(console) = &report.console {
        patch.console_lines = Some(store_console(tx, &head, console).await?);
    }
    patch.summary.clone_from(&report.summary);
    let state = next_state(head.state, report);
    if state != head.state {
        patch.state = Some(state);
    }
    match report.exit_code {
        Some(code) => {
            patch.exit_code = Some(Some(code));
            patch.ended_at = Some(Some(report.now));
            patch.stop_requested = Some(false);
        }
        None if !head.state.is_live() => {
            patch.exit_code = Some(None);
            patch.ended_at = Some(None);
        }
        None => {}
    }
    tx.update_run(report.key, patch, report.now).await?;
    let stop_requested = head.stop_requested && report.exit_code.is_none();
    let n_rejected = usize::try_from(n_rejected).unwrap_or(usize::MAX);
    Ok(Some(Committed::Done(Appended {
        stop_requested,
        n_rejected,
    })))
}

fn next_state(state: RunState, report: &Report) -> RunState {
    let reported = if report.preempting {
        RunState::Preempting
    } else {
        state.on_report()
    };
    report
        .exit_code
        .map_or(reported, |code| reported.on_exit(code))
}

/// Whether the run is still as it was when the plan was made.
async fn holds(tx: &Tx<'_>, head: &RunHead, plan: &Plan) -> Result<bool, MetaError> {
    if lines_of(head, plan.stream) != plan.lines_before {
        return Ok(false);
    }
    if let Some((writer, _, known)) = &plan.writer
        && tx.writer_offset(head.key, plan.stream, writer).await? != *known
    {
        return Ok(false);
    }
    match &plan.chain {
        Some(chain) => Ok(tx.chain(head.key, plan.stream).await? == *chain),
        None => Ok(true),
    }
}

async fn store(tx: &Tx<'_>, run: RunKey, plan: Plan) -> Result<(), MetaError> {
    if !plan.chunks.is_empty() {
        let generation = generation_for(tx, run, &plan).await?;
        for (first_line, end_line, steps, EncodedChunk { index, body }) in plan.chunks {
            tx.insert_chunk(NewChunk {
                generation,
                lines: first_line..end_line,
                steps,
                index,
                body,
            })
            .await?;
        }
        if let Some((first_line, n_lines, digest)) = plan.digest {
            tx.insert_batch(generation, first_line, n_lines, digest)
                .await?;
        }
    }
    for problem in plan.problems {
        tx.insert_problem(problem).await?;
    }
    if let Some((writer, next, _)) = plan.writer {
        tx.set_writer_offset(run, plan.stream, &writer, next)
            .await?;
    }
    Ok(())
}

async fn generation_for(tx: &Tx<'_>, run: RunKey, plan: &Plan) -> Result<GenerationKey, MetaError> {
    match (plan.start_over_at, &plan.chain) {
        (Some(line), Some(chain)) => chain::branch(tx, run, plan.stream, chain, line).await,
        (_, Some(chain)) => {
            // A hole is filled in the generation that shows its line.
            let line = plan.chunks[0].0;
            match chain::visible(chain).find(|(_, lines)| lines.contains(&line)) {
                Some((generation, _)) => Ok(generation),
                None => chain::open_generation(tx, run, plan.stream).await,
            }
        }
        (_, None) => chain::open_generation(tx, run, plan.stream).await,
    }
}

/// Stores console lines; returns how many lines the console has then.
async fn store_console(
    tx: &Tx<'_>,
    head: &RunHead,
    console: &EncodedConsole,
) -> Result<u64, MetaError> {
    let mut lines_before = head.console_lines;
    if console.starts_over(lines_before) {
        tx.clear_console(head.key).await?;
        lines_before = 0;
    }
    let chunk = NewConsoleChunk {
        run: head.key,
        lines: console.lines.clone(),
        body: console.body.clone(),
    };
    tx.insert_console_chunk(chunk).await?;
    Ok(lines_before.max(console.lines.end))
}
