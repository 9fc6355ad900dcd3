//! Columns as Arrow arrays.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::DataType;
use ballast_model::MetricName;

use super::numbers::Numbers;
use super::{Column, Presence, RowBatch, ValueKind, Values};

/// The Arrow type of a kind.
pub(crate) fn data_type(kind: ValueKind) -> DataType {
    match kind {
        ValueKind::Int => DataType::Int64,
        ValueKind::Float => DataType::Float64,
        ValueKind::Bool => DataType::Boolean,
        ValueKind::String | ValueKind::Json => DataType::Utf8,
    }
}

/// The values of a key of one kind, null where the row has none.
///
/// The floats have the key's integers, too, so that one array has all of its numbers for whoever reads it.
pub(crate) fn array_of(batch: &RowBatch, name: &MetricName, kind: ValueKind) -> ArrayRef {
    let n_rows = batch.n_rows();
    let column = batch.column(name.as_str(), kind);
    match (kind, column.map(Column::values)) {
        (ValueKind::Int, Some(Values::Int(ints))) => {
            let array: Int64Array = spread(column, ints.iter().copied(), n_rows).collect();
            Arc::new(array)
        }
        (ValueKind::Float, _) => {
            let array: Float64Array = Numbers::of(batch, name).by_row(n_rows).collect();
            Arc::new(array)
        }
        (ValueKind::Bool, Some(Values::Bool(bools))) => {
            let array: BooleanArray = spread(column, bools.iter().copied(), n_rows).collect();
            Arc::new(array)
        }
        (_, Some(Values::String(texts) | Values::Json(texts))) => {
            let array: StringArray = spread(column, texts.iter(), n_rows).collect();
            Arc::new(array)
        }
        (kind, _) => arrow::array::new_null_array(&data_type(kind), n_rows),
    }
}

/// The values in their rows.
fn spread<T>(
    column: Option<&Column>,
    mut values: impl Iterator<Item = T>,
    n_rows: usize,
) -> impl Iterator<Item = Option<T>> {
    let mut rows = match column.map(Column::presence) {
        Some(Presence::Rows(rows)) => Some(rows.iter().peekable()),
        _ => None,
    };
    (0..n_rows).map(move |row| match &mut rows {
        None => values.next(),
        Some(rows) => rows
            .next_if(|&&present| present as usize == row)
            .and_then(|_| values.next()),
    })
}
