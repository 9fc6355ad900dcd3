//! The footer of a file, checked before the decoder believes what it says.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use parquet::arrow::{
    FieldLevels, ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema,
};
use parquet::basic::{Compression, Type as PhysicalType};
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};

use super::ParquetFileError;
use super::thrift::{Cursor, Flaw};
use crate::ObjectSource;

/// Memory that a footer may take while it is read, in bytes.
pub(super) const FOOTER_MEMORY: u64 = 32 << 20;

/// Memory of a structure of the footer in its decoded form, about.
const STRUCT_BYTES: u64 = 256;

/// Groups within groups, at most.
const MAX_SCHEMA_DEPTH: usize = 24;

/// Longest value of a column whose values have one length. An array has so many bytes for each null, too.
const MAX_FIXED_BYTES: i32 = 4096;

/// So many leaves a column may have, one for each field of its structures.
const MAX_COLUMN_LEAVES: usize = 256;

/// The last bytes of a file that are fetched at once: with them comes nearly every footer.
const TAIL_BYTES: u64 = 64 << 10;

/// Length of the closing bytes: that of the footer, and the magic number.
const CLOSING_BYTES: u64 = 8;

/// What a file says of itself.
pub(super) struct Footer {
    pub(super) metadata: ParquetMetaData,
    /// The types in which columns are read. Text and bytes are views, which share the memory of their page: a value that
    /// many rows repeat takes no more than once.
    fields: Fields,
    /// How many leaves each column has.
    n_leaves: Vec<usize>,
}

impl Footer {
    /// Fetches and reads the footer of a file of `n_bytes`.
    pub(super) async fn fetch(
        source: &dyn ObjectSource,
        key: &str,
        n_bytes: u64,
    ) -> Result<Self, ParquetFileError> {
        if n_bytes < CLOSING_BYTES {
            return Err(ParquetFileError::NotParquet);
        }
        let tail_start = n_bytes.saturating_sub(TAIL_BYTES);
        let tail = source.get_range(key, tail_start..n_bytes).await?;
        let (rest, magic) = tail
            .split_last_chunk::<4>()
            .ok_or(ParquetFileError::NotParquet)?;
        let (_, length) = rest
            .split_last_chunk::<4>()
            .ok_or(ParquetFileError::NotParquet)?;
        match magic {
            b"PAR1" => {}
            b"PARE" => return Err(ParquetFileError::Encrypted),
            _ => return Err(ParquetFileError::NotParquet),
        }
        let length = u64::from(u32::from_le_bytes(*length));
        let end = n_bytes - CLOSING_BYTES;
        let start = end
            .checked_sub(length)
            .ok_or_else(|| ParquetFileError::damaged("its footer is longer than the file"))?;
        if length > FOOTER_MEMORY / 2 {
            return Err(too_large());
        }
        let bytes = if start >= tail_start {
            tail.slice((start - tail_start) as usize..(end - tail_start) as usize)
        } else {
            source.get_range(key, start..end).await?
        };
        let reading = tokio::task::spawn_blocking(move || Self::read(&bytes));
        super::finished(reading.await)
    }

    fn read(bytes: &[u8]) -> Result<Self, ParquetFileError> {
        check(bytes)?;
        let mut options = ParquetMetaDataOptions::new();
        options.set_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
        options.set_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll);
        options.set_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        let metadata = ParquetMetaDataReader::decode_metadata_with_options(bytes, Some(&options))
            .map_err(ParquetFileError::damaged)?;
        let schema = metadata.file_metadata().schema_descr();
        for leaf in schema.columns() {
            let length = leaf.type_length();
            if leaf.physical_type() == PhysicalType::FIXED_LEN_BYTE_ARRAY
                && !(0..=MAX_FIXED_BYTES).contains(&length)
            {
                return Err(ParquetFileError::Memory {
                    what: format!(
                        "the values of column `{}`, of {length} bytes each,",
                        leaf.path()
                    ),
                    limit: super::READ_MEMORY,
                });
            }
        }
        let inferred = parquet_to_arrow_schema(schema, None).map_err(ParquetFileError::damaged)?;
        if inferred.fields().len() != schema.root_schema().get_fields().len() {
            return Err(ParquetFileError::damaged(
                "a column of its schema has no fields",
            ));
        }
        let mut n_leaves = vec![0; inferred.fields().len()];
        for leaf in 0..schema.num_columns() {
            n_leaves[schema.get_column_root_idx(leaf)] += 1;
        }
        for group in metadata.row_groups() {
            if group.num_rows() < 0 || group.columns().len() != schema.num_columns() {
                return Err(ParquetFileError::damaged(
                    "a row group has other columns than the file",
                ));
            }
        }
        Ok(Self {
            fields: inferred.fields().iter().map(as_views).collect(),
            metadata,
            n_leaves,
        })
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name().as_str())
    }

    /// How many columns there are.
    pub(super) fn n_columns(&self) -> usize {
        self.fields.len()
    }

    /// How many leaves the first columns have, one by one.
    pub(super) fn leaves_of_columns(&self) -> &[usize] {
        &self.n_leaves
    }

    /// How many rows each row group has.
    pub(super) fn group_rows(&self) -> impl Iterator<Item = u64> {
        let groups = self.metadata.row_groups().iter();
        groups.map(|group| group.num_rows() as u64)
    }

    /// How to read some columns, given by their leaves.
    pub(super) fn levels(&self, leaves: &[usize]) -> Result<FieldLevels, ParquetFileError> {
        let schema = self.metadata.file_metadata().schema_descr();
        let mask = ProjectionMask::leaves(schema, leaves.iter().copied());
        parquet_to_arrow_field_levels(schema, mask, Some(&self.fields))
            .map_err(ParquetFileError::damaged)
    }

    /// Refuses leaves of a row group that cannot be read here.
    pub(super) fn check_leaves(
        group: &RowGroupMetaData,
        leaves: &[usize],
        n_bytes: u64,
    ) -> Result<(), ParquetFileError> {
        if leaves.len() > MAX_COLUMN_LEAVES {
            return Err(ParquetFileError::Memory {
                what: format!("a column of {} fields", leaves.len()),
                limit: super::READ_MEMORY,
            });
        }
        for &leaf in leaves {
            let column = group.column(leaf);
            match column.compression() {
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => {}
                other => {
                    let name = other.to_string();
                    return Err(ParquetFileError::Compression {
                        column: column.column_path().string(),
                        codec: name.split('(').next().unwrap_or_default().to_owned(),
                    });
                }
            }
            let start = column
                .dictionary_page_offset()
                .unwrap_or_else(|| column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            if start < 0
                || column.compressed_size() < 0
                || end.is_none_or(|end| end as u64 > n_bytes)
            {
                return Err(ParquetFileError::Damaged(format!(
                    "column `{}` lies outside of the file",
                    column.column_path()
                )));
            }
        }
        Ok(())
    }
}

fn too_large() -> ParquetFileError {
    ParquetFileError::Memory {
        what: "its footer".to_owned(),
        limit: FOOTER_MEMORY,
    }
}

/// Walks through a footer before it is decoded: whether it is whole, how much memory its structures will take, and whether
/// its schema is a tree that is not too deep, since the decoder follows that by recursion.
fn check(bytes: &[u8]) -> Result<(), ParquetFileError> {
    const SCHEMA: i64 = 2;
    const NUM_CHILDREN: i64 = 5;
    let mut cursor = Cursor::new(bytes);
    // Of each open group, how many children are to come.
    let mut open: Vec<u64> = vec![1];
    let walked = cursor.fields(|cursor, number, kind| {
        if number != SCHEMA {
            return Ok(false);
        }
        cursor.structs(kind, |cursor| {
            let mut n_children = 0;
            cursor.fields(|cursor, number, kind| {
                if number == NUM_CHILDREN {
                    n_children = cursor.count(kind)?;
                }
                Ok(number == NUM_CHILDREN)
            })?;
            while open.last() == Some(&0) {
                open.pop();
            }
            let left = open.last_mut().ok_or(Flaw::Malformed)?;
            *left -= 1;
            open.push(n_children);
            if open.len() > MAX_SCHEMA_DEPTH {
                return Err(Flaw::Malformed);
            }
            Ok(())
        })?;
        Ok(true)
    });
    let n_struct_bytes = cursor.n_structs.saturating_mul(STRUCT_BYTES);
    if bytes.len() as u64 + n_struct_bytes > FOOTER_MEMORY {
        return Err(too_large());
    }
    if walked.is_err() || open.iter().any(|&left| left > 0) {
        return Err(ParquetFileError::damaged("its footer is not well formed"));
    }
    Ok(())
}

/// A field whose text and bytes are views, and whose times say where they are as an offset, as times are written here.
fn as_views(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
        DataType::List(item) => DataType::List(as_views(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(as_views).collect()),
        DataType::Map(entries, is_sorted) => DataType::Map(as_views(entries), *is_sorted),
        _ => return Arc::clone(field),
    };
    Arc::new(Field::clone(field).with_data_type(data_type))
}
