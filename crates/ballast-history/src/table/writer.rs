//! Writing a table bit by bit.

use std::collections::HashMap;
use std::io::Write;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::csv;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::TableColumns;
use crate::ScannedRows;
use crate::rows::{array_of, data_type};
use crate::segment::encoded;

/// Cells that are made into arrays at once: half a megabyte. Those of keys that no row has share one array for each kind.
const CELLS_PER_BATCH: usize = 1 << 16;

/// Cells that are encoded at once, the shared ones counted. Arrow IPC and CSV have bytes for each of them.
const ENCODED_CELLS_PER_BATCH: usize = 1 << 18;

/// The same of a Parquet table, which has next to nothing for an empty cell, but a fixed cost for each column of a batch.
const PARQUET_CELLS_PER_BATCH: usize = 1 << 21;

/// A row group of a Parquet table closes when it has this many bytes, more in a large or a wide table,
const GROUP_BYTES: RangeInclusive<u64> = 4 << 20..=8 << 20;

/// or takes this many times as much memory,
const GROUP_MEMORY: u64 = 2;

/// or this many rows.
const GROUP_ROWS: usize = 1 << 18;

/// Bytes of a value before it is compressed, if it is a number.
const BYTES_PER_VALUE: u64 = 8;

/// What the end of the file tells of all row groups stays in memory until then; it is kept below this by larger ones, as far
/// as these may grow.
const FOOTER_BYTES: u64 = 2 << 20;

/// Memory of what the end of a Parquet file tells of one column in one row group, as measured.
const FOOTER_BYTES_PER_COLUMN: u64 = 768;

/// A Parquet table of more columns is neither compressed, since each would need a compressor of its own at the same time, nor
/// has it the bounds of each column.
const MAX_COMPRESSED_COLUMNS: usize = 1024;

/// A file format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated text with a header. Cells without a value are empty.
    Csv,
    /// Arrow IPC file, also known as Feather.
    Arrow,
    /// Parquet, compressed with zstd unless it has very many columns.
    Parquet,
}

/// An encoder did not take what it was given.
#[derive(Debug, thiserror::Error)]
#[error("a table could not be written")]
pub struct TableError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<ArrowError> for TableError {
    fn from(error: ArrowError) -> Self {
        Self(error.into())
    }
}

impl From<ParquetError> for TableError {
    fn from(error: ParquetError) -> Self {
        Self(error.into())
    }
}

/// Writes rows as a table. What is finished is taken out as it comes, so memory holds some megabytes of it at most.
pub struct TableWriter {
    columns: TableColumns,
    schema: Arc<Schema>,
    output: Output,
    encoder: Encoder,
}

enum Encoder {
    Csv(csv::Writer<Output>),
    Arrow(FileWriter<Output>),
    Parquet {
        writer: ArrowWriter<Output>,
        group_bytes: u64,
    },
}

impl TableWriter {
    /// Starts a table that will have about `n_values` values.
    ///
    /// # Errors
    /// [`TableError`] if the encoder refuses the columns.
    pub fn new(
        format: TableFormat,
        columns: TableColumns,
        n_values: u64,
    ) -> Result<Self, TableError> {
        let schema = columns.schema();
        let group_bytes = group_bytes(&columns, n_values);
        let output = Output::default();
        let out = output.clone();
        let encoder = match format {
            TableFormat::Csv => Encoder::Csv(csv::Writer::new(out)),
            TableFormat::Arrow => Encoder::Arrow(FileWriter::try_new(out, &schema)?),
            TableFormat::Parquet => {
                let (compression, statistics) = if columns.len() <= MAX_COMPRESSED_COLUMNS {
                    let zstd = Compression::ZSTD(ZstdLevel::default());
                    (zstd, EnabledStatistics::Chunk)
                } else {
                    (Compression::UNCOMPRESSED, EnabledStatistics::None)
                };
                let mut properties = WriterProperties::builder()
                    .set_compression(compression)
                    // What is told of every page stays in memory until the end.
                    .set_statistics_enabled(statistics)
                    .set_offset_index_disabled(true)
                    .set_max_row_group_row_count(Some(GROUP_ROWS));
                for column in &columns.columns {
                    properties = encoded(properties, &column.label, column.kind);
                }
                let (schema, properties) = (Arc::clone(&schema), Some(properties.build()));
                Encoder::Parquet {
                    writer: ArrowWriter::try_new(out, schema, properties)?,
                    group_bytes,
                }
            }
        };
        let mut writer = Self {
            columns,
            schema,
            output,
            encoder,
        };
        // CSV has its header also if no row follows.
        writer.encode(&RecordBatch::new_empty(Arc::clone(&writer.schema)))?;
        Ok(writer)
    }

    /// Appends rows of a run, from the one in place `start` on: as many as are worth their overhead, so that little is made at
    /// once. Returns the place of the next row.
    ///
    /// # Errors
    /// [`TableError`] if the encoder refuses them.
    ///
    /// # Panics
    /// If there is no row at `start`.
    pub fn write_from(
        &mut self,
        run: &str,
        rows: &ScannedRows,
        start: usize,
    ) -> Result<usize, TableError> {
        let n_rows = rows.lines.len();
        let end = (start + self.rows_per_batch(rows)).min(n_rows);
        let batch = rows.batch.slice(start..end);
        let runs = StringArray::from_iter_values(std::iter::repeat_n(run, end - start));
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(runs)];
        let mut empty = HashMap::new();
        arrays.extend(self.columns.columns.iter().map(|column| {
            if batch.columns_of(&column.name).is_empty() {
                let empty = empty.entry(column.kind);
                let empty =
                    empty.or_insert_with(|| new_null_array(&data_type(column.kind), end - start));
                Arc::clone(empty)
            } else {
                array_of(&batch, &column.name, column.kind)
            }
        }));
        self.encode(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        Ok(end)
    }

    /// How many rows are worth the overhead of a batch.
    fn rows_per_batch(&self, rows: &ScannedRows) -> usize {
        let encoded = match self.encoder {
            Encoder::Csv(_) | Encoder::Arrow(_) => ENCODED_CELLS_PER_BATCH,
            Encoder::Parquet { .. } => PARQUET_CELLS_PER_BATCH,
        };
        let own = CELLS_PER_BATCH / (rows.batch.columns().len() + 1);
        own.min(encoded / self.columns.len()).max(1)
    }

    /// Encodes what was gathered to be encoded together, so that less of it is in memory.
    ///
    /// # Errors
    /// [`TableError`] if the encoder fails.
    pub fn flush(&mut self) -> Result<(), TableError> {
        if let Encoder::Parquet { writer, .. } = &mut self.encoder {
            writer.flush()?;
            writer.sync().map_err(ParquetError::from)?;
        }
        Ok(())
    }

    /// Memory of what the end of the file tells of the rows so far, which stays until then.
    pub fn footer_bytes(&self) -> u64 {
        match &self.encoder {
            Encoder::Csv(_) | Encoder::Arrow(_) => 0,
            Encoder::Parquet { writer, .. } => {
                footer_bytes(writer.flushed_row_groups().len() as u64, &self.columns)
            }
        }
    }

    /// Takes out the bytes that are finished.
    pub fn take(&mut self) -> Bytes {
        self.output.take()
    }

    /// Ends the table: its last bytes.
    ///
    /// # Errors
    /// [`TableError`] if the encoder fails.
    pub fn finish(self) -> Result<Bytes, TableError> {
        match self.encoder {
            Encoder::Csv(_) => {}
            Encoder::Arrow(mut writer) => writer.finish()?,
            Encoder::Parquet { writer, .. } => {
                writer.close()?;
            }
        }
        Ok(self.output.take())
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        match &mut self.encoder {
            Encoder::Csv(writer) => writer.write(batch)?,
            Encoder::Arrow(writer) if batch.num_rows() == 0 => writer.flush()?,
            Encoder::Arrow(writer) => writer.write(batch)?,
            Encoder::Parquet {
                writer,
                group_bytes,
            } => {
                writer.write(batch)?;
                if writer.in_progress_size() as u64 >= *group_bytes
                    || writer.memory_size() as u64 >= GROUP_MEMORY * *group_bytes
                {
                    writer.flush()?;
                }
                // The encoder has a buffer of its own.
                writer.sync().map_err(ParquetError::from)?;
            }
        }
        Ok(())
    }
}

impl TableFormat {
    /// Memory that [`TableWriter::footer_bytes`] of a table of about `n_values` values comes to.
    pub fn expected_footer_bytes(self, columns: &TableColumns, n_values: u64) -> u64 {
        match self {
            Self::Csv | Self::Arrow => 0,
            Self::Parquet => {
                let n_bytes = n_values.saturating_mul(BYTES_PER_VALUE);
                footer_bytes(n_bytes.div_ceil(group_bytes(columns, n_values)), columns)
            }
        }
    }
}

fn group_bytes(columns: &TableColumns, n_values: u64) -> u64 {
    let n_bytes = n_values.saturating_mul(BYTES_PER_VALUE);
    let n_groups = FOOTER_BYTES / footer_bytes(1, columns);
    (n_bytes / n_groups.max(1)).clamp(*GROUP_BYTES.start(), *GROUP_BYTES.end())
}

fn footer_bytes(n_groups: u64, columns: &TableColumns) -> u64 {
    (n_groups * columns.len() as u64).saturating_mul(FOOTER_BYTES_PER_COLUMN)
}

/// Bytes that the encoder wrote and that were not taken out.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn take(&self) -> Bytes {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes).into()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
