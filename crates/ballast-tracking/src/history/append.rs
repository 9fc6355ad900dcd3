//! Appending what a run's process reports.

use std::sync::Arc;

use ballast_meta::Stream;
use ballast_model::{FilePath, RunKey, RunPath, Timestamp};
use bytes::Bytes;

use super::batch::{Batch, read_summary};
use super::commit::{Committed, Report, ReportedConsole, commit};
use super::plan::{Plan, plan_exclusive, plan_shared};
use crate::console::{ConsoleLines, encode_console};
use crate::runs::run_not_found;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// How often an append is planned anew because another writer was faster.
const MAX_ATTEMPTS: usize = 16;

/// No line has a number beyond this, so that counting never overflows.
const MAX_LINE: u64 = i64::MAX as u64;

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
    /// The whole summary, one JSON object; of a writer of a shared run, what it adds.
    pub summary: Option<Bytes>,
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

impl Tracking {
    /// Stores what a run's process reports, and keeps the run alive.
    ///
    /// When this returns, everything in the report survives a crash. The same report twice stores each line once. A
    /// line that cannot be read is no error: it keeps its place and is listed by [`Tracking::list_problems`].
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Invalid`] for impossible line numbers;
    /// [`TrackingError::Unavailable`] if it cannot be stored now.
    pub async fn append(
        &self,
        caller: &Caller,
        path: &RunPath,
        append: Append,
    ) -> Result<Appended> {
        let key = self.run_key(caller, path, Access::Write).await?;
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
        let streams = [(Stream::History, history), (Stream::System, system)];
        for lines in streams.iter().filter_map(|(_, lines)| lines.as_ref()) {
            check_offset(lines.offset, lines.lines.len())?;
        }
        if let Some(console) = &console {
            check_offset(console.offset, console.lines.len())?;
        }
        let by = writer.clone();
        let (batches, console, summary) = tokio::task::spawn_blocking(move || {
            let batches: Vec<Batch> = streams
                .into_iter()
                .filter_map(|(stream, lines)| {
                    Some((stream, lines.filter(|lines| !lines.lines.is_empty())?))
                })
                .map(|(stream, lines)| Batch::parse(stream, &lines, limits.line_bytes))
                .collect();
            let console = console.filter(|console| !console.lines.is_empty());
            let console = console.map(|console| match by {
                Some(writer) => ReportedConsole::Shared(writer, console),
                None => ReportedConsole::Placed(encode_console(console.offset, &console.lines)),
            });
            (
                batches,
                console,
                summary.map(|text| read_summary(key, &text, limits.config_bytes, now)),
            )
        })
        .await
        .map_err(TrackingError::internal)?;
        let (summary, summary_problem) = match summary {
            Some(Ok(summary)) => (Some(summary), None),
            Some(Err(problem)) => (None, Some(problem)),
            None => (None, None),
        };
        let n_rows: usize = batches.iter().map(|batch| batch.rows.n_rows()).sum();
        let report = Arc::new(Report {
            key,
            writer: writer.clone(),
            summary,
            summary_problem,
            summary_limit: self.limits().config_bytes,
            console,
            preempting,
            exit_code,
            now,
        });
        let batches = Arc::new(batches);
        // Writers of one run on this server wait for each other; only those on other servers can be outrun.
        let _turn = self.inner.append_turns.wait(key.0).await;
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
        let key = self.run_key(caller, path, Access::Read).await?;
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
                None => plan_exclusive(self, &head, batch, now).await?,
            };
            plans.push(plan);
        }
        Ok(plans)
    }
}

/// Refuses line numbers beyond what can be counted.
fn check_offset(offset: u64, n_lines: usize) -> Result<()> {
    let end = offset.checked_add(n_lines as u64);
    if end.is_none_or(|end| end > MAX_LINE) {
        return Err(TrackingError::Invalid(format!(
            "line {offset} is beyond the last possible line {MAX_LINE}"
        )));
    }
    Ok(())
}
