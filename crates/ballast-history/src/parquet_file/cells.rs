//! Cells of Arrow arrays as JSON, cut where they are large.

use std::fmt::Write as _;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use ballast_model::json::{Map, Value};

/// Longest cell, in bytes. What is longer is cut, with `…` at the end.
const MAX_CELL_BYTES: usize = 16 << 10;

/// So many bytes of what is no text are shown.
const MAX_SHOWN_BYTES: usize = 32;

/// Bytes of a value besides its text.
const VALUE_BYTES: usize = 8;

/// The cell of an array in a row, and about how many bytes it has.
pub(super) fn cell(array: &dyn Array, row: usize) -> Result<(Value, usize), ArrowError> {
    let mut left = MAX_CELL_BYTES;
    let value = value(array, row, &mut left)?;
    Ok((value, MAX_CELL_BYTES - left))
}

/// A value that takes its bytes from those that are `left` of the cell.
fn value(array: &dyn Array, row: usize, left: &mut usize) -> Result<Value, ArrowError> {
    *left = left.saturating_sub(VALUE_BYTES);
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => Value::Int(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Value::Int(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Value::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Value::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Value::Int(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Value::Int(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Value::Int(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => {
            let number = array.as_primitive::<UInt64Type>().value(row);
            match i64::try_from(number) {
                Ok(number) => Value::Int(number),
                Err(_) => Value::Big(number.to_string().into()),
            }
        }
        DataType::Float16 => short(array.as_primitive::<Float16Type>().value(row).to_f32()),
        DataType::Float32 => short(array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row), left),
        DataType::BinaryView => bytes(array.as_binary_view().value(row), left),
        DataType::FixedSizeBinary(_) => bytes(array.as_fixed_size_binary().value(row), left),
        DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref(), left)?,
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let mut members = Map::new();
            for (field, column) in fields.iter().zip(columns) {
                let member = if *left == 0 {
                    Value::String("…".to_owned())
                } else {
                    *left = left.saturating_sub(field.name().len());
                    value(column.as_ref(), row, left)?
                };
                members.insert(field.name().clone(), member);
            }
            Value::Map(members)
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            match entries.columns() {
                [keys, values] => map(keys.as_ref(), values.as_ref(), left)?,
                _ => list(&entries, left)?,
            }
        }
        // Dates, times, decimals: as text that sorts.
        _ => {
            let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
            text(&formatter.value(row).try_to_string()?, left)
        }
    })
}

/// The number of double precision that is written as this one is, so that 0.1 stays 0.1.
fn short(number: f32) -> Value {
    let written = number.to_string().parse();
    Value::Float(written.unwrap_or_else(|_| number.into()))
}

fn text(text: &str, left: &mut usize) -> Value {
    let end = text.floor_char_boundary(*left);
    *left -= end;
    Value::String(if end < text.len() {
        format!("{}…", &text[..end])
    } else {
        text.to_owned()
    })
}

/// Text, if it is such, and a few bytes in hexadecimal digits if not.
fn bytes(bytes: &[u8], left: &mut usize) -> Value {
    let is_text =
        |text: &&str| !text.contains(|char: char| char.is_control() && !char.is_whitespace());
    if let Some(found) = std::str::from_utf8(bytes).ok().filter(is_text) {
        return text(found, left);
    }
    let shown = &bytes[..bytes.len().min(MAX_SHOWN_BYTES)];
    let mut digits = String::from("0x");
    for byte in shown {
        let _ = write!(digits, "{byte:02x}");
    }
    if shown.len() < bytes.len() {
        let _ = write!(digits, "… ({} bytes)", bytes.len());
    }
    text(&digits, left)
}

fn list(items: &dyn Array, left: &mut usize) -> Result<Value, ArrowError> {
    let mut values = Vec::new();
    for row in 0..items.len() {
        if *left == 0 {
            values.push(Value::String(more(items.len() - row)));
            break;
        }
        values.push(value(items, row, left)?);
    }
    Ok(Value::List(values))
}

fn map(keys: &dyn Array, values: &dyn Array, left: &mut usize) -> Result<Value, ArrowError> {
    let mut members = Map::new();
    for row in 0..keys.len() {
        if *left == 0 {
            members.insert("…".to_owned(), Value::String(more(keys.len() - row)));
            break;
        }
        let key = match value(keys, row, left)? {
            Value::String(key) => key,
            other => other.to_text(),
        };
        members.insert(key, value(values, row, left)?);
    }
    Ok(Value::Map(members))
}

fn more(n_values: usize) -> String {
    format!("… {n_values} more")
}
