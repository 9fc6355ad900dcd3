//! From chunks to a segment.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use ballast_model::MetricName;
use bytes::Bytes;
use futures::stream::TryStreamExt;

use crate::engine::{Engine, blocking};
use crate::pyramid::PyramidBuilder;
use crate::scan::{ReadPlan, ScannedRows, part_directory};
use crate::segment::{
    ColumnPlan, Directory, ObjectEntry, ObjectWriter, PyramidEntry, SideEntry, columns_by_object,
    is_special, keys_key, parquet_key, pyramid_key,
};
use crate::stats;
use crate::wire::Compressor;
use crate::{
    ChunkSource, FoldError, FoldedSegment, FormatError, Part, Projection, ReadError, SourceError,
};

impl Engine {
    /// Writes the visible rows of `view`, chunks or segments, as one segment under `object_key`; `None`, and nothing
    /// written, if no row has a value.
    ///
    /// The objects are put one by one, each under `object_key` and a slash. Should the call fail or be dropped on the
    /// way, some of them may be there: what lies under the prefix can be deleted. The bodies of all chunks are held in
    /// memory, and one object.
    ///
    /// # Errors
    /// [`FoldError`] if a part cannot be read or an object not be stored.
    pub async fn fold(
        &self,
        view: &[Part],
        object_key: &str,
    ) -> Result<Option<FoldedSegment>, FoldError> {
        let mut stats = self.column_stats(Vec::new(), view).await?;
        let Some(first_line) = stats.iter().map(|column| column.first_row).min() else {
            return Ok(None);
        };
        for column in &mut stats {
            column.first_row -= first_line;
            column.last_row -= first_line;
        }
        let plans = columns_by_object(&stats);
        let engine = if plans.len() > 1 {
            self.with_chunks_in_memory(view).await?
        } else {
            self.clone()
        };

        let n_objects = plans.len();
        let mut objects = Vec::with_capacity(n_objects);
        let mut pyramid = PyramidBuilder::new();
        for (object, columns) in plans.into_iter().enumerate() {
            // The special columns are in every object, and in the first for every row.
            let own_keys: BTreeSet<&MetricName> = columns
                .iter()
                .map(|column| &column.name)
                .filter(|name| object == 0 || !is_special(name))
                .collect();
            pyramid.open(
                stats
                    .iter()
                    .filter(|column| own_keys.contains(&column.name)),
            );
            let (entry, bytes);
            (entry, bytes, pyramid) = engine
                .write_object(view, columns, n_objects, pyramid)
                .await?;
            self.put(parquet_key(object_key, object), bytes).await?;
            objects.push(entry);
        }
        let (keys, pyramid) = blocking(move || {
            let keys = stats::encode(&stats, &mut Compressor::new());
            (keys, pyramid.finish())
        })
        .await?;
        let directory = Directory {
            first_line,
            objects,
            keys: SideEntry::of(&keys),
            pyramid: pyramid.as_ref().map(|(bytes, n_index_bytes)| PyramidEntry {
                side: SideEntry::of(bytes),
                n_index_bytes: *n_index_bytes,
            }),
        };
        self.put(keys_key(object_key), keys).await?;
        if let Some((bytes, _)) = pyramid {
            self.put(pyramid_key(object_key), bytes).await?;
        }

        let index = directory.encode();
        Ok(Some(FoldedSegment {
            object_key: object_key.to_owned(),
            first_line,
            end_line: directory.end_line(),
            steps: directory.steps(),
            n_bytes: directory.n_bytes(),
            checksum: *blake3::hash(&index).as_bytes(),
            index,
        }))
    }

    /// Reads every object of a segment and compares it with the digests in its directory, and the directory with
    /// [`FoldedSegment::checksum`].
    ///
    /// # Errors
    /// [`ReadError`] naming the object that is missing or damaged.
    pub async fn verify_segment(
        &self,
        object_key: &str,
        index: &[u8],
        checksum: &[u8; 32],
    ) -> Result<(), ReadError> {
        let directory = part_directory(object_key, index)?;
        if blake3::hash(index).as_bytes() != checksum {
            return Err(mismatch(object_key.to_owned(), "segment directory"));
        }
        let objects = directory.objects.iter().enumerate();
        let objects = objects
            .map(|(object, entry)| (parquet_key(object_key, object), entry.n_bytes, entry.digest));
        let side = |key: String, side: &SideEntry| (key, side.n_bytes, side.digest);
        let keys = side(keys_key(object_key), &directory.keys);
        let pyramid = directory.pyramid.as_ref();
        let pyramid = pyramid.map(|entry| side(pyramid_key(object_key), &entry.side));
        for (key, n_bytes, digest) in objects.chain([keys]).chain(pyramid) {
            let bytes = self.objects.get_range(&key, 0..n_bytes).await?;
            let found = blocking(move || *blake3::hash(&bytes).as_bytes()).await?;
            if found != digest {
                return Err(mismatch(key, "object"));
            }
        }
        Ok(())
    }

    /// Reads the rows that belong into an object and writes it, and the pyramid of its keys.
    async fn write_object(
        &self,
        view: &[Part],
        columns: Vec<ColumnPlan>,
        n_objects: usize,
        mut pyramid: PyramidBuilder,
    ) -> Result<(ObjectEntry, Bytes, PyramidBuilder), FoldError> {
        let first_column = columns.iter().find(|column| !is_special(&column.name));
        let has_every_row = n_objects == 1 || first_column.is_none();
        let first_column = first_column
            .or(columns.first())
            .map(|column| column.name.clone());
        let first_column = first_column.unwrap_or_else(|| MetricName::from_key(""));
        let parquet = |source: parquet::errors::ParquetError| FoldError::Parquet {
            first_column: first_column.clone(),
            source: source.into(),
        };
        let keys = Projection::only(columns.iter().map(|column| column.name.clone()));
        let required = columns.iter().map(|column| column.name.clone());
        let plan = ReadPlan {
            keys: if has_every_row {
                Projection::All
            } else {
                keys.clone()
            },
            required: (!has_every_row).then(|| required.filter(|name| !is_special(name)).collect()),
            min_step: None,
            end_step: None,
            is_once: true,
        };
        let mut writer = ObjectWriter::new(columns, n_objects).map_err(parquet)?;
        let mut rows = self.read(view, Arc::new(plan));
        while let Some(batches) = rows.try_next().await? {
            let keys = keys.clone();
            let written = blocking(move || {
                for rows in batches {
                    let rows = rows_of_object(rows, &keys, has_every_row);
                    pyramid.add(&rows.batch);
                    writer.write(&rows)?;
                }
                Ok((writer, pyramid))
            });
            (writer, pyramid) = written.await?.map_err(parquet)?;
        }
        blocking(move || {
            pyramid.close();
            let (entry, bytes) = writer.finish()?;
            Ok((entry, bytes, pyramid))
        })
        .await?
        .map_err(parquet)
    }

    async fn put(&self, object_key: String, bytes: Bytes) -> Result<(), FoldError> {
        let put = self.objects.put(&object_key, bytes).await;
        put.map_err(|source| FoldError::Store { object_key, source })
    }

    /// This engine with the chunks of the view at hand, for reading them several times.
    async fn with_chunks_in_memory(&self, view: &[Part]) -> Result<Self, ReadError> {
        let keys: Vec<i64> = view.iter().filter_map(Part::chunk_key).collect();
        let bodies = self.chunks.bodies(&keys).await?;
        let chunks = keys.into_iter().zip(bodies).collect();
        Ok(Self {
            chunks: Arc::new(ChunksInMemory(chunks)),
            ..self.clone()
        })
    }
}

fn mismatch(object_key: String, what: &str) -> ReadError {
    ReadError::Segment {
        object_key,
        source: FormatError::Checksum {
            what: what.to_owned(),
        },
    }
}

/// The rows that an object has, and of them its columns.
fn rows_of_object(mut rows: ScannedRows, keys: &Projection, has_every_row: bool) -> ScannedRows {
    if has_every_row {
        rows.batch
            .retain_columns(|column| keys.contains(column.name()));
        return rows;
    }
    let keep = rows.batch.filled_rows(|column| !is_special(column.name()));
    rows.select(&keep)
}

/// Chunk bodies that were fetched before.
struct ChunksInMemory(HashMap<i64, Bytes>);

#[async_trait]
impl ChunkSource for ChunksInMemory {
    async fn bodies(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        let bodies = keys.iter().map(|key| {
            self.0
                .get(key)
                .cloned()
                .ok_or_else(|| SourceError::Missing {
                    key: key.to_string(),
                })
        });
        bodies.collect()
    }

    async fn indexes(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        Err(SourceError::Missing {
            key: keys.first().map(i64::to_string).unwrap_or_default(),
        })
    }
}
