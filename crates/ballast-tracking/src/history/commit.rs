//! The transaction that stores a report.

use ballast_meta::{
    MetaError, NewChunk, NewConsolePart, NewProblem, RunHead, RunPatch, Stream, Tx,
};
use ballast_model::json::{Map, Value};
use ballast_model::{GenerationKey, RunKey, RunState, Timestamp};

use super::append::Appended;
use super::batch::PlacedChunk;
use super::chain;
use super::plan::{Plan, lines_of};
use crate::Result;
use crate::console::{ConsoleLines, EncodedConsole, encode_console};
use crate::runs::map_text;

/// Everything of a report that does not depend on the state of the run.
pub(super) struct Report {
    pub(super) key: RunKey,
    pub(super) writer: Option<String>,
    pub(super) summary: Option<Map>,
    pub(super) summary_problem: Option<NewProblem>,
    pub(super) summary_limit: u64,
    pub(super) console: Option<ReportedConsole>,
    pub(super) preempting: bool,
    pub(super) exit_code: Option<i32>,
    pub(super) now: Timestamp,
}

/// Console lines of a report.
pub(super) enum ReportedConsole {
    /// Those of the only writer lie where it says.
    Placed(EncodedConsole),
    /// Where those of one of several writers lie depends on the others.
    Shared(String, ConsoleLines),
}

/// How the transaction ended.
pub(super) enum Committed {
    Done(Appended),
    /// Another writer was faster: plan anew.
    Outrun,
}

/// Stores a planned report; `None` if the run is gone.
pub(super) async fn commit(
    tx: &Tx<'_>,
    report: &Report,
    plans: Vec<Plan>,
) -> Result<Option<Committed>> {
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
    if let Some(problem) = &report.summary_problem {
        n_rejected += 1;
        tx.insert_problem(problem.clone()).await?;
    }
    for plan in plans {
        n_rejected += plan.n_problems;
        match plan.stream {
            Stream::History => patch.history_lines = Some(plan.lines_after),
            Stream::System => patch.system_lines = Some(plan.lines_after),
            Stream::Console | Stream::Summary => {}
        }
        store(tx, report.key, plan).await?;
    }
    if n_rejected > 0 {
        patch.n_problems = Some(head.n_problems + n_rejected);
    }
    let console = match &report.console {
        Some(ReportedConsole::Placed(console)) => Some(console.clone()),
        Some(ReportedConsole::Shared(writer, console)) => {
            let placed = shared_console(tx, &head, writer, console.clone()).await?;
            placed.map(|placed| encode_console(placed.offset, &placed.lines))
        }
        None => None,
    };
    if let Some(console) = console {
        patch.console_lines = Some(store_console(tx, &head, console).await?);
    }
    if let Some(summary) = &report.summary {
        let whole = match &report.writer {
            Some(_) => merged_summary(tx, report.key, summary).await?,
            None => summary.clone(),
        };
        patch.summary = Some(map_text("summary", &whole, report.summary_limit)?);
    }
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
        for PlacedChunk {
            lines,
            steps,
            chunk,
        } in plan.chunks
        {
            tx.insert_chunk(NewChunk {
                generation,
                lines,
                steps,
                index: chunk.index,
                body: chunk.body,
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
            let line = plan.chunks[0].lines.start;
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
    console: EncodedConsole,
) -> Result<u64, MetaError> {
    let mut lines_before = head.console_lines;
    if console.starts_over(lines_before) {
        tx.clear_console(head.key).await?;
        lines_before = 0;
    }
    let end = console.lines.end;
    let chunk = NewConsolePart {
        run: head.key,
        lines: console.lines,
        n_bytes: console.n_bytes,
        body: console.body,
    };
    tx.insert_console_chunk(chunk).await?;
    Ok(lines_before.max(end))
}

/// Where console lines of one writer of a shared run go: behind all others.
///
/// A writer may rewrite its last lines as long as they are the last of all; once another writer has printed behind
/// them they stay as they are. `None` if nothing is new.
async fn shared_console(
    tx: &Tx<'_>,
    head: &RunHead,
    writer: &str,
    mut console: ConsoleLines,
) -> Result<Option<ConsoleLines>, MetaError> {
    // Beside the writer's own next line: where its last block ended among all lines.
    let end_of = format!("{writer}/end");
    let next = tx
        .writer_offset(head.key, Stream::Console, writer)
        .await?
        .unwrap_or(0);
    let last_end = tx.writer_offset(head.key, Stream::Console, &end_of).await?;
    let is_last = last_end == Some(head.console_lines);
    let own_end = console.offset + console.lines.len() as u64;
    let repeated = next.saturating_sub(console.offset);
    if is_last && repeated <= head.console_lines {
        console.offset = head.console_lines - repeated;
    } else {
        let n_repeated = usize::try_from(repeated)
            .unwrap_or(usize::MAX)
            .min(console.lines.len());
        console.lines.drain(..n_repeated);
        console.offset = head.console_lines;
    }
    if console.lines.is_empty() {
        return Ok(None);
    }
    let end = head
        .console_lines
        .max(console.offset + console.lines.len() as u64);
    tx.set_writer_offset(head.key, Stream::Console, writer, next.max(own_end))
        .await?;
    tx.set_writer_offset(head.key, Stream::Console, &end_of, end)
        .await?;
    Ok(Some(console))
}

/// The stored summary with what one writer of a shared run adds.
async fn merged_summary(tx: &Tx<'_>, run: RunKey, added: &Map) -> Result<Map> {
    let stored = tx
        .run(run)
        .await?
        .map(|record| record.documents.summary)
        .unwrap_or_default();
    let mut merged = match Value::parse(stored.as_bytes()) {
        Ok(Value::Map(map)) => map,
        _ => Map::new(),
    };
    merged.extend(added.clone());
    Ok(merged)
}
