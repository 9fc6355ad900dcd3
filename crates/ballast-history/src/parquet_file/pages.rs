//! The pages of a column, fetched as the decoder asks for them, and refused before it makes room for more than it may.
//!
//! The decoder reads the header of a page, and makes room for as many bytes as the header says. So headers are looked at
//! on their way to it: every read that it begins is at a header, or at the bytes of the page whose header it read last.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf, Bytes};
use parquet::column::page::{PageIterator, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use tokio::runtime::Handle;

use super::ParquetFileError;
use super::thrift::{Cursor, Flaw};
use crate::ObjectSource;

/// Bytes that are fetched from where a page begins, or beyond its end, to have the next header with it.
pub(super) const WINDOW_BYTES: u64 = 64 << 10;

/// Memory of a value in a dictionary, about, besides its bytes.
const DICTIONARY_VALUE_BYTES: u64 = 32;

/// Memory of a value within lists, about, besides its bytes: levels and a view.
const LISTED_VALUE_BYTES: u64 = 24;

/// What may be held in memory and fetched, and what went wrong. All columns that are read together share it.
pub(super) struct Ledger {
    state: Mutex<State>,
    limits: Limits,
}

/// How much may be held and fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Memory of pages and what is decoded from them, in bytes.
    pub(super) memory: u64,
    /// Bytes that are fetched from the first page to the last row.
    pub(super) fetched: u64,
    /// The row that is looked for.
    pub(super) row: u64,
}

#[derive(Default)]
struct State {
    columns: Vec<Held>,
    n_fetched: u64,
    failure: Option<ParquetFileError>,
}

/// What is held of a column, in bytes.
#[derive(Default, Clone)]
struct Held {
    dictionary: u64,
    /// The pages since the last batch, and the one in which it ended.
    pages: u64,
    last_page: u64,
}

impl Ledger {
    pub(super) fn new(n_columns: usize, limits: Limits) -> Self {
        let state = State {
            columns: vec![Held::default(); n_columns],
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            limits,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a batch was taken and is gone, and with it all pages but those in which it ended.
    pub(super) fn settle(&self) {
        for column in &mut self.lock().columns {
            column.pages = column.last_page;
        }
    }

    /// Why reading stopped, if it was for a reason of ours.
    pub(super) fn take_failure(&self) -> Option<ParquetFileError> {
        self.lock().failure.take()
    }

    fn hold(
        &self,
        column: usize,
        name: &str,
        is_dictionary: bool,
        n_bytes: u64,
    ) -> Result<(), Refused> {
        let mut state = self.lock();
        let held = &mut state.columns[column];
        if is_dictionary {
            held.dictionary += n_bytes;
        } else {
            held.pages += n_bytes;
            held.last_page = n_bytes;
        }
        let columns = state.columns.iter();
        let total: u64 = columns
            .map(|held| held.dictionary.saturating_add(held.pages))
            .fold(0, u64::saturating_add);
        if total > self.limits.memory {
            return Err(Refused::from(ParquetFileError::Memory {
                what: format!("column `{name}`"),
                limit: self.limits.memory,
            }));
        }
        Ok(())
    }

    fn count_fetched(&self, n_bytes: u64) -> Result<(), Refused> {
        let mut state = self.lock();
        state.n_fetched = state.n_fetched.saturating_add(n_bytes);
        if state.n_fetched > self.limits.fetched {
            return Err(Refused::from(ParquetFileError::Distant {
                row: self.limits.row,
                limit: self.limits.fetched,
            }));
        }
        Ok(())
    }
}

/// An error that is to be remembered, since the decoder turns it into text.
struct Refused(ParquetFileError);

impl From<ParquetFileError> for Refused {
    fn from(error: ParquetFileError) -> Self {
        Self(error)
    }
}

/// The header of a page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct PageHeader {
    /// Where the bytes of the page begin.
    data_start: u64,
    n_stored: u64,
    n_bytes: u64,
    n_values: u64,
    encoding: i64,
    is_dictionary: bool,
}

impl PageHeader {
    /// Reads the header at the beginning of `bytes`, which are at `start` in the file.
    fn read(bytes: &[u8], start: u64) -> Result<Self, Flaw> {
        let mut header = Self {
            encoding: -1,
            ..Self::default()
        };
        let mut cursor = Cursor::new(bytes);
        cursor.fields(|cursor, number, kind| {
            // Where the three kinds of pages have the number of their values, and the encoding of these.
            let encoding_field = match number {
                2 => {
                    header.n_bytes = cursor.count(kind)?;
                    return Ok(true);
                }
                3 => {
                    header.n_stored = cursor.count(kind)?;
                    return Ok(true);
                }
                5 | 7 => 2,
                8 => 4,
                _ => return Ok(false),
            };
            header.is_dictionary |= number == 7;
            cursor.fields(|cursor, number, kind| {
                if number == 1 {
                    header.n_values = header.n_values.max(cursor.count(kind)?);
                } else if number == encoding_field {
                    header.encoding = cursor.int(kind)?;
                } else {
                    return Ok(false);
                }
                Ok(true)
            })?;
            Ok(true)
        })?;
        header.data_start = start + cursor.position() as u64;
        Ok(header)
    }

    /// The name of an encoding that is not read. What deltas of lengths and of text say of themselves cannot be bounded
    /// before they are decoded.
    fn refused_encoding(&self) -> Option<String> {
        const NAMES: [&str; 10] = [
            "PLAIN",
            "GROUP_VAR_INT",
            "PLAIN_DICTIONARY",
            "RLE",
            "BIT_PACKED",
            "DELTA_BINARY_PACKED",
            "DELTA_LENGTH_BYTE_ARRAY",
            "DELTA_BYTE_ARRAY",
            "RLE_DICTIONARY",
            "BYTE_STREAM_SPLIT",
        ];
        match self.encoding {
            // Pages of an index have none, and are passed over.
            -1 | 0 | 2 | 3 | 5 | 8 | 9 => None,
            other => Some(
                match usize::try_from(other).ok().and_then(|at| NAMES.get(at)) {
                    Some(name) => (*name).to_owned(),
                    None => format!("encoding {other}"),
                },
            ),
        }
    }
}

/// The bytes of one column in one row group.
pub(super) struct ColumnPages {
    source: Arc<dyn ObjectSource>,
    handle: Handle,
    key: Arc<str>,
    ledger: Arc<Ledger>,
    /// Which column of the ledger this is.
    column: usize,
    name: String,
    end: u64,
    /// Memory that each value takes once decoded, if the column lies in lists.
    listed_value_bytes: Option<u64>,
    place: Mutex<Place>,
}

struct Place {
    window_start: u64,
    window: Bytes,
    /// The header that was read last, until its page is.
    header: Option<PageHeader>,
    /// The header of the dictionary.
    dictionary: Option<PageHeader>,
}

impl Place {
    /// The window from `start` on, which is a place in the file; `None` if it is outside.
    fn from(&self, start: u64) -> Option<Bytes> {
        let offset = start.checked_sub(self.window_start)?;
        (offset <= self.window.len() as u64).then(|| self.window.slice(offset as usize..))
    }
}

impl ColumnPages {
    /// A column of which the first bytes, `window`, were fetched.
    pub(super) fn new(
        source: Arc<dyn ObjectSource>,
        key: Arc<str>,
        ledger: Arc<Ledger>,
        column: usize,
        metadata: &ColumnChunkMetaData,
        window: Bytes,
    ) -> Self {
        let descriptor = metadata.column_descr();
        let (start, length) = metadata.byte_range();
        let fixed = u64::try_from(descriptor.type_length()).unwrap_or(0);
        Self {
            source,
            handle: Handle::current(),
            key,
            ledger,
            column,
            name: metadata.column_path().string(),
            end: start + length,
            listed_value_bytes: (descriptor.max_rep_level() > 0)
                .then_some(LISTED_VALUE_BYTES + fixed),
            place: Mutex::new(Place {
                window_start: start,
                window,
                header: None,
                dictionary: None,
            }),
        }
    }

    /// The pages as the decoder wants them.
    pub(super) fn into_pages(
        self,
        metadata: &ColumnChunkMetaData,
        n_rows: usize,
    ) -> Result<Box<dyn PageIterator>, ParquetError> {
        let reader = SerializedPageReader::new(Arc::new(self), metadata, n_rows, None)?;
        Ok(Box::new(OneColumn(Some(Box::new(reader)))))
    }

    /// Remembers why, and says so to the decoder.
    fn refuse(&self, Refused(error): Refused) -> ParquetError {
        let text = error.to_string();
        self.ledger.lock().failure.get_or_insert(error);
        ParquetError::General(text)
    }

    fn damaged(&self, detail: &str) -> Refused {
        Refused(ParquetFileError::Damaged(format!(
            "column `{}`: {detail}",
            self.name
        )))
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the window to `range` of the file.
    fn fetch(&self, place: &mut Place, range: Range<u64>) -> Result<(), Refused> {
        let start = range.start;
        self.ledger.count_fetched(range.end - start)?;
        let fetching = self.source.get_range(&self.key, range);
        let fetched = self.handle.block_on(fetching);
        place.window = fetched.map_err(ParquetFileError::from)?;
        place.window_start = start;
        Ok(())
    }

    /// Reads the header of the page that begins at `start`, and gives its bytes.
    fn header_at(&self, place: &mut Place, start: u64) -> Result<Bytes, Refused> {
        if start >= self.end {
            return Err(self.damaged("it ends within a page"));
        }
        let end = (start + WINDOW_BYTES).min(self.end);
        if place.from(start).is_none() {
            self.fetch(place, start..end)?;
        }
        let mut bytes = place.from(start).unwrap_or_default();
        let mut read = PageHeader::read(&bytes, start);
        if read == Err(Flaw::Truncated) && start + (bytes.len() as u64) < end {
            // It was cut off by the end of the window only.
            self.fetch(place, start..end)?;
            bytes = place.from(start).unwrap_or_default();
            read = PageHeader::read(&bytes, start);
        }
        let header = read.map_err(|_| self.damaged("the header of a page is not well formed"))?;
        if let Some(encoding) = header.refused_encoding() {
            return Err(Refused(ParquetFileError::Encoding {
                column: self.name.clone(),
                encoding,
            }));
        }
        if header.n_stored > self.end - header.data_start {
            return Err(self.damaged("a page is longer than what there is of it"));
        }
        if header.n_stored == 0 {
            // It is not asked for.
            self.hold(&header)?;
        }
        let length = (header.data_start - start) as usize;
        if header.is_dictionary {
            place.dictionary = Some(header.clone());
        }
        place.header = Some(header);
        Ok(bytes.slice(..length))
    }

    /// Makes room for a page and what is decoded from it.
    fn hold(&self, header: &PageHeader) -> Result<(), Refused> {
        let value_bytes = if header.is_dictionary {
            DICTIONARY_VALUE_BYTES
        } else {
            self.listed_value_bytes.unwrap_or(0)
        };
        let n_bytes = (WINDOW_BYTES + header.n_stored)
            .saturating_add(header.n_bytes)
            .saturating_add(header.n_values.saturating_mul(value_bytes));
        self.ledger
            .hold(self.column, &self.name, header.is_dictionary, n_bytes)
    }

    /// The bytes of a page whose header was read.
    fn page_at(&self, place: &mut Place, start: u64, length: usize) -> Result<Bytes, Refused> {
        if length == 0 {
            return Ok(Bytes::new());
        }
        let is_it =
            |header: &PageHeader| header.data_start == start && header.n_stored == length as u64;
        let read_last = place.header.take_if(|header| is_it(header));
        // A dictionary that was passed over is asked for when a page needs it.
        let header = read_last.or_else(|| place.dictionary.clone().filter(is_it));
        let header = header.ok_or_else(|| self.damaged("a page has no header"))?;
        self.hold(&header)?;
        let end = start + header.n_stored;
        let has_it = |bytes: &Bytes| bytes.len() >= length;
        if !place.from(start).as_ref().is_some_and(has_it) {
            self.fetch(place, start..(end + WINDOW_BYTES).min(self.end))?;
        }
        let bytes = place.from(start).filter(has_it);
        let bytes = bytes.ok_or_else(|| self.damaged("a page is cut off"))?;
        Ok(bytes.slice(..length))
    }
}

impl Length for ColumnPages {
    fn len(&self) -> u64 {
        self.end
    }
}

impl ChunkReader for ColumnPages {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut place = self.place();
        let read_last = place.header.as_ref();
        if let Some(header) = read_last.filter(|header| header.data_start == start) {
            // The page itself is read by `get_bytes`. If it is empty, this may be about the header behind it.
            if header.n_stored > 0 || start >= self.end {
                return Ok(Bytes::new().reader());
            }
        }
        let header = self.header_at(&mut place, start);
        header.map(Buf::reader).map_err(|error| self.refuse(error))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let page = self.page_at(&mut self.place(), start, length);
        page.map_err(|error| self.refuse(error))
    }
}

/// The pages of one column of one row group.
struct OneColumn(Option<Box<dyn PageReader>>);

impl Iterator for OneColumn {
    type Item = Result<Box<dyn PageReader>, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneColumn {}
