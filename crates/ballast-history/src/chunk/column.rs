//! The bytes of one column inside a block.

use crate::rows::{Presence, Strings, ValueKind, Values};
use crate::wire::{Reader, put_floats, put_signed, put_varint, read_floats};
use crate::{Column, FormatError};

/// Appends a column of a batch of `n_rows`: the gaps between its rows unless it has all, then its values.
pub(super) fn put(bytes: &mut Vec<u8>, column: &Column) {
    if let Presence::Rows(rows) = column.presence() {
        let mut next = 0;
        for &row in rows {
            put_varint(bytes, u64::from(row - next));
            next = row + 1;
        }
    }
    match column.values() {
        Values::Int(ints) => {
            let mut before = 0_i64;
            for &int in ints {
                put_signed(bytes, int.wrapping_sub(before));
                before = int;
            }
        }
        Values::Float(floats) => put_floats(bytes, floats),
        Values::Bool(bools) => bytes.extend(bools.chunks(8).map(|eight| {
            let bits = eight.iter().enumerate();
            bits.fold(0, |byte, (bit, &value)| byte | u8::from(value) << bit)
        })),
        Values::String(texts) | Values::Json(texts) => {
            for text in texts.iter() {
                put_varint(bytes, text.len() as u64);
            }
            bytes.extend_from_slice(texts.joined().as_bytes());
        }
    }
}

/// Reads a column of `n_values`, which take all of `bytes`.
pub(super) fn read(
    mut bytes: Reader<'_>,
    kind: ValueKind,
    n_values: usize,
    n_rows: usize,
) -> Result<(Presence, Values), FormatError> {
    let presence = if n_values == n_rows {
        Presence::All
    } else {
        Presence::Rows(read_rows(&mut bytes, n_values, n_rows)?)
    };
    let values = match kind {
        ValueKind::Int => {
            check_count(&bytes, n_values)?;
            let mut ints = Vec::with_capacity(n_values);
            let mut before = 0_i64;
            for _ in 0..n_values {
                before = before.wrapping_add(bytes.signed()?);
                ints.push(before);
            }
            Values::Int(ints)
        }
        ValueKind::Float => {
            let planes = bytes.take((n_values as u64).saturating_mul(8))?;
            Values::Float(read_floats(planes, n_values))
        }
        ValueKind::Bool => {
            let bits = bytes.take(n_values.div_ceil(8) as u64)?;
            let bit = |index: usize| bits[index / 8] >> (index % 8) & 1 == 1;
            Values::Bool((0..n_values).map(bit).collect())
        }
        ValueKind::String => Values::String(read_texts(&mut bytes, n_values)?),
        ValueKind::Json => Values::Json(read_texts(&mut bytes, n_values)?),
    };
    bytes.end()?;
    Ok((presence, values))
}

fn read_rows(
    bytes: &mut Reader<'_>,
    n_values: usize,
    n_rows: usize,
) -> Result<Vec<u32>, FormatError> {
    check_count(bytes, n_values)?;
    let mut rows = Vec::with_capacity(n_values);
    let mut next = 0_u64;
    for _ in 0..n_values {
        let row = next.saturating_add(bytes.varint()?);
        if row >= n_rows as u64 {
            return Err(bytes.malformed(format!("a value lies in row {row} of {n_rows}")));
        }
        rows.push(row as u32);
        next = row + 1;
    }
    Ok(rows)
}

fn read_texts(bytes: &mut Reader<'_>, n_values: usize) -> Result<Strings, FormatError> {
    check_count(bytes, n_values)?;
    let mut ends = Vec::with_capacity(n_values);
    let mut end = 0_u64;
    for _ in 0..n_values {
        end = end.saturating_add(bytes.varint()?);
        ends.push(end as usize);
    }
    let text =
        std::str::from_utf8(bytes.take(end)?).map_err(|_| bytes.malformed("text is not UTF-8"))?;
    Strings::from_parts(text.to_owned(), ends)
        .ok_or_else(|| bytes.malformed("a text ends inside a character"))
}

/// Checks that so many values, each of a byte at least, can be there before memory is taken for them.
fn check_count(bytes: &Reader<'_>, n_values: usize) -> Result<(), FormatError> {
    if n_values > bytes.n_left() {
        return Err(FormatError::Truncated { what: bytes.what() });
    }
    Ok(())
}
