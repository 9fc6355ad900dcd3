//! Rows in line order.

use std::ops::Range;
use std::sync::Arc;

use ballast_model::MetricName;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::chunk::decode_chunk;
use crate::engine::{Engine, blocking};
use crate::rows::{Presence, STEP, Values};
use crate::segment::{Directory, SegmentScan};
use crate::{Column, Part, PartSource, Projection, ReadError, RowBatch, ValueKind};

/// So many chunks are fetched and decoded at once,
const CHUNKS_AT_ONCE: usize = 16;

/// unless they have more bytes.
const CHUNK_BYTES_AT_ONCE: u64 = 2 << 20;

/// About how much memory a chunk takes while it is read, as a multiple of its size.
const CHUNK_EXPANSION: u64 = 4;

/// So many of what is read in one go are opened at once, each to be read in its turn.
const UNITS_AHEAD: usize = 2;

/// Which rows and columns a scan returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The columns.
    pub keys: Projection,
    /// The rows.
    pub rows: RowFilter,
    /// Only rows whose integer `_step` is at least this.
    pub min_step: Option<i64>,
    /// Only rows whose integer `_step` is less than this.
    pub end_step: Option<i64>,
    /// The rows are not read again soon, so that nothing of them is kept in memory.
    pub is_once: bool,
}

/// Which rows a scan returns. A row that has none of the scanned columns is never returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFilter {
    /// Rows with any scanned column.
    Any,
    /// Rows with at least one of these keys. They need not be scanned.
    AnyOf(Vec<MetricName>),
    /// Rows with every one of these keys. They need not be scanned.
    AllOf(Vec<MetricName>),
}

impl Scan {
    /// Every row, with the columns `keys`.
    pub fn new(keys: Projection) -> Self {
        Self {
            keys,
            rows: RowFilter::Any,
            min_step: None,
            end_step: None,
            is_once: false,
        }
    }

    fn plan(&self) -> ReadPlan {
        let required = match &self.rows {
            RowFilter::Any => None,
            RowFilter::AnyOf(names) | RowFilter::AllOf(names) => Some(names.clone()),
        };
        let step = MetricName::from_key(STEP);
        let has_steps = self.min_step.is_some() || self.end_step.is_some();
        let keys = self.keys.with(has_steps.then_some(&step));
        ReadPlan {
            keys: keys.with(required.iter().flatten()),
            required,
            min_step: self.min_step,
            end_step: self.end_step,
            is_once: self.is_once,
        }
    }

    /// What the scan returns of rows that were read by its plan.
    fn select(&self, mut rows: ScannedRows) -> ScannedRows {
        let has = |name: &MetricName| rows.batch.filled_rows(|column| column.name() == name);
        let mut keep = match &self.rows {
            RowFilter::Any => vec![true; rows.lines.len()],
            RowFilter::AnyOf(names) => rows
                .batch
                .filled_rows(|column| names.contains(column.name())),
            RowFilter::AllOf(names) => {
                let mut keep = vec![true; rows.lines.len()];
                for name in names {
                    keep.iter_mut()
                        .zip(has(name))
                        .for_each(|(keep, has)| *keep &= has);
                }
                keep
            }
        };
        rows.batch
            .retain_columns(|column| self.keys.contains(column.name()));
        let filled = rows.batch.filled_rows(|_| true);
        keep.iter_mut()
            .zip(filled)
            .for_each(|(keep, filled)| *keep &= filled);
        rows.select(&keep)
    }
}

/// Some rows and their lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScannedRows {
    /// The line of each row, ascending.
    pub lines: Vec<u64>,
    /// The rows; each has at least one value.
    pub batch: RowBatch,
}

impl ScannedRows {
    /// The rows `range`.
    ///
    /// # Panics
    /// If the range is out of bounds.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self {
            lines: self.lines[range.clone()].to_vec(),
            batch: self.batch.slice(range),
        }
    }

    /// `parts` one after the other; their lines follow each other.
    pub fn concat(parts: &[Self]) -> Self {
        if let [part] = parts {
            return part.clone();
        }
        let batches: Vec<RowBatch> = parts.iter().map(|part| part.batch.clone()).collect();
        Self {
            lines: parts.iter().flat_map(|part| &part.lines).copied().collect(),
            batch: RowBatch::concat(&batches),
        }
    }

    pub(crate) fn select(self, keep: &[bool]) -> Self {
        if keep.iter().all(|&keep| keep) {
            return self;
        }
        let lines = self.lines.iter().zip(keep).filter(|(_, keep)| **keep);
        Self {
            lines: lines.map(|(&line, _)| line).collect(),
            batch: self.batch.select_rows(keep),
        }
    }

    /// Takes the first `n` rows out.
    pub(crate) fn split_off_front(&mut self, n: usize) -> Self {
        if n == self.lines.len() {
            return std::mem::take(self);
        }
        let front = self.slice(0..n);
        *self = self.slice(n..self.lines.len());
        front
    }

    /// `parts` side by side: no column is in two of them, lines may be.
    pub(crate) fn join(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let mut lines: Vec<u64> = parts.iter().flat_map(|part| &part.lines).copied().collect();
        lines.sort_unstable();
        lines.dedup();
        let mut columns = Vec::new();
        for part in parts {
            if part.lines.len() == lines.len() {
                columns.extend(part.batch.into_columns());
                continue;
            }
            let mut row = 0;
            let mut rows = Vec::with_capacity(part.lines.len());
            for line in &part.lines {
                while lines[row] != *line {
                    row += 1;
                }
                rows.push(row as u32);
            }
            for column in part.batch.into_columns() {
                let present = column.rows().map(|row| rows[row]).collect();
                columns.push(Arc::new(Column {
                    presence: Presence::new(present, lines.len()),
                    // Copied only if the cache has it, too.
                    ..Arc::unwrap_or_clone(column)
                }));
            }
        }
        Self {
            batch: RowBatch::of_shared(lines.len(), columns),
            lines,
        }
    }
}

/// What is read of the parts.
#[derive(Debug)]
pub(crate) struct ReadPlan {
    /// The columns, the step among them if steps are bounded.
    pub(crate) keys: Projection,
    /// Rows that have none of these are of no use; `None` if all are.
    pub(crate) required: Option<Vec<MetricName>>,
    pub(crate) min_step: Option<i64>,
    pub(crate) end_step: Option<i64>,
    /// Nothing that is read is kept in the cache.
    pub(crate) is_once: bool,
}

impl ReadPlan {
    /// Everything, once.
    pub(crate) fn all() -> Self {
        let mut scan = Scan::new(Projection::All);
        scan.is_once = true;
        scan.plan()
    }

    fn has_step_bounds(&self) -> bool {
        self.min_step.is_some() || self.end_step.is_some()
    }

    fn wants_step(&self, step: i64) -> bool {
        self.min_step.is_none_or(|min| min <= step) && self.end_step.is_none_or(|end| step < end)
    }

    /// Whether rows of these least and greatest steps can be asked for; `None` if no row has a step.
    pub(crate) fn wants_exact_steps(&self, steps: Option<(i64, i64)>) -> bool {
        !self.has_step_bounds() || (steps.is_some() && self.wants_steps(steps))
    }

    /// The same if `None` means that the steps are not known.
    fn wants_steps(&self, steps: Option<(i64, i64)>) -> bool {
        steps.is_none_or(|(least, greatest)| {
            self.min_step.is_none_or(|min| min <= greatest)
                && self.end_step.is_none_or(|end| least < end)
        })
    }

    /// The rows that are in `lines`, within the steps, and not empty.
    fn filter(&self, rows: ScannedRows, lines: &Range<u64>) -> ScannedRows {
        let mut keep = rows.batch.filled_rows(|_| true);
        for (keep, line) in keep.iter_mut().zip(&rows.lines) {
            *keep &= lines.contains(line);
        }
        if self.has_step_bounds() {
            let mut in_steps = vec![false; keep.len()];
            if let Some(column) = rows.batch.column(STEP, ValueKind::Int)
                && let Values::Int(steps) = column.values()
            {
                for (row, &step) in column.rows().zip(steps) {
                    in_steps[row] = self.wants_step(step);
                }
            }
            keep.iter_mut()
                .zip(in_steps)
                .for_each(|(keep, inside)| *keep &= inside);
        }
        rows.select(&keep)
    }
}

/// Parts that are read in one go.
enum Unit {
    /// And how many bytes they have.
    Chunks(Vec<Part>, u64),
    Segment(Part),
}

fn units(view: Vec<Part>) -> Vec<Unit> {
    let mut units = Vec::new();
    for part in view {
        match (&part.source, units.last_mut()) {
            (PartSource::Segment { .. }, _) => units.push(Unit::Segment(part)),
            (&PartSource::Chunk { n_bytes, .. }, Some(Unit::Chunks(chunks, n_bytes_before)))
                if chunks.len() < CHUNKS_AT_ONCE
                    && *n_bytes_before + n_bytes <= CHUNK_BYTES_AT_ONCE =>
            {
                *n_bytes_before += n_bytes;
                chunks.push(part);
            }
            (&PartSource::Chunk { n_bytes, .. }, _) => {
                units.push(Unit::Chunks(vec![part], n_bytes));
            }
        }
    }
    units
}

/// Some rows at a time.
pub(crate) type RowStream = BoxStream<'static, Result<Vec<ScannedRows>, ReadError>>;

impl Engine {
    /// Streams rows in line order, in batches of bounded size: one of a chunk or of a segment's row group.
    ///
    /// A row is returned if it has at least one of the scanned columns and passes the filters. Parts whose steps are
    /// out of bounds are not read.
    ///
    /// # Errors
    /// The stream ends at the first [`ReadError`].
    pub fn scan(
        &self,
        view: &[Part],
        scan: Scan,
    ) -> BoxStream<'static, Result<ScannedRows, ReadError>> {
        let rows = self.read(view, Arc::new(scan.plan()));
        let scan = Arc::new(scan);
        rows.and_then(move |rows| {
            let scan = Arc::clone(&scan);
            blocking(move || {
                let selected = rows.into_iter().map(|rows| scan.select(rows));
                let selected = selected.filter(|rows| !rows.lines.is_empty()).map(Ok);
                stream::iter(selected.collect::<Vec<_>>())
            })
        })
        .try_flatten()
        .boxed()
    }

    /// The last `n` rows that a scan of `keys` returns, in line order.
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn last_rows(
        &self,
        view: &[Part],
        n: usize,
        keys: &Projection,
    ) -> Result<ScannedRows, ReadError> {
        let mut found: Vec<ScannedRows> = Vec::new();
        let mut n_found = 0;
        let mut parts = view.iter().rev();
        while n_found < n {
            let Some(part) = parts.next() else { break };
            for window in windows(part)?.into_iter().rev() {
                if n_found >= n {
                    break;
                }
                let rows: Vec<ScannedRows> = self
                    .scan(&[window], Scan::new(keys.clone()))
                    .try_collect()
                    .await?;
                n_found += rows.iter().map(|rows| rows.lines.len()).sum::<usize>();
                found.extend(rows.into_iter().rev());
            }
        }
        found.reverse();
        blocking(move || {
            let rows = ScannedRows::concat(&found);
            rows.slice(n_found.saturating_sub(n)..n_found)
        })
        .await
    }

    /// The rows of a plan, masked and empty ones left out.
    pub(crate) fn read(&self, view: &[Part], plan: Arc<ReadPlan>) -> RowStream {
        let view = view
            .iter()
            .filter(|part| !part.lines().is_empty() && plan.wants_steps(part.steps));
        let units = units(view.cloned().collect());
        let engine = self.clone();
        stream::iter(units)
            .map(move |unit| engine.clone().read_unit(unit, Arc::clone(&plan)))
            .buffered(UNITS_AHEAD)
            .try_flatten()
            .boxed()
    }

    async fn read_unit(self, unit: Unit, plan: Arc<ReadPlan>) -> Result<RowStream, ReadError> {
        match unit {
            Unit::Chunks(parts, n_bytes) => {
                // Not ahead of its turn: it would hold memory that the unit before may wait for.
                let rows = async move {
                    let _memory = self.reserve(n_bytes * CHUNK_EXPANSION).await?;
                    self.read_chunks(parts, plan).await
                };
                Ok(stream::once(rows).boxed())
            }
            Unit::Segment(part) => {
                let PartSource::Segment { object_key, index } = &part.source else {
                    unreachable!("sorted by source")
                };
                let directory = part_directory(object_key, index)?;
                let lines = part.lines();
                let scan =
                    SegmentScan::open(self, object_key.clone(), directory, lines.clone(), &plan);
                let state = (scan.await?, plan, lines);
                let rows = stream::try_unfold(state, |(mut scan, plan, lines)| async move {
                    let Some(rows) = scan.next().await? else {
                        return Ok(None);
                    };
                    let (rows, plan, lines) =
                        blocking(move || (plan.filter(rows, &lines), plan, lines)).await?;
                    Ok(Some((vec![rows], (scan, plan, lines))))
                });
                Ok(rows.boxed())
            }
        }
    }

    async fn read_chunks(
        &self,
        parts: Vec<Part>,
        plan: Arc<ReadPlan>,
    ) -> Result<Vec<ScannedRows>, ReadError> {
        let keys: Vec<i64> = parts.iter().filter_map(Part::chunk_key).collect();
        let bodies = self.chunks.bodies(&keys).await?;
        blocking(move || {
            let chunks = parts.iter().zip(keys).zip(bodies);
            chunks
                .map(|((part, key), body)| {
                    let batch = decode_chunk(&body, &plan.keys)
                        .map_err(|source| ReadError::Chunk { key, source })?;
                    let end_line = part.first_line + batch.n_rows() as u64;
                    let lines = (part.first_line..end_line).collect();
                    Ok(plan.filter(ScannedRows { lines, batch }, &part.lines()))
                })
                .collect()
        })
        .await?
    }
}

/// The directory of a segment part.
pub(crate) fn part_directory(object_key: &str, index: &[u8]) -> Result<Directory, ReadError> {
    Directory::decode(index).map_err(|source| ReadError::Segment {
        object_key: object_key.to_owned(),
        source,
    })
}

/// A part as parts that can be read apart: a segment by row groups.
fn windows(part: &Part) -> Result<Vec<Part>, ReadError> {
    let PartSource::Segment { object_key, index } = &part.source else {
        return Ok(vec![part.clone()]);
    };
    let directory = part_directory(object_key, index)?;
    let lines = part.lines();
    let windows = crate::segment::line_windows(&directory).into_iter();
    let windows = windows.map(|window| Part {
        visible: window.start.max(lines.start)..window.end.min(lines.end),
        ..part.clone()
    });
    Ok(windows.filter(|part| !part.visible.is_empty()).collect())
}
