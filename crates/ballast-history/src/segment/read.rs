//! Reading a segment's rows, from as few of its objects as will do.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use futures::future::try_join_all;

use super::directory::{Directory, RowGroupEntry};
use super::object::{Footer, damaged};
use super::parquet_key;
use super::write::is_special;
use crate::engine::{Engine, blocking};
use crate::scan::{ReadPlan, ScannedRows};
use crate::{Projection, ReadError};

/// Reads the rows of a segment, one row group's worth after the other.
pub(crate) struct SegmentScan {
    engine: Engine,
    objects: Vec<OpenObject>,
}

/// An object being read.
struct OpenObject {
    key: Arc<str>,
    footer: Arc<Footer>,
    leaves: Vec<usize>,
    /// Row groups still to read.
    groups: std::vec::IntoIter<usize>,
    entries: Vec<RowGroupEntry>,
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
                    rest: ScannedRows::default(),
                })
            }
        });
        let objects = try_join_all(opening).await?;
        Ok(Self { engine, objects })
    }

    /// The next rows; `None` at the end. They may be of masked lines and other steps than asked.
    pub(crate) async fn next(&mut self) -> Result<Option<ScannedRows>, ReadError> {
        let source = self.engine.objects.as_ref();
        try_join_all(self.objects.iter_mut().map(|object| object.fill(source))).await?;
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
    /// Reads row groups until some rows are at hand or none are left.
    async fn fill(&mut self, source: &dyn crate::ObjectSource) -> Result<(), ReadError> {
        while self.rest.lines.is_empty() {
            let Some(group) = self.groups.next() else {
                return Ok(());
            };
            let fetched = self
                .footer
                .fetch(source, &self.key, group, &self.leaves)
                .await?;
            let (footer, leaves) = (Arc::clone(&self.footer), self.leaves.clone());
            let rows = blocking(move || footer.decode(fetched, group, &leaves)).await?;
            self.rest = rows.map_err(|source| damaged(&self.key, source))?;
            debug_assert_eq!(self.rest.lines.len() as u64, self.entries[group].n_rows);
        }
        Ok(())
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
