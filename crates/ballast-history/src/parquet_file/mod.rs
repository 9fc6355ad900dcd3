//! Rows of Parquet files that others wrote: the previews of files in artifacts.
//!
//! Nothing that such a file says is believed before it is checked: its [footer](footer) is walked through before it is
//! decoded, and the header of every [page](pages) before the decoder makes room for it. A page of rows is read from as
//! few pages of the file as have them, some columns after the other, so that memory follows neither the file nor its row
//! groups, but the largest pages of a few columns.

mod cells;
mod error;
mod footer;
mod pages;
#[cfg(test)]
mod tests;
mod thrift;

use std::ops::Range;
use std::sync::Arc;

use ballast_model::json::Value;
use bytes::Bytes;
use futures::FutureExt;
use futures::stream::{self, StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector,
};
use parquet::column::page::PageIterator;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use tokio::task::JoinError;

pub use self::error::ParquetFileError;
use self::footer::{FOOTER_MEMORY, Footer};
use self::pages::{ColumnPages, Ledger, Limits, WINDOW_BYTES};
use crate::{Engine, ObjectSource};

/// Memory that pages of the file and what is decoded from them may take, in bytes.
const READ_MEMORY: u64 = 64 << 20;

/// About so many bytes of cells make a page, however few rows they are.
const PAGE_BYTES: usize = 2 << 20;

/// Memory that [`Engine::read_parquet_file`] takes at most, in bytes, with the page that it gives.
pub const PARQUET_FILE_MEMORY: u64 = FOOTER_MEMORY + READ_MEMORY + (16 << 20);

/// So many columns are shown.
const MAX_COLUMNS: usize = 256;

/// Cells of a page, at most.
const MAX_CELLS: usize = 100_000;

/// So many leaves are read together: each holds a page, and a decompressor.
const LEAVES_AT_ONCE: usize = 16;

/// A page of rows comes from so many row groups at most.
const GROUPS_PER_PAGE: usize = 8;

/// Rows that are decoded together.
const BATCH_ROWS: usize = 128;

/// How much is read to find the rows, in bytes.
const MAX_FETCHED_BYTES: u64 = 512 << 20;

/// So many ranges are fetched at once.
const FETCHES_AT_ONCE: usize = 8;

/// A page of the rows of a Parquet file.
#[derive(Debug, Clone, PartialEq)]
pub struct ParquetRows {
    /// The names of the columns that are shown, which are the first ones. A column of structures is one column.
    pub columns: Vec<String>,
    /// How many columns the file has.
    pub n_columns: usize,
    /// The rows, each with a cell for each column. Lists, structures and maps are JSON; dates, times and decimals are
    /// text; bytes are text or the first of them in hexadecimal digits. A cell of more than 16 KiB is cut.
    pub rows: Vec<Vec<Value>>,
    /// How many rows the file has.
    pub total: u64,
}

/// Some columns of a file, by their leaves.
struct Columns {
    leaves: Range<usize>,
    /// How many bytes of cells they may have.
    n_bytes: usize,
}

impl Engine {
    /// Rows of a Parquet file that lies in the object store under `key` and has `n_bytes`: at most `limit` from row `from`
    /// on, and fewer if they are wide or in many row groups, but at least one if there is one.
    ///
    /// # Errors
    /// [`ParquetFileError`], of which [`ParquetFileError::Source`] and [`ParquetFileError::Cancelled`] may go by, and the
    /// others say what it is about the file.
    pub async fn read_parquet_file(
        &self,
        key: &str,
        n_bytes: u64,
        from: u64,
        limit: usize,
    ) -> Result<ParquetRows, ParquetFileError> {
        let footer = Footer::fetch(self.objects.as_ref(), key, n_bytes).await?;
        let file = Arc::new(File {
            source: Arc::clone(&self.objects),
            key: key.into(),
            n_bytes,
            footer,
        });
        let footer = &file.footer;
        let columns: Vec<String> = footer
            .names()
            .take(MAX_COLUMNS)
            .map(str::to_owned)
            .collect();
        let mut limit = limit.min(MAX_CELLS / columns.len().max(1));
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (index, columns) in columns_together(footer).into_iter().enumerate() {
            let read = Arc::clone(&file).read_columns(columns, from, limit).await?;
            limit = read.len();
            if index == 0 {
                rows = read;
            } else {
                rows.truncate(limit);
                rows.iter_mut()
                    .zip(read)
                    .for_each(|(row, cells)| row.extend(cells));
            }
        }
        Ok(ParquetRows {
            n_columns: footer.n_columns(),
            total: footer.group_rows().fold(0, u64::saturating_add),
            columns,
            rows,
        })
    }
}

/// Which of the shown columns are read together.
fn columns_together(footer: &Footer) -> Vec<Columns> {
    let mut together: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for &n_leaves in footer.leaves_of_columns().iter().take(MAX_COLUMNS) {
        let end = start + n_leaves;
        match together.last_mut() {
            Some(last) if end - last.start <= LEAVES_AT_ONCE => last.end = end,
            _ => together.push(start..end),
        }
        start = end;
    }
    let n_bytes = PAGE_BYTES / together.len().max(1);
    let columns = together.into_iter();
    columns.map(|leaves| Columns { leaves, n_bytes }).collect()
}

/// A file being read.
struct File {
    source: Arc<dyn ObjectSource>,
    key: Arc<str>,
    n_bytes: u64,
    footer: Footer,
}

impl File {
    /// The cells of some columns, row by row.
    async fn read_columns(
        self: Arc<Self>,
        columns: Columns,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<Value>>, ParquetFileError> {
        let mut cells = Cells {
            rows: Vec::new(),
            n_bytes: 0,
            limit,
            max_bytes: columns.n_bytes,
        };
        let (mut group_start, mut n_groups) = (0_u64, 0);
        for (group, n_rows) in self.footer.group_rows().enumerate() {
            let group_end = group_start.saturating_add(n_rows);
            let first = from.saturating_add(cells.rows.len() as u64);
            if n_rows > 0 && first < group_end {
                if cells.is_full() || n_groups == GROUPS_PER_PAGE {
                    break;
                }
                n_groups += 1;
                let (file, leaves) = (Arc::clone(&self), columns.leaves.clone());
                cells = file
                    .read_group(group, leaves, first - group_start, from, cells)
                    .await?;
            }
            group_start = group_end;
        }
        Ok(cells.rows)
    }

    /// Adds the rows of a row group, from one on.
    async fn read_group(
        self: Arc<Self>,
        group: usize,
        leaves: Range<usize>,
        skipped: u64,
        row: u64,
        mut cells: Cells,
    ) -> Result<Cells, ParquetFileError> {
        let metadata = self.footer.metadata.row_group(group);
        let all: Vec<usize> = leaves.clone().collect();
        Footer::check_leaves(metadata, &all, self.n_bytes)?;
        let mut fetches = Vec::with_capacity(all.len());
        for &leaf in &all {
            let (start, length) = metadata.column(leaf).byte_range();
            let range = start..start + length.min(WINDOW_BYTES);
            let (source, key) = (Arc::clone(&self.source), Arc::clone(&self.key));
            fetches.push(async move { source.get_range(&key, range).await }.boxed());
        }
        let windows: Vec<Bytes> = stream::iter(fetches)
            .buffered(FETCHES_AT_ONCE)
            .try_collect()
            .await?;
        let ledger = Arc::new(Ledger::new(
            leaves.len(),
            Limits {
                memory: READ_MEMORY,
                fetched: MAX_FETCHED_BYTES,
                row,
            },
        ));
        let file = Arc::clone(&self);
        let levels = self.footer.levels(&all)?;
        let decoding = tokio::task::spawn_blocking(move || {
            let pages = GroupPages {
                file: &file,
                group,
                leaves,
                windows,
                ledger: &ledger,
            };
            let decoded = pages.decode(&levels, skipped, &mut cells);
            match (ledger.take_failure(), decoded) {
                (Some(failure), _) => Err(failure),
                (None, Ok(())) => Ok(cells),
                (None, Err(error)) => Err(ParquetFileError::damaged(error)),
            }
        });
        finished(decoding.await)
    }
}

/// The cells of some columns that were read so far.
struct Cells {
    rows: Vec<Vec<Value>>,
    n_bytes: usize,
    limit: usize,
    max_bytes: usize,
}

impl Cells {
    fn is_full(&self) -> bool {
        self.rows.len() >= self.limit || self.n_bytes >= self.max_bytes
    }
}

/// Some columns of a row group.
struct GroupPages<'a> {
    file: &'a File,
    group: usize,
    leaves: Range<usize>,
    /// The first bytes of each.
    windows: Vec<Bytes>,
    ledger: &'a Arc<Ledger>,
}

impl GroupPages<'_> {
    fn row_group(&self) -> &RowGroupMetaData {
        self.file.footer.metadata.row_group(self.group)
    }

    fn decode(
        &self,
        levels: &parquet::arrow::FieldLevels,
        skipped: u64,
        cells: &mut Cells,
    ) -> Result<(), arrow::error::ArrowError> {
        let n_left = self.num_rows().saturating_sub(skipped as usize);
        let n_wanted = (cells.limit - cells.rows.len()).min(n_left);
        let selection = RowSelection::from(vec![
            RowSelector::skip(skipped as usize),
            RowSelector::select(n_wanted),
        ]);
        let batch_rows = BATCH_ROWS.min(n_wanted);
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(
            levels,
            self,
            batch_rows,
            Some(selection),
        )?;
        for batch in reader {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                if cells.is_full() {
                    return Ok(());
                }
                let mut values = Vec::with_capacity(batch.num_columns());
                for column in batch.columns() {
                    let (value, n_bytes) = cells::cell(column.as_ref(), row)?;
                    values.push(value);
                    cells.n_bytes += n_bytes;
                }
                cells.rows.push(values);
            }
            drop(batch);
            self.ledger.settle();
        }
        Ok(())
    }
}

impl RowGroups for GroupPages<'_> {
    fn num_rows(&self) -> usize {
        self.row_group().num_rows() as usize
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>, ParquetError> {
        let place = leaf
            .checked_sub(self.leaves.start)
            .filter(|&place| place < self.windows.len())
            .ok_or_else(|| ParquetError::General(format!("leaf {leaf} was not asked for")))?;
        let metadata = self.row_group().column(leaf);
        let pages = ColumnPages::new(
            Arc::clone(&self.file.source),
            Arc::clone(&self.file.key),
            Arc::clone(self.ledger),
            place,
            metadata,
            self.windows[place].clone(),
        );
        pages.into_pages(metadata, self.num_rows())
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.row_group()))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.file.footer.metadata
    }
}

/// What a blocking task gave. A decoder that panicked met something that it takes for impossible, which a damaged file may
/// well have.
fn finished<T>(
    joined: Result<Result<T, ParquetFileError>, JoinError>,
) -> Result<T, ParquetFileError> {
    match joined {
        Ok(done) => done,
        Err(error) if error.is_panic() => Err(ParquetFileError::damaged("the decoder gave it up")),
        Err(_) => Err(ParquetFileError::Cancelled),
    }
}
