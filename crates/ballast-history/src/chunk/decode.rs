//! From bytes to a batch.

use ballast_model::MetricName;

use super::{CHUNK, Entry, MAX_CHUNK_ROWS, Projection, column};
use crate::wire::{Reader, decompress};
use crate::{Column, FormatError, RowBatch, ValueKind};

/// Reads the rows of a chunk's body, and of them the columns `keys`.
///
/// All rows are there, those without any of the columns too. Blocks of columns that are not asked for stay
/// compressed.
///
/// # Errors
/// [`FormatError`] if the bytes are damaged or from a newer version.
///
/// ```
/// use ballast_history::{ParseLimits, Projection, decode_chunk, encode_chunk, parse_rows};
///
/// let lines: [&[u8]; 1] = [br#"{"_step": 0, "loss": 0.5}"#];
/// let parsed = parse_rows(lines, &ParseLimits::default());
/// let chunk = encode_chunk(&parsed.batch);
/// assert_eq!(decode_chunk(&chunk.body, &Projection::All)?, parsed.batch);
///
/// let cut_off = &chunk.body[..chunk.body.len() - 1];
/// let error = decode_chunk(cut_off, &Projection::All).unwrap_err();
/// assert_eq!(error.to_string(), "checksum of chunk does not match its bytes");
/// # Ok::<(), ballast_history::FormatError>(())
/// ```
pub fn decode_chunk(body: &[u8], keys: &Projection) -> Result<RowBatch, FormatError> {
    let mut chunk = Directory::read(body)?;
    let mut columns = Vec::new();
    let mut entries = chunk.entries.into_iter();
    for block in chunk.blocks {
        let compressed = chunk.rest.take(block.n_compressed)?;
        let members: Vec<Entry> = entries.by_ref().take(block.n_columns).collect();
        if !members.iter().any(|entry| keys.contains(&entry.name)) {
            continue;
        }
        let n_raw = members
            .iter()
            .fold(0_u64, |sum, entry| sum.saturating_add(entry.n_bytes));
        let raw = decompress(compressed, n_raw, CHUNK.what)?;
        let mut raw = Reader::new(&raw, CHUNK.what);
        for entry in members {
            let bytes = raw.take(entry.n_bytes)?;
            if !keys.contains(&entry.name) {
                continue;
            }
            let bytes = Reader::new(bytes, CHUNK.what);
            let (presence, values) = column::read(bytes, entry.kind, entry.n_values, chunk.n_rows)?;
            columns.push(Column {
                name: entry.name,
                presence,
                values,
            });
        }
    }
    chunk.rest.end()?;
    Ok(RowBatch::new(chunk.n_rows, columns))
}

struct Block {
    n_columns: usize,
    n_compressed: u64,
}

/// What precedes the blocks.
struct Directory<'a> {
    n_rows: usize,
    entries: Vec<Entry>,
    blocks: Vec<Block>,
    /// The blocks' bytes.
    rest: Reader<'a>,
}

impl<'a> Directory<'a> {
    fn read(body: &'a [u8]) -> Result<Self, FormatError> {
        let mut bytes = CHUNK.open(body)?;
        let n_rows = bytes.varint()?;
        if n_rows > MAX_CHUNK_ROWS as u64 {
            return Err(bytes.malformed(format!("{n_rows} rows are more than a chunk has")));
        }
        let n_rows = n_rows as usize;
        let n_columns = bytes.varint()?;
        let n_directory = bytes.varint()?;
        let n_packed = bytes.varint()?;
        let directory = decompress(bytes.take(n_packed)?, n_directory, CHUNK.what)?;
        let mut directory = Reader::new(&directory, CHUNK.what);

        let mut entries: Vec<Entry> = Vec::new();
        for _ in 0..n_columns {
            let before = entries.last().map_or("", |entry| entry.name.as_str());
            let entry = Entry::read(&mut directory, before, n_rows)?;
            let follows = entries
                .last()
                .is_none_or(|last| (&last.name, last.kind) < (&entry.name, entry.kind));
            if !follows {
                return Err(directory.malformed(format!("column `{}` is out of order", entry.name)));
            }
            entries.push(entry);
        }
        let mut blocks = Vec::new();
        let mut n_left = entries.len();
        while n_left > 0 {
            let block = Block {
                n_columns: directory.varint()?.min(usize::MAX as u64) as usize,
                n_compressed: directory.varint()?,
            };
            if block.n_columns == 0 || block.n_columns > n_left {
                return Err(directory.malformed("blocks and columns do not match"));
            }
            n_left -= block.n_columns;
            blocks.push(block);
        }
        directory.end()?;
        Ok(Self {
            n_rows,
            entries,
            blocks,
            rest: bytes,
        })
    }
}

impl Entry {
    fn read(directory: &mut Reader<'_>, before: &str, n_rows: usize) -> Result<Self, FormatError> {
        let name = MetricName::from_stored(directory.name(before)?);
        let code = directory.byte()?;
        let kind = ValueKind::from_code(code)
            .ok_or_else(|| directory.malformed(format!("column `{name}` is of kind {code}")))?;
        let n_values = directory.varint()?;
        if n_values == 0 || n_values > n_rows as u64 {
            return Err(directory.malformed(format!(
                "column `{name}` has {n_values} values in {n_rows} rows"
            )));
        }
        Ok(Self {
            name,
            kind,
            n_values: n_values as usize,
            n_bytes: directory.varint()?,
        })
    }
}
