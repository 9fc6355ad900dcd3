//! Reading rows.

use std::collections::BTreeSet;
use std::ops::Range;

use ballast_history::{
    Engine, Projection, ReadError, RowFilter, STEP, Scan, ScannedRows, SourceError, View,
};
use ballast_meta::Stream;
use ballast_model::json::{Map, Value};
use ballast_model::{MetricName, RunKey, RunPath};
use futures::{StreamExt as _, TryStreamExt as _};

use super::chain;
use super::turns::LEAST_BYTES;
use crate::runs::Run;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// A row as it was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line in its stream.
    pub line: u64,
    /// The values, nested as logged.
    pub values: Map,
}

/// Which rows to read, in line order.
#[derive(Debug, Clone, Default)]
pub struct RowsRequest {
    /// Only rows that have any of these keys, and of them only these keys and the step, runtime and time.
    pub keys: Option<Vec<MetricName>>,
    /// Least step, inclusive.
    pub min_step: Option<i64>,
    /// Greatest step, exclusive.
    pub end_step: Option<i64>,
    /// Only rows behind this line.
    pub after_line: Option<u64>,
    /// At most so many.
    pub limit: usize,
    /// No further row once they have so many values together; no such bound if `None`.
    pub max_values: Option<usize>,
}

/// Rows of a run, in line order.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPage<T = Row> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there may be more, left out because these have [`RowsRequest::max_values`].
    pub is_cut: bool,
}

/// Which rows to sample evenly.
#[derive(Debug, Clone, Default)]
pub struct SampledRows {
    /// Only rows that have all of these keys, and of them only these keys.
    pub keys: Option<Vec<MetricName>>,
    /// Least step, inclusive.
    pub min_step: Option<i64>,
    /// Greatest step, exclusive.
    pub end_step: Option<i64>,
    /// At most so many.
    pub samples: usize,
}

/// How often a read begins anew because a fold moved its rows.
pub(super) const MAX_READS: usize = 8;

/// So many values are rows at the same time, of which each takes some hundred bytes.
const VALUES_AT_ONCE: usize = 100_000;

/// What a page of rows as texts counts for among the answers.
const TEXTS_BYTES: usize = 2 * LEAST_BYTES;

/// A page of rows as texts has no more bytes.
const MAX_TEXTS_BYTES: usize = 256 << 20;

/// The columns that tell where a row stands.
pub(super) const POSITION_KEYS: [&str; 3] =
    [STEP, ballast_history::RUNTIME, ballast_history::TIMESTAMP];

impl Tracking {
    /// Rows of a run, in line order, complete and exact.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn rows(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
        request: &RowsRequest,
    ) -> Result<RowPage> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let _turn = self.inner.reads.wait(LEAST_BYTES).await?;
        self.read_rows(run, stream, request, |row| row, |_| 0).await
    }

    /// The same as JSON texts.
    ///
    /// # Errors
    /// As [`Tracking::rows`], and [`TrackingError::Invalid`] if the texts have more than 256 MiB together.
    pub async fn row_texts(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
        request: &RowsRequest,
    ) -> Result<Vec<String>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let _turn = self.inner.reads.wait(TEXTS_BYTES).await?;
        let text = |row: Row| Value::Map(row.values).to_text();
        let page = self
            .read_rows(run, stream, request, text, String::len)
            .await?;
        Ok(page.rows)
    }

    /// Rows in line order, each made into what is wanted of it, of which `n_bytes` tells the size.
    async fn read_rows<T>(
        &self,
        run: RunKey,
        stream: Stream,
        request: &RowsRequest,
        made: impl Fn(Row) -> T,
        n_bytes: impl Fn(&T) -> usize,
    ) -> Result<RowPage<T>> {
        let mut scan = Scan::new(Projection::All);
        if let Some(keys) = &request.keys {
            let position = POSITION_KEYS.into_iter().map(MetricName::from_stored);
            scan.keys = Projection::Only(keys.iter().cloned().chain(position).collect());
            scan.rows = RowFilter::AnyOf(keys.clone());
        }
        scan.min_step = request.min_step;
        scan.end_step = request.end_step;
        let first_line = request.after_line.map_or(0, |line| line + 1);
        let (made, n_bytes) = (&made, &n_bytes);
        let page = self
            .read_view(run, stream, first_line..u64::MAX, |view| {
                let mut found = self.inner.engine.scan(&view, scan.clone());
                async move {
                    let mut rows = Vec::new();
                    let mut n_bytes_so_far = 0;
                    let mut n_values_left = request.max_values.unwrap_or(usize::MAX);
                    while rows.len() < request.limit
                        && n_values_left > 0
                        && let Some(scanned) = found.next().await
                    {
                        // Only what is asked for is made into rows: a batch may be a hundred times as large.
                        let scanned = scanned?;
                        let n_rows = scanned.lines.len().min(request.limit - rows.len());
                        let per_row = values_per_row(&scanned);
                        let wanted = n_rows.min(n_values_left.div_ceil(per_row));
                        n_values_left = n_values_left.saturating_sub(wanted * per_row);
                        if wanted < n_rows {
                            n_values_left = 0;
                        }
                        let some = (VALUES_AT_ONCE / per_row).max(1);
                        for start in (0..wanted).step_by(some) {
                            let end = (start + some).min(wanted);
                            let next = rows_of(scanned.slice(start..end)).map(made);
                            rows.extend(next.inspect(|made| n_bytes_so_far += n_bytes(made)));
                            if n_bytes_so_far > MAX_TEXTS_BYTES {
                                return Ok(None);
                            }
                        }
                    }
                    Ok(Some(RowPage {
                        is_cut: n_values_left == 0,
                        rows,
                    }))
                }
            })
            .await?;
        page.ok_or_else(|| {
            TrackingError::Invalid(format!(
                "the rows asked for have more than {} MiB as JSON; ask for fewer at once",
                MAX_TEXTS_BYTES >> 20
            ))
        })
    }

    /// Rows of a run in line order, at most `samples`, evenly spread, the last one always among them.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn sampled_rows(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
        request: &SampledRows,
    ) -> Result<Vec<Row>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let _turn = self.inner.reads.wait(LEAST_BYTES).await?;
        let mut scan = Scan::new(Projection::All);
        if let Some(keys) = &request.keys {
            scan.keys = Projection::Only(keys.iter().cloned().collect());
            scan.rows = RowFilter::AllOf(keys.clone());
        }
        scan.min_step = request.min_step;
        scan.end_step = request.end_step;
        self.read_view(run, stream, 0..u64::MAX, |view| {
            sample(&self.inner.engine, view, scan.clone(), request.samples)
        })
        .await
    }

    /// The last `n` rows of a run, in line order.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn last_rows(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
        n: usize,
    ) -> Result<Vec<Row>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let engine = &self.inner.engine;
        let found = self
            .read_view(run, stream, 0..u64::MAX, |view| async move {
                engine.last_rows(&view, n, &Projection::All).await
            })
            .await?;
        Ok(rows_of(found).collect())
    }

    /// The first line of a run's history whose step is beyond `step`: how many lines a fork or rewind at `step` keeps.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] if `step` is beyond the run's last step.
    pub(crate) async fn cut_line(&self, run: &Run, step: i64) -> Result<u64> {
        let view = chain::view(
            &self.inner.meta.read(),
            run.key,
            Stream::History,
            0..u64::MAX,
        )
        .await?;
        let last_step = view
            .iter()
            .filter_map(|part| part.steps)
            .map(|(_, last)| last)
            .max();
        match last_step {
            Some(last) if step > last => {
                let reason = format!(
                    "step {step} is beyond the last step {last} of run `{}`",
                    run.id
                );
                return Err(TrackingError::Invalid(reason));
            }
            None => {
                return Err(TrackingError::Invalid(format!(
                    "run `{}` has no steps yet",
                    run.id
                )));
            }
            Some(_) => {}
        }
        let Some(next_step) = step.checked_add(1) else {
            return Ok(run.n_history_rows);
        };
        let name = MetricName::from_stored(STEP);
        let mut scan = Scan::new(Projection::Only([name].into()));
        scan.min_step = Some(next_step);
        let first = self
            .read_view(run.key, Stream::History, 0..u64::MAX, |view| {
                let mut found = self.inner.engine.scan(&view, scan.clone());
                async move { found.try_next().await }
            })
            .await?;
        Ok(first
            .and_then(|rows| rows.lines.first().copied())
            .unwrap_or(run.n_history_rows))
    }

    /// Runs `read` on the parts that hold `lines` of a run's stream.
    ///
    /// A fold may move rows from chunks to a segment between the look at the parts and the read of their bytes; then
    /// the read begins anew on the parts as they are now.
    pub(crate) async fn read_view<T, F>(
        &self,
        run: RunKey,
        stream: Stream,
        lines: Range<u64>,
        read: impl Fn(View) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        let mut attempts = 0;
        loop {
            let view = chain::view(&self.inner.meta.read(), run, stream, lines.clone()).await?;
            attempts += 1;
            match read(view).await {
                Err(error) if has_moved(&error) && attempts < MAX_READS => {}
                other => return Ok(other?),
            }
        }
    }

    /// The parts of a stream of several runs, in their order, to be read by [`Tracking::read_known_view`].
    pub(crate) async fn views(&self, runs: &[RunKey], stream: Stream) -> Result<Vec<View>> {
        Ok(chain::views(&self.inner.meta.read(), runs, stream, 0..u64::MAX).await?)
    }

    /// As [`Tracking::read_view`] for all lines, beginning with parts that were looked up for many runs at once.
    pub(crate) async fn read_known_view<T, F>(
        &self,
        run: RunKey,
        stream: Stream,
        view: View,
        read: impl Fn(View) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        match read(view).await {
            Err(error) if has_moved(&error) => self.read_view(run, stream, 0..u64::MAX, read).await,
            other => Ok(other?),
        }
    }

    /// As [`Tracking::read_known_view`] for several runs that are read as one: if rows of any moved, the read begins anew
    /// on the parts of all.
    pub(crate) async fn read_known_views<T, F>(
        &self,
        runs: &[RunKey],
        stream: Stream,
        mut views: Vec<View>,
        read: impl Fn(Vec<View>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match read(views).await {
                Err(error) if has_moved(&error) && attempts < MAX_READS => {
                    views = self.views(runs, stream).await?;
                }
                other => return Ok(other?),
            }
        }
    }
}

/// Whether rows are no longer where they were looked up.
pub(super) fn has_moved(error: &ReadError) -> bool {
    matches!(error, ReadError::Source(SourceError::Missing { .. }))
}

async fn sample(
    engine: &Engine,
    view: View,
    scan: Scan,
    samples: usize,
) -> Result<Vec<Row>, ReadError> {
    let n_rows = engine
        .scan(&view, scan.clone())
        .try_fold(0_usize, |n, rows| async move { Ok(n + rows.lines.len()) })
        .await?;
    let wanted = even_sample(n_rows, samples);
    let mut rows = Vec::with_capacity(wanted.len());
    let mut found = engine.scan(&view, scan);
    let mut index = 0;
    while let Some(scanned) = found.try_next().await? {
        for (row, &line) in scanned.lines.iter().enumerate() {
            if wanted.contains(&index) {
                let values = scanned.batch.row(row);
                rows.push(Row { line, values });
            }
            index += 1;
        }
    }
    Ok(rows)
}

fn rows_of(scanned: ScannedRows) -> impl Iterator<Item = Row> {
    let values = scanned.batch.rows();
    let rows = scanned.lines.into_iter().zip(values);
    rows.map(|(line, values)| Row { line, values })
}

fn values_per_row(scanned: &ScannedRows) -> usize {
    let n_values = scanned.batch.n_values();
    n_values.div_ceil(scanned.lines.len().max(1)).max(1)
}

/// `samples` of the numbers below `n`, evenly spread, first and last among them.
fn even_sample(n: usize, samples: usize) -> BTreeSet<usize> {
    match samples {
        0 => BTreeSet::new(),
        1 => n.checked_sub(1).into_iter().collect(),
        _ if n <= samples => (0..n).collect(),
        _ => (0..samples)
            .map(|sample| sample * (n - 1) / (samples - 1))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_even_and_keep_both_ends() {
        let sample = |n, samples| even_sample(n, samples).into_iter().collect::<Vec<_>>();
        assert_eq!(sample(3, 5), [0, 1, 2]);
        assert_eq!(sample(10, 4), [0, 3, 6, 9]);
        assert_eq!(sample(10, 1), [9]);
        assert_eq!(sample(0, 1), [0_usize; 0]);
        assert_eq!(sample(10, 0), [0_usize; 0]);
        assert_eq!(sample(100_000, 500).len(), 500);
    }
}
