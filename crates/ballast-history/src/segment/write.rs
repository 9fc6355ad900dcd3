//! Writing Parquet objects.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use ballast_model::MetricName;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use super::directory::{ObjectEntry, RowGroupEntry};
use super::{name, object};
use crate::ValueKind;
use crate::rows::{RUNTIME, STEP, TIMESTAMP, array_of, data_type};
use crate::scan::ScannedRows;
use crate::stats::ColumnStats;

/// An object has no more columns, special ones not counted, unless one key has more kinds.
const MAX_COLUMNS: usize = 512;

/// A row group has no more rows, so that a page of rows costs no more than these.
const MAX_GROUP_ROWS: usize = 1 << 16;

/// A row group has no more cells, present or not, in a segment of one object; a quarter of it in one of several,
/// which are read side by side.
const MAX_GROUP_CELLS: usize = 1 << 21;

/// A row group closes when its values take this many bytes.
const MAX_GROUP_BYTES: usize = 16 << 20;

/// Whether the key is in every object of a segment.
pub(crate) fn is_special(name: &MetricName) -> bool {
    [STEP, RUNTIME, TIMESTAMP].contains(&name.as_str())
}

/// A column of an object to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnPlan {
    pub(crate) name: MetricName,
    pub(crate) kind: ValueKind,
    parquet_name: String,
}

/// Shares columns out over objects: all in one if they are few; else the first has only the special ones, for every
/// row, and each other has the special ones and a stretch of the others. The kinds of one key stay together.
pub(crate) fn columns_by_object(stats: &[ColumnStats]) -> Vec<Vec<ColumnPlan>> {
    let mut special = Vec::new();
    let mut other: Vec<Vec<ColumnPlan>> = vec![Vec::new()];
    for kinds in stats.chunk_by(|a, b| a.name == b.name) {
        let plans = kinds.iter().map(|column| ColumnPlan {
            name: column.name.clone(),
            kind: column.kind,
            parquet_name: name::of_column(&column.name, column.kind, kinds.len() > 1),
        });
        if is_special(&kinds[0].name) {
            special.extend(plans);
            continue;
        }
        if other
            .last()
            .is_some_and(|last| last.len() + kinds.len() > MAX_COLUMNS)
        {
            other.push(Vec::new());
        }
        other.last_mut().expect("starts with one").extend(plans);
    }
    if other.len() > 1 {
        other.insert(0, Vec::new());
    }
    for columns in &mut other {
        columns.extend(special.iter().cloned());
        columns.sort_by(|a, b| (&a.name, a.kind).cmp(&(&b.name, b.kind)));
    }
    other
}

/// Properties under which a column of this name is written in the encoding that suits its kind.
pub(crate) fn encoded(
    properties: WriterPropertiesBuilder,
    parquet_name: &str,
    kind: ValueKind,
) -> WriterPropertiesBuilder {
    let encoding = match kind {
        ValueKind::Int => Encoding::DELTA_BINARY_PACKED,
        ValueKind::Float => Encoding::BYTE_STREAM_SPLIT,
        ValueKind::Bool | ValueKind::String | ValueKind::Json => return properties,
    };
    let path = || ColumnPath::new(vec![parquet_name.to_owned()]);
    properties
        .set_column_dictionary_enabled(path(), false)
        .set_column_encoding(path(), encoding)
}

/// Writes one Parquet object into memory.
pub(crate) struct ObjectWriter {
    columns: Vec<ColumnPlan>,
    schema: Arc<Schema>,
    writer: ArrowWriter<Vec<u8>>,
    max_rows: usize,
    /// Rows of the row group to come.
    waiting: Vec<ScannedRows>,
    n_waiting_rows: usize,
    n_waiting_bytes: usize,
    row_groups: Vec<RowGroupEntry>,
    crcs: Vec<u32>,
}

impl ObjectWriter {
    /// Starts an object of a segment of `n_objects`.
    pub(crate) fn new(columns: Vec<ColumnPlan>, n_objects: usize) -> Result<Self, ParquetError> {
        let mut fields = vec![Field::new(name::LINE, DataType::Int64, false)];
        let level = ZstdLevel::try_new(3).expect("a known compression level");
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by(concat!("ballast ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_max_row_group_row_count(None)
            .set_sorting_columns(Some(vec![SortingColumn {
                column_idx: 0,
                descending: false,
                nulls_first: false,
            }]));
        properties = encoded(properties, name::LINE, ValueKind::Int);
        for column in &columns {
            properties = encoded(properties, &column.parquet_name, column.kind);
            let data_type = data_type(column.kind);
            fields.push(Field::new(&column.parquet_name, data_type, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let writer =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties.build()))?;
        let max_cells = MAX_GROUP_CELLS / if n_objects == 1 { 1 } else { 4 };
        Ok(Self {
            max_rows: (max_cells / (columns.len() + 1)).clamp(1, MAX_GROUP_ROWS),
            columns,
            schema,
            writer,
            waiting: Vec::new(),
            n_waiting_rows: 0,
            n_waiting_bytes: 0,
            row_groups: Vec::new(),
            crcs: Vec::new(),
        })
    }

    /// Appends rows, whose lines follow those before.
    pub(crate) fn write(&mut self, rows: &ScannedRows) -> Result<(), ParquetError> {
        let mut start = 0;
        while start < rows.lines.len() {
            let n_rows = (rows.lines.len() - start).min(self.max_rows - self.n_waiting_rows);
            let slice = rows.slice(start..start + n_rows);
            start += n_rows;
            self.n_waiting_rows += n_rows;
            let columns = slice.batch.columns().iter();
            self.n_waiting_bytes += columns
                .map(|column| column.values().n_bytes())
                .sum::<usize>();
            self.waiting.push(slice);
            if self.n_waiting_rows == self.max_rows || self.n_waiting_bytes >= MAX_GROUP_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Closes the object: its bytes and its entry in the directory.
    pub(crate) fn finish(mut self) -> Result<(ObjectEntry, Bytes), ParquetError> {
        self.flush()?;
        let first_key = self.columns.iter().find(|column| !is_special(&column.name));
        let first_key = first_key.map_or_else(|| MetricName::from_key(""), |c| c.name.clone());
        self.writer.append_key_value_metadata(KeyValue {
            key: object::CRC_KEY.to_owned(),
            value: Some(object::crcs_to_text(&self.crcs)),
        });
        // Closes the writer, too.
        let bytes = Bytes::from(self.writer.into_inner()?);
        let n_footer_bytes = object::footer_length(&bytes)
            .ok_or_else(|| ParquetError::General("the object has no footer".to_owned()))?;
        let footer = &bytes[bytes.len() - n_footer_bytes..];
        let entry = ObjectEntry {
            first_key,
            n_bytes: bytes.len() as u64,
            n_footer_bytes: n_footer_bytes as u64,
            footer_crc: crc32fast::hash(footer),
            digest: *blake3::hash(&bytes).as_bytes(),
            row_groups: self.row_groups,
        };
        Ok((entry, bytes))
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let rows = ScannedRows::concat(&std::mem::take(&mut self.waiting));
        self.n_waiting_rows = 0;
        self.n_waiting_bytes = 0;
        let (Some(&first), Some(&last)) = (rows.lines.first(), rows.lines.last()) else {
            return Ok(());
        };
        let lines: Vec<i64> = rows.lines.iter().map(|&line| line as i64).collect();
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(lines))];
        let columns = self.columns.iter();
        arrays.extend(columns.map(|plan| array_of(&rows.batch, &plan.name, plan.kind)));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        self.writer.write(&batch)?;
        self.writer.flush()?;
        self.writer.sync()?;
        let group = self.writer.flushed_row_groups().last();
        let group = group.ok_or_else(|| ParquetError::General("no row group".to_owned()))?;
        for column in group.columns() {
            let (start, length) = column.byte_range();
            let bytes = &self.writer.inner()[start as usize..(start + length) as usize];
            self.crcs.push(crc32fast::hash(bytes));
        }
        self.row_groups.push(RowGroupEntry {
            n_rows: rows.lines.len() as u64,
            lines: first..last + 1,
            steps: rows.batch.step_range(),
        });
        Ok(())
    }
}
