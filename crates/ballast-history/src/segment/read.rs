//! Reading a segment's rows, from as few of its objects as will do.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use futures::future::try_join_all;

use super::directory::{Directory, RowGroupEntry};
use super::object::{Footer, damaged};
use super::parquet_key;
use super::write::is_special;
use crate::cache::{CacheKey, Cached};
use crate::engine::{Engine, ReadMemory, blocking};
use crate::scan::{ReadPlan, ScannedRows};
use crate::{Column, Projection, ReadError, RowBatch};

/// So many objects are read at the same time.
const OBJECTS_AT_ONCE: usize = 4;

/// Reads the rows of a segment, one row group's worth after the other.
pub(crate) struct SegmentScan {
    engine: Engine,
    objects: Vec<OpenObject>,
    /// Held from the first row group on. Not before: a scan that is opened ahead of its turn would hold what the one
    /// before it waits for.
    memory: Option<ReadMemory>,
    is_once: bool,
}

/// An object being read.
struct OpenObject {
    key: Arc<str>,
    footer: Arc<Footer>,
    leaves: Vec<usize>,
    /// Row groups still to read.
    groups: std::vec::IntoIter<usize>,
    entries: Vec<RowGroupEntry>,
    /// Only these are of use.
    lines: Range<u64>,
    /// Whether what is read is kept in the cache.
    is_kept: bool,
    /// What was read of a row group and not yet given out.
    rest: ScannedRows,
}

impl SegmentScan {
    /// Opens the objects that the plan needs, of the segment's rows in `lines`.
    pub(crate) async fn open(
        engine: Engine,
        object_key: String,
        directory: Directory,
        lines: Range<u64>,
        plan: &ReadPlan,
    ) -> Result<Self, ReadError> {
        let wanted = objects_to_read(&directory, plan);
        // Every object has the special columns; one is enough, and the first has them for every row.
        let special_from = wanted.first().copied();
        let opening = wanted.into_iter().map(|object| {
            let key: Arc<str> = parquet_key(&object_key, object).into();
            let entry = &directory.objects[object];
            let (engine, lines) = (&engine, &lines);
            async move {
                let footer = Footer::get(engine, &key, entry).await?;
                let leaves = footer.leaves(|name| {
                    plan.keys.contains(name) && (!is_special(name) || special_from == Some(object))
                });
                let groups: Vec<usize> = (0..entry.row_groups.len())
                    .filter(|&group| {
                        let group = &entry.row_groups[group];
                        let has_lines =
                            group.lines.start < lines.end && lines.start < group.lines.end;
                        has_lines && plan.wants_exact_steps(group.steps)
                    })
                    .collect();
                Ok::<_, ReadError>(OpenObject {
                    key,
                    footer,
                    leaves,
                    groups: groups.into_iter(),
                    entries: entry.row_groups.clone(),
                    lines: lines.clone(),
                    is_kept: !plan.is_once,
                    rest: ScannedRows::default(),
                })
            }
        });
        let objects = try_join_all(opening).await?;
        Ok(Self {
            engine,
            objects,
            memory: None,
            is_once: plan.is_once,
        })
    }

    /// The next rows; `None` at the end. They may be of masked lines and other steps than asked.
    pub(crate) async fn next(&mut self) -> Result<Option<ScannedRows>, ReadError> {
        let engine = &self.engine;
        if self.memory.is_none() {
            let n_bytes = self.objects.iter().map(OpenObject::bytes_to_read).sum();
            self.memory = Some(engine.reserve(n_bytes).await?);
        }
        for objects in self.objects.chunks_mut(OBJECTS_AT_ONCE) {
            try_join_all(objects.iter_mut().map(|object| object.fill(engine))).await?;
        }
        if self.is_once {
            // Who reads once may be as slow as a client on a bad line.
            self.memory = None;
        }
        // Up to the least line at which some object's rows are used up, every object has its rows.
        let ends = self
            .objects
            .iter()
            .filter_map(|object| object.rest.lines.last());
        let Some(&end) = ends.min() else {
            return Ok(None);
        };
        let parts: Vec<ScannedRows> = self
            .objects
            .iter_mut()
            .map(|object| {
                let n_rows = object.rest.lines.partition_point(|&line| line <= end);
                object.rest.split_off_front(n_rows)
            })
            .collect();
        blocking(move || Some(ScannedRows::join(parts))).await
    }
}

impl OpenObject {
    /// About how much memory its largest row group takes while it is read.
    fn bytes_to_read(&self) -> u64 {
        let groups = self.groups.as_slice().iter();
        let bytes = groups.map(|&group| self.footer.bytes_to_read(group, &self.leaves));
        bytes.max().unwrap_or(0)
    }

    /// Reads row groups until some rows are at hand or none are left.
    async fn fill(&mut self, engine: &Engine) -> Result<(), ReadError> {
        while self.rest.lines.is_empty() {
            let Some(group) = self.groups.next() else {
                return Ok(());
            };
            self.rest = if self.is_kept {
                self.read_kept(engine, group).await?
            } else {
                self.read(engine, group, &self.leaves).await?
            };
        }
        Ok(())
    }

    /// Columns of a row group.
    async fn read(
        &self,
        engine: &Engine,
        group: usize,
        leaves: &[usize],
    ) -> Result<ScannedRows, ReadError> {
        let source = engine.objects.as_ref();
        let fetched = self.footer.fetch(source, &self.key, group, leaves).await?;
        let (footer, leaves) = (Arc::clone(&self.footer), leaves.to_vec());
        let rows = blocking(move || footer.decode(&fetched, group, &leaves)).await?;
        let rows = rows.map_err(|source| damaged(&self.key, source))?;
        debug_assert_eq!(rows.lines.len() as u64, self.entries[group].n_rows);
        Ok(rows)
    }

    /// The rows of a row group that are in the lines asked, from the cache as far as it has them.
    async fn read_kept(&self, engine: &Engine, group: usize) -> Result<ScannedRows, ReadError> {
        let mut lines: Option<Arc<Vec<u64>>> = None;
        let mut columns: Vec<Arc<Column>> = Vec::with_capacity(self.leaves.len());
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        for &leaf in &self.leaves {
            match engine.cache.get(&self.cache_key(group, leaf)).await {
                Some(Cached::Lines(cached)) => lines = Some(cached),
                Some(Cached::Column(cached)) => columns.extend(cached),
                _ => {
                    let column = self.footer.column(leaf);
                    missing.extend(column.map(|(name, _)| name.as_str()));
                }
            }
        }
        if lines.is_none() || !missing.is_empty() {
            // The kinds of a key are read together, since each says which rows the others lack.
            columns.retain(|column| !missing.contains(column.name().as_str()));
            let leaves = self.leaves.iter().copied().filter(|&leaf| {
                let column = self.footer.column(leaf);
                column.is_none_or(|(name, _)| missing.contains(name.as_str()))
            });
            let leaves: Vec<usize> = leaves.collect();
            let rows = self.read(engine, group, &leaves).await?;
            let read = Arc::new(rows.lines);
            lines = Some(Arc::clone(&read));
            let mut found: Vec<Arc<Column>> = rows.batch.into_columns().collect();
            for leaf in leaves {
                let cached = match self.footer.column(leaf) {
                    None => Cached::Lines(Arc::clone(&read)),
                    Some((name, kind)) => {
                        let is_it =
                            |column: &&Arc<Column>| column.name() == name && column.kind() == *kind;
                        Cached::Column(found.iter().find(is_it).cloned())
                    }
                };
                engine
                    .cache
                    .insert(self.cache_key(group, leaf), cached)
                    .await;
            }
            columns.append(&mut found);
        }
        let lines = lines.unwrap_or_default();
        let (start, end) = (self.lines.start, self.lines.end);
        let rows =
            lines.partition_point(|&line| line < start)..lines.partition_point(|&line| line < end);
        blocking(move || {
            let batch = RowBatch::of_shared(lines.len(), columns);
            ScannedRows {
                batch: batch.slice(rows.clone()),
                lines: lines[rows].to_vec(),
            }
        })
        .await
    }

    fn cache_key(&self, group: usize, leaf: usize) -> CacheKey {
        CacheKey::new(&self.key, self.footer.start_of(group, leaf))
    }
}

/// Which objects hold what a plan reads.
fn objects_to_read(directory: &Directory, plan: &ReadPlan) -> BTreeSet<usize> {
    let Projection::Only(names) = &plan.keys else {
        return (0..directory.objects.len()).collect();
    };
    let (special, other): (Vec<_>, Vec<_>) = names.iter().partition(|name| is_special(name));
    let mut objects: BTreeSet<usize> = other
        .into_iter()
        .map(|name| directory.object_of(name))
        .collect();
    let needs_every_row = plan
        .required
        .as_ref()
        .is_none_or(|names| names.iter().any(is_special));
    if !special.is_empty() && (needs_every_row || objects.len() != 1) {
        objects.insert(0);
    }
    objects
}

/// The lines of each row group of a segment, in order.
pub(crate) fn line_windows(directory: &Directory) -> Vec<Range<u64>> {
    let rows = directory.objects.first();
    let groups = rows.map_or(&[][..], |rows| &rows.row_groups);
    groups.iter().map(|group| group.lines.clone()).collect()
}
