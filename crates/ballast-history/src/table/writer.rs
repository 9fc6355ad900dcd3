//! Writing a table bit by bit.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::csv;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::TableColumns;
use crate::ScannedRows;
use crate::rows::array_of;
use crate::segment::encoded;

/// Cells that are made into arrays at once: half a megabyte.
const CELLS_PER_BATCH: usize = 1 << 16;

/// A row group of a Parquet table closes when it has this many bytes,
const GROUP_BYTES: usize = 4 << 20;

/// or this many rows.
const GROUP_ROWS: usize = 1 << 18;

/// A Parquet table of more columns is not compressed: each would need a compressor of its own at the same time.
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
    Parquet(ArrowWriter<Output>),
}

impl TableWriter {
    /// Starts a table.
    ///
    /// # Errors
    /// [`TableError`] if the encoder refuses the columns.
    pub fn new(format: TableFormat, columns: TableColumns) -> Result<Self, TableError> {
        let schema = columns.schema();
        let output = Output::default();
        let out = output.clone();
        let encoder = match format {
            TableFormat::Csv => Encoder::Csv(csv::Writer::new(out)),
            TableFormat::Arrow => Encoder::Arrow(FileWriter::try_new(out, &schema)?),
            TableFormat::Parquet => {
                let compression = if columns.len() <= MAX_COMPRESSED_COLUMNS {
                    Compression::ZSTD(ZstdLevel::default())
                } else {
                    Compression::UNCOMPRESSED
                };
                let mut properties = WriterProperties::builder()
                    .set_compression(compression)
                    .set_max_row_group_row_count(Some(GROUP_ROWS));
                for column in &columns.columns {
                    properties = encoded(properties, &column.label, column.kind);
                }
                let (schema, properties) = (Arc::clone(&schema), Some(properties.build()));
                Encoder::Parquet(ArrowWriter::try_new(out, schema, properties)?)
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
        let per_batch = (CELLS_PER_BATCH / self.columns.len()).max(1);
        let end = (start + per_batch).min(n_rows);
        let batch = rows.batch.slice(start..end);
        let runs = StringArray::from_iter_values(std::iter::repeat_n(run, end - start));
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(runs)];
        let columns = self.columns.columns.iter();
        arrays.extend(columns.map(|column| array_of(&batch, &column.name, column.kind)));
        self.encode(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        Ok(end)
    }

    /// Encodes what was gathered to be encoded together, so that less of it is in memory.
    ///
    /// # Errors
    /// [`TableError`] if the encoder fails.
    pub fn flush(&mut self) -> Result<(), TableError> {
        if let Encoder::Parquet(writer) = &mut self.encoder {
            writer.flush()?;
            writer.sync().map_err(ParquetError::from)?;
        }
        Ok(())
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
            Encoder::Parquet(writer) => {
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
            Encoder::Parquet(writer) => {
                writer.write(batch)?;
                if writer.in_progress_size() >= GROUP_BYTES
                    || writer.memory_size() >= 4 * GROUP_BYTES
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
