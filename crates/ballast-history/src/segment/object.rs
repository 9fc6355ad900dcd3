//! Reading Parquet objects by byte range, every range checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use ballast_model::MetricName;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};

use super::directory::ObjectEntry;
use super::name;
use crate::cache::{CacheKey, Cached};
use crate::engine::{Engine, blocking};
use crate::rows::{Presence, ValueRef, Values};
use crate::scan::ScannedRows;
use crate::{Column, FormatError, ObjectSource, ReadError, RowBatch, ValueKind};

/// Footer entry of the CRC32 of every column chunk, row group by row group, each as eight hexadecimal digits.
pub(super) const CRC_KEY: &str = "ballast.crc32";

/// So many columns are decoded together: each has a decompressor of its own, of some hundred kilobytes.
const COLUMNS_AT_ONCE: usize = 32;

/// Ranges of an object closer together than this are fetched as one.
const FETCH_GAP: u64 = 64 << 10;

pub(super) fn crcs_to_text(crcs: &[u32]) -> String {
    let texts: Vec<String> = crcs.iter().map(|crc| format!("{crc:08x}")).collect();
    texts.concat()
}

fn crcs_from_text(text: &str) -> Option<Vec<u32>> {
    let digits = text.as_bytes().chunks(8);
    digits
        .map(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
        .collect()
}

/// Length of the footer at the end of a whole object, its closing eight bytes included.
pub(super) fn footer_length(object: &[u8]) -> Option<usize> {
    let (rest, tail) = object.split_last_chunk::<8>()?;
    let (length, magic) = tail.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    (magic == b"PAR1" && length <= rest.len()).then_some(length + 8)
}

/// What an object's footer says.
pub(crate) struct Footer {
    parquet: ArrowReaderMetadata,
    /// The key and kind of each column; `None` for the line numbers.
    columns: Vec<Option<(MetricName, ValueKind)>>,
    /// CRC32 of each column of each row group.
    crcs: Vec<u32>,
}

fn malformed(detail: impl std::fmt::Display) -> FormatError {
    FormatError::Malformed {
        what: "Parquet object",
        detail: detail.to_string(),
    }
}

impl Footer {
    /// Fetches and reads the footer of an object, or finds it in the cache.
    pub(super) async fn get(
        engine: &Engine,
        key: &Arc<str>,
        entry: &ObjectEntry,
    ) -> Result<Arc<Self>, ReadError> {
        let start = entry.n_bytes - entry.n_footer_bytes;
        let cache_key = CacheKey::new(key, start);
        if let Some(Cached::Footer(footer)) = engine.cache.get(&cache_key).await {
            return Ok(footer);
        }
        let bytes = engine.objects.get_range(key, start..entry.n_bytes).await?;
        let crc = entry.footer_crc;
        let footer = blocking(move || Self::read(&bytes, crc)).await?;
        let footer = Arc::new(footer.map_err(|source| damaged(key, source))?);
        let cached = Cached::Footer(Arc::clone(&footer));
        engine.cache.insert(cache_key, cached).await;
        Ok(footer)
    }

    /// About how much memory it takes.
    pub(crate) fn weight(&self) -> usize {
        self.crcs.len() * 400 + self.columns.len() * 200
    }

    fn read(bytes: &[u8], crc: u32) -> Result<Self, FormatError> {
        if crc32fast::hash(bytes) != crc {
            return Err(FormatError::Checksum {
                what: "Parquet footer".to_owned(),
            });
        }
        let content = bytes.len().checked_sub(8).map(|length| &bytes[..length]);
        let content = content.ok_or(FormatError::Truncated {
            what: "Parquet footer",
        })?;
        let metadata = ParquetMetaDataReader::decode_metadata(content).map_err(malformed)?;
        let entries = metadata.file_metadata().key_value_metadata();
        let crcs = entries
            .and_then(|entries| entries.iter().find(|entry| entry.key == CRC_KEY))
            .and_then(|entry| crcs_from_text(entry.value.as_deref()?))
            .ok_or_else(|| malformed(format!("no `{CRC_KEY}` in the footer")))?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let parquet =
            ArrowReaderMetadata::try_new(Arc::new(metadata), options).map_err(malformed)?;
        let fields = parquet.schema().fields().iter();
        let columns: Vec<_> = fields
            .map(|field| name::to_column(field.name(), field.data_type()))
            .collect();
        let n_groups = parquet.metadata().num_row_groups();
        if crcs.len() != n_groups * columns.len() || columns.is_empty() {
            return Err(malformed("checksums and columns do not match"));
        }
        Ok(Self {
            parquet,
            columns,
            crcs,
        })
    }

    /// The columns of a row group to read: the line numbers, and those whose key `wanted` says yes to.
    pub(super) fn leaves(&self, wanted: impl Fn(&MetricName) -> bool) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.as_ref().is_none_or(|(name, _)| wanted(name)))
            .map(|(leaf, _)| leaf)
            .collect()
    }

    /// The key and kind of a column; `None` for the line numbers.
    pub(super) fn column(&self, leaf: usize) -> Option<&(MetricName, ValueKind)> {
        self.columns[leaf].as_ref()
    }

    /// Where a column of a row group begins in the object.
    pub(super) fn start_of(&self, group: usize, leaf: usize) -> u64 {
        let column = self.parquet.metadata().row_group(group).column(leaf);
        column.byte_range().0
    }

    /// About how much memory it takes to read columns of a row group: as fetched, decompressed, and decoded.
    pub(super) fn bytes_to_read(&self, group: usize, leaves: &[usize]) -> u64 {
        let group = self.parquet.metadata().row_group(group);
        let n_rows = group.num_rows() as u64;
        let bytes = |leaf: &usize| {
            let column = group.column(*leaf);
            let stored = column.compressed_size() as u64 + column.uncompressed_size() as u64;
            stored + n_rows * 8
        };
        leaves.iter().map(bytes).sum()
    }

    /// Fetches some columns of a row group.
    pub(super) async fn fetch(
        &self,
        source: &dyn ObjectSource,
        key: &str,
        group: usize,
        leaves: &[usize],
    ) -> Result<Fetched, ReadError> {
        let columns = self.parquet.metadata().row_group(group).columns();
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for &leaf in leaves {
            let (start, length) = columns[leaf].byte_range();
            match ranges.last_mut() {
                Some(last) if start >= last.end && start - last.end <= FETCH_GAP => {
                    last.end = start + length;
                }
                _ => ranges.push(start..start + length),
            }
        }
        let fetches = ranges.into_iter().map(|range| async move {
            let bytes = source.get_range(key, range.clone()).await?;
            Ok::<_, ReadError>((range.start, bytes))
        });
        Ok(Fetched {
            parts: futures::future::try_join_all(fetches).await?,
        })
    }

    /// Decodes the columns that were fetched of a row group, checksums compared.
    pub(super) fn decode(
        &self,
        fetched: &Fetched,
        group: usize,
        leaves: &[usize],
    ) -> Result<ScannedRows, FormatError> {
        let metadata = self.parquet.metadata();
        let row_group = metadata.row_group(group);
        for &leaf in leaves {
            let column = row_group.column(leaf);
            let (start, length) = column.byte_range();
            let bytes = fetched.get(start, length as usize).map_err(malformed)?;
            if crc32fast::hash(&bytes) != self.crcs[group * self.columns.len() + leaf] {
                let what = format!("column `{}` in row group {group}", column.column_path());
                return Err(FormatError::Checksum { what });
            }
        }
        let n_rows = usize::try_from(row_group.num_rows()).map_err(malformed)?;
        let mut lines = Vec::with_capacity(n_rows);
        let mut columns = Vec::with_capacity(leaves.len());
        for leaves in leaves.chunks(COLUMNS_AT_ONCE) {
            let schema = self.parquet.parquet_schema();
            let mask = ProjectionMask::leaves(schema, leaves.iter().copied());
            let (fetched, metadata) = (fetched.clone(), self.parquet.clone());
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(fetched, metadata)
                .with_projection(mask)
                .with_row_groups(vec![group])
                .with_batch_size(n_rows.max(1))
                .build()
                .map_err(malformed)?;
            let mut batches = Vec::new();
            for batch in reader {
                let batch = batch.map_err(malformed)?;
                let mut found = Vec::with_capacity(leaves.len());
                for (array, &leaf) in batch.columns().iter().zip(leaves) {
                    if let Some((name, kind)) = &self.columns[leaf] {
                        found.extend(column(name, *kind, array.as_ref()));
                    } else {
                        let numbers = array.as_primitive_opt::<Int64Type>();
                        let numbers = numbers.ok_or_else(|| malformed("lines are no integers"))?;
                        lines.extend(numbers.values().iter().map(|&line| line as u64));
                    }
                }
                batches.push(RowBatch::new(batch.num_rows(), found));
            }
            let batch = match <[RowBatch; 1]>::try_from(batches) {
                Ok([batch]) => batch,
                Err(batches) => RowBatch::concat(&batches),
            };
            if batch.n_rows() != n_rows {
                return Err(malformed("a column is shorter than its row group"));
            }
            // No one else has them yet.
            columns.extend(batch.into_columns().map(Arc::unwrap_or_clone));
        }
        if lines.len() != n_rows {
            return Err(malformed("rows have no line numbers"));
        }
        leave_out_integers(&mut columns, n_rows);
        Ok(ScannedRows {
            lines,
            batch: RowBatch::new(n_rows, columns),
        })
    }
}

/// The error of an object whose bytes are wrong.
pub(crate) fn damaged(key: &str, source: FormatError) -> ReadError {
    ReadError::Segment {
        object_key: key.to_owned(),
        source,
    }
}

/// Takes the rows out of columns of floats that were logged as integers and are in a column of their own.
fn leave_out_integers(columns: &mut Vec<Column>, n_rows: usize) {
    let is_int = |column: &&Column| column.kind() == ValueKind::Int;
    let integers: BTreeMap<MetricName, BTreeSet<usize>> = columns
        .iter()
        .filter(is_int)
        .filter(|int| {
            let is_twin =
                |other: &Column| other.kind() == ValueKind::Float && other.name() == int.name();
            columns.iter().any(is_twin)
        })
        .map(|column| (column.name().clone(), column.rows().collect()))
        .collect();
    if integers.is_empty() {
        return;
    }
    columns.retain_mut(|column| {
        let Some(integers) = integers.get(column.name()) else {
            return true;
        };
        let Values::Float(floats) = &column.values else {
            return true;
        };
        let kept = column.rows().zip(floats);
        let (rows, floats): (Vec<u32>, Vec<f64>) = kept
            .filter(|(row, _)| !integers.contains(row))
            .map(|(row, &float)| (row as u32, float))
            .unzip();
        let is_kept = !rows.is_empty();
        column.presence = Presence::new(rows, n_rows);
        column.values = Values::Float(floats);
        is_kept
    });
}

/// A column from an Arrow array; `None` if every row is null.
fn column(name: &MetricName, kind: ValueKind, array: &dyn Array) -> Option<Column> {
    let n_rows = array.len();
    let rows: Option<Vec<u32>> = (array.null_count() > 0).then(|| {
        let nulls = array.nulls().expect("has nulls");
        nulls.valid_indices().map(|row| row as u32).collect()
    });
    let all: Vec<u32>;
    let present: &[u32] = if let Some(rows) = &rows {
        rows
    } else {
        all = (0..n_rows as u32).collect();
        &all
    };
    if present.is_empty() {
        return None;
    }
    let rows_of = present.iter().map(|&row| row as usize);
    let values = match kind {
        ValueKind::Int => {
            let ints = array.as_primitive::<Int64Type>().values();
            Values::Int(rows_of.map(|row| ints[row]).collect())
        }
        ValueKind::Float => {
            let floats = array.as_primitive::<Float64Type>().values();
            Values::Float(rows_of.map(|row| floats[row]).collect())
        }
        ValueKind::Bool => {
            let bools = array.as_boolean();
            Values::Bool(rows_of.map(|row| bools.value(row)).collect())
        }
        ValueKind::String | ValueKind::Json => {
            let texts = array.as_string::<i32>();
            let mut values = Values::new(kind);
            for row in rows_of {
                let text = texts.value(row);
                values.push(if kind == ValueKind::Json {
                    ValueRef::Json(text)
                } else {
                    ValueRef::String(text)
                });
            }
            values
        }
    };
    Some(Column {
        name: name.clone(),
        presence: rows.map_or(Presence::All, Presence::Rows),
        values,
    })
}

/// Parts of an object, by where they start.
#[derive(Clone)]
pub(super) struct Fetched {
    parts: Vec<(u64, Bytes)>,
}

impl Fetched {
    fn get(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let part = self.parts.iter().find(|(part, bytes)| {
            *part <= start && start + length as u64 <= part + bytes.len() as u64
        });
        let (part, bytes) = part.ok_or_else(|| {
            ParquetError::EOF(format!(
                "bytes {start} to {} were not fetched",
                start + length as u64
            ))
        })?;
        let offset = (start - part) as usize;
        Ok(bytes.slice(offset..offset + length))
    }
}

impl Length for Fetched {
    fn len(&self) -> u64 {
        let ends = self
            .parts
            .iter()
            .map(|(start, bytes)| start + bytes.len() as u64);
        ends.max().unwrap_or(0)
    }
}

impl ChunkReader for Fetched {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let part = self
            .parts
            .iter()
            .find(|(part, bytes)| *part <= start && start < part + bytes.len() as u64);
        let (part, bytes) =
            part.ok_or_else(|| ParquetError::EOF(format!("byte {start} was not fetched")))?;
        Ok(bytes.slice((start - part) as usize..).reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.get(start, length)
    }
}
