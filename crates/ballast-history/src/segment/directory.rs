//! The directory of a segment: which objects it has, which keys and lines are in which, and their digests.

use std::ops::Range;

use ballast_model::MetricName;
use bytes::Bytes;

use crate::FormatError;
use crate::wire::{Envelope, Reader, put_signed, put_text, put_varint};

const DIRECTORY: Envelope = Envelope {
    magic: *b"BLSG",
    version: 1,
    what: "segment directory",
};

/// What a segment consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directory {
    /// Line of the first row.
    pub(crate) first_line: u64,
    /// The Parquet objects, in key order. The first has every row.
    pub(crate) objects: Vec<ObjectEntry>,
    /// The object of column statistics.
    pub(crate) keys: SideEntry,
    /// The object of buckets; segments of the first builds and those of few rows have none.
    pub(crate) pyramid: Option<PyramidEntry>,
}

/// A Parquet object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectEntry {
    /// The first of its keys that is not a special column. Keys before the second object's are in the first.
    pub(crate) first_key: MetricName,
    pub(crate) n_bytes: u64,
    /// Length of the Parquet footer, its eight closing bytes included.
    pub(crate) n_footer_bytes: u64,
    /// CRC32 of the footer.
    pub(crate) footer_crc: u32,
    /// BLAKE3 of the whole object.
    pub(crate) digest: [u8; 32],
    pub(crate) row_groups: Vec<RowGroupEntry>,
}

/// A row group of a Parquet object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowGroupEntry {
    pub(crate) n_rows: u64,
    /// Line of its first row, and one past that of its last.
    pub(crate) lines: Range<u64>,
    /// Least and greatest integer `_step`; `None` if no row has one.
    pub(crate) steps: Option<(i64, i64)>,
}

/// An object that is read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SideEntry {
    pub(crate) n_bytes: u64,
    /// BLAKE3 of it.
    pub(crate) digest: [u8; 32],
}

impl SideEntry {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            n_bytes: bytes.len() as u64,
            digest: *blake3::hash(bytes).as_bytes(),
        }
    }
}

/// The pyramid, which is read by blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PyramidEntry {
    pub(crate) side: SideEntry,
    /// Length of the index at its end.
    pub(crate) n_index_bytes: u64,
}

impl Directory {
    /// The object that holds a key's columns. A key that the segment lacks has a place, too.
    pub(crate) fn object_of(&self, name: &MetricName) -> usize {
        let after = self
            .objects
            .partition_point(|object| object.first_key <= *name);
        after.saturating_sub(1)
    }

    /// One past the line of the last row.
    pub(crate) fn end_line(&self) -> u64 {
        let groups = self.objects.first().and_then(|rows| rows.row_groups.last());
        groups.map_or(self.first_line, |group| group.lines.end)
    }

    /// Least and greatest integer step.
    pub(crate) fn steps(&self) -> Option<(i64, i64)> {
        let groups = self
            .objects
            .first()
            .into_iter()
            .flat_map(|rows| &rows.row_groups);
        let steps = groups.filter_map(|group| group.steps);
        steps.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The whole segment's bytes.
    pub(crate) fn n_bytes(&self) -> u64 {
        let objects = self.objects.iter().map(|object| object.n_bytes);
        let pyramid = self.pyramid.as_ref();
        objects.sum::<u64>() + self.keys.n_bytes + pyramid.map_or(0, |entry| entry.side.n_bytes)
    }

    pub(crate) fn encode(&self) -> Bytes {
        let mut bytes = DIRECTORY.begin();
        put_varint(&mut bytes, self.first_line);
        put_side(&mut bytes, &self.keys);
        put_varint(&mut bytes, self.objects.len() as u64);
        for object in &self.objects {
            put_text(&mut bytes, object.first_key.as_str());
            put_varint(&mut bytes, object.n_bytes);
            put_varint(&mut bytes, object.n_footer_bytes);
            bytes.extend_from_slice(&object.footer_crc.to_le_bytes());
            bytes.extend_from_slice(&object.digest);
            put_varint(&mut bytes, object.row_groups.len() as u64);
            let mut line = self.first_line;
            for group in &object.row_groups {
                put_varint(&mut bytes, group.n_rows);
                put_varint(&mut bytes, group.lines.start - line);
                put_varint(&mut bytes, group.lines.end - group.lines.start);
                line = group.lines.end;
                bytes.push(u8::from(group.steps.is_some()));
                if let Some((min, max)) = group.steps {
                    put_signed(&mut bytes, min);
                    put_signed(&mut bytes, max);
                }
            }
        }
        if let Some(pyramid) = &self.pyramid {
            put_side(&mut bytes, &pyramid.side);
            put_varint(&mut bytes, pyramid.n_index_bytes);
        }
        DIRECTORY.seal(bytes)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut bytes = DIRECTORY.open(bytes)?;
        let first_line = bytes.varint()?;
        let keys = read_side(&mut bytes)?;
        let n_objects = bytes.count()?;
        let mut objects = Vec::with_capacity(n_objects.min(1024));
        for _ in 0..n_objects {
            objects.push(read_object(&mut bytes, first_line)?);
        }
        let pyramid = if bytes.n_left() == 0 {
            None
        } else {
            Some(read_pyramid(&mut bytes)?)
        };
        // What later versions add may follow: readers of this version have no use for it.
        Ok(Self {
            first_line,
            objects,
            keys,
            pyramid,
        })
    }
}

fn read_object(bytes: &mut Reader<'_>, first_line: u64) -> Result<ObjectEntry, FormatError> {
    let first_key = MetricName::from_stored(bytes.text()?);
    let n_bytes = bytes.varint()?;
    let n_footer_bytes = bytes.varint()?;
    if n_footer_bytes > n_bytes {
        return Err(bytes.malformed("a footer is larger than its object"));
    }
    let footer_crc = u32::from_le_bytes(bytes.array()?);
    let digest = bytes.array()?;
    let n_row_groups = bytes.count()?;
    let mut row_groups = Vec::with_capacity(n_row_groups.min(1024));
    let mut line = first_line;
    for _ in 0..n_row_groups {
        let n_rows = bytes.varint()?;
        let start = line.checked_add(bytes.varint()?);
        let n_lines = bytes.varint()?;
        let lines = start
            .and_then(|start| Some(start..start.checked_add(n_lines)?))
            .ok_or_else(|| bytes.malformed("a line number does not fit 64 bits"))?;
        line = lines.end;
        let steps = match bytes.byte()? {
            0 => None,
            _ => Some((bytes.signed()?, bytes.signed()?)),
        };
        row_groups.push(RowGroupEntry {
            n_rows,
            lines,
            steps,
        });
    }
    Ok(ObjectEntry {
        first_key,
        n_bytes,
        n_footer_bytes,
        footer_crc,
        digest,
        row_groups,
    })
}

fn put_side(bytes: &mut Vec<u8>, side: &SideEntry) {
    put_varint(bytes, side.n_bytes);
    bytes.extend_from_slice(&side.digest);
}

fn read_side(bytes: &mut Reader<'_>) -> Result<SideEntry, FormatError> {
    Ok(SideEntry {
        n_bytes: bytes.varint()?,
        digest: bytes.array()?,
    })
}

fn read_pyramid(bytes: &mut Reader<'_>) -> Result<PyramidEntry, FormatError> {
    let side = read_side(bytes)?;
    let n_index_bytes = bytes.varint()?;
    if n_index_bytes > side.n_bytes {
        return Err(bytes.malformed("a pyramid's index is larger than the pyramid"));
    }
    Ok(PyramidEntry {
        side,
        n_index_bytes,
    })
}
