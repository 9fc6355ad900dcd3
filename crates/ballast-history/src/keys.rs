//! Which keys a view has.

use std::collections::BTreeSet;
use std::sync::Arc;

use ballast_model::MetricName;
use ballast_model::json::Value;
use futures::stream::TryStreamExt;

use crate::engine::{Engine, blocking};
use crate::scan::{ReadPlan, part_directory};
use crate::segment::keys_key;
use crate::stats::{self, ColumnStats};
use crate::{Part, PartSource, ReadError, ValueKind};

/// So many chunk indexes are fetched at once.
const INDEXES_AT_ONCE: usize = 64;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyInfo {
    /// The key.
    pub name: MetricName,
    /// How many rows have a value of each kind, in kind order; kinds that do not occur are left out.
    pub kinds: Vec<(ValueKind, u64)>,
    /// `_step` of the first row that has the key, if that row has an integer step.
    pub first_step: Option<i64>,
    /// `_step` of the last row that has the key, if that row has an integer step.
    pub last_step: Option<i64>,
    /// The value in the last row that has the key; `None` if its text takes more than 1,024 bytes.
    pub last: Option<Value>,
    /// Least finite number, as a float.
    pub min: Option<f64>,
    /// Greatest finite number, as a float.
    pub max: Option<f64>,
    /// The `_type` of the objects logged under the key, sorted, each once; at most 16.
    pub types: Vec<String>,
}

impl KeyInfo {
    /// From the statistics of the key's kinds, which are not empty.
    fn of_kinds(kinds: &[ColumnStats]) -> Self {
        let first = kinds.iter().min_by_key(|column| column.first_row);
        let last = kinds.iter().max_by_key(|column| column.last_row);
        let ranges = || kinds.iter().filter_map(|column| column.range);
        let types: BTreeSet<&String> = kinds.iter().flat_map(|column| &column.types).collect();
        Self {
            name: kinds[0].name.clone(),
            kinds: kinds
                .iter()
                .map(|column| (column.kind, column.count))
                .collect(),
            first_step: first.and_then(|column| column.first_step),
            last_step: last.and_then(|column| column.last_step),
            last: last
                .and_then(|column| column.last.clone())
                .map(|last| last.0),
            min: ranges().map(|range| range.0).reduce(f64::min),
            max: ranges().map(|range| range.1).reduce(f64::max),
            types: types.into_iter().cloned().collect(),
        }
    }
}

/// The keys of some rows, to which those of later rows can be added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyStats {
    /// Sorted by name and kind; their rows are lines.
    columns: Vec<ColumnStats>,
}

impl KeyStats {
    /// Each key once, sorted by name.
    pub fn infos(&self) -> impl Iterator<Item = KeyInfo> {
        let kinds = self.columns.chunk_by(|a, b| a.name == b.name);
        kinds.map(KeyInfo::of_kinds)
    }

    /// About how many bytes of memory they take.
    pub fn n_bytes(&self) -> usize {
        let texts = |column: &ColumnStats| column.name.as_str().len() + column.n_text_bytes();
        let texts: usize = self.columns.iter().map(texts).sum();
        self.columns.len() * size_of::<ColumnStats>() + texts
    }

    #[cfg(test)]
    pub(crate) fn of_batch(batch: &crate::RowBatch) -> Self {
        Self {
            columns: stats::of_batch(batch),
        }
    }
}

impl Engine {
    /// Every key of the view's visible rows, sorted by name.
    ///
    /// Reads only indexes, but of a part that is visible in part the rows.
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn keys(&self, view: &[Part]) -> Result<Vec<KeyInfo>, ReadError> {
        let stats = self.key_stats(KeyStats::default(), view).await?;
        blocking(move || stats.infos().collect()).await
    }

    /// `known`, the keys of rows before those of the view, and the keys of the view. Reads as [`Engine::keys`].
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn key_stats(&self, known: KeyStats, view: &[Part]) -> Result<KeyStats, ReadError> {
        let columns = self.column_stats(known.columns, view).await?;
        Ok(KeyStats { columns })
    }

    /// `all` and statistics of every column of the view, sorted, their rows being lines.
    pub(crate) async fn column_stats(
        &self,
        mut all: Vec<ColumnStats>,
        view: &[Part],
    ) -> Result<Vec<ColumnStats>, ReadError> {
        let is_whole_chunk = |part: &Part| part.chunk_key().is_some() && part.is_whole();
        let view: Vec<&Part> = view
            .iter()
            .filter(|part| !part.lines().is_empty())
            .collect();
        for stretch in view.chunk_by(|a, b| is_whole_chunk(a) && is_whole_chunk(b)) {
            for parts in stretch.chunks(INDEXES_AT_ONCE) {
                all = if is_whole_chunk(parts[0]) {
                    self.add_chunk_stats(all, parts).await?
                } else {
                    self.add_part_stats(all, parts[0]).await?
                };
            }
        }
        Ok(all)
    }

    async fn add_chunk_stats(
        &self,
        mut all: Vec<ColumnStats>,
        parts: &[&Part],
    ) -> Result<Vec<ColumnStats>, ReadError> {
        let keys: Vec<i64> = parts.iter().filter_map(|part| part.chunk_key()).collect();
        let first_lines: Vec<u64> = parts.iter().map(|part| part.first_line).collect();
        let indexes = self.chunks.indexes(&keys).await?;
        blocking(move || {
            for ((index, key), first_line) in indexes.into_iter().zip(keys).zip(first_lines) {
                let chunk =
                    stats::decode(&index).map_err(|source| ReadError::Chunk { key, source })?;
                all = stats::append(all, stats::shift(chunk, first_line));
            }
            Ok(all)
        })
        .await?
    }

    /// Adds a segment, or a part of which some lines are masked.
    async fn add_part_stats(
        &self,
        mut all: Vec<ColumnStats>,
        part: &Part,
    ) -> Result<Vec<ColumnStats>, ReadError> {
        if let PartSource::Segment { object_key, index } = &part.source
            && part.is_whole()
        {
            let directory = part_directory(object_key, index)?;
            let key = keys_key(object_key);
            let bytes = self
                .objects
                .get_range(&key, 0..directory.keys.n_bytes)
                .await?;
            let stats = blocking(move || stats::decode(&bytes)).await?;
            let stats = stats.map_err(|source| ReadError::Segment {
                object_key: key,
                source,
            })?;
            let stats = stats::shift(stats, directory.first_line);
            return blocking(move || stats::append(all, stats)).await;
        }
        let mut rows = self.read(std::slice::from_ref(part), Arc::new(ReadPlan::all()));
        while let Some(batches) = rows.try_next().await? {
            all = blocking(move || {
                for rows in batches {
                    let columns = stats::of_batch(&rows.batch);
                    all = stats::append(all, stats::to_lines(columns, &rows.lines));
                }
                all
            })
            .await?;
        }
        Ok(all)
    }
}
