//! What of a key can be drawn.

use std::borrow::Cow;
use std::sync::Arc;

use ballast_model::MetricName;

use super::column::{Presence, Values};
use crate::{Column, RowBatch};

/// The numbers of one key in a batch, as floats: integers beyond 2^53 are rounded.
pub(crate) struct Numbers<'a> {
    /// The rows that have one, ascending; `None` if all have.
    rows: Option<Cow<'a, [u32]>>,
    values: Cow<'a, [f64]>,
}

impl<'a> Numbers<'a> {
    /// The numbers `values` in the rows `rows`, ascending, of `n_rows`.
    pub(crate) fn new(rows: Vec<u32>, values: Vec<f64>, n_rows: usize) -> Self {
        debug_assert_eq!(rows.len(), values.len());
        Self {
            rows: (rows.len() < n_rows).then_some(Cow::Owned(rows)),
            values: Cow::Owned(values),
        }
    }

    /// The integers and floats of a key.
    pub(crate) fn of(batch: &'a RowBatch, name: &MetricName) -> Self {
        let columns = batch.columns_of(name).iter().map(Arc::as_ref);
        Self::of_columns(columns.filter(|column| column.kind().is_number()))
    }

    /// The integers of a key.
    pub(crate) fn integers(batch: &'a RowBatch, name: &MetricName) -> Self {
        let columns = batch.columns_of(name).iter().map(Arc::as_ref);
        Self::of_columns(columns.filter(|column| matches!(column.values(), Values::Int(_))))
    }

    fn of_columns(columns: impl Iterator<Item = &'a Column>) -> Self {
        let mut parts = columns.map(Self::of_column);
        let Some(first) = parts.next() else {
            return Self {
                rows: Some(Cow::Borrowed(&[])),
                values: Cow::Borrowed(&[]),
            };
        };
        // A key has two kinds of number at most, and a row one of them.
        match parts.next() {
            None => first,
            Some(second) => Self::merge(&first, &second),
        }
    }

    fn of_column(column: &'a Column) -> Self {
        Self {
            rows: match column.presence() {
                Presence::All => None,
                Presence::Rows(rows) => Some(Cow::Borrowed(rows)),
            },
            values: match column.values() {
                Values::Float(floats) => Cow::Borrowed(floats),
                Values::Int(ints) => ints.iter().map(|&int| int as f64).collect(),
                _ => unreachable!("only numbers are asked for"),
            },
        }
    }

    fn merge(first: &Self, second: &Self) -> Self {
        let mut pairs: Vec<(u32, f64)> = first.pairs().chain(second.pairs()).collect();
        pairs.sort_unstable_by_key(|&(row, _)| row);
        let (rows, values): (Vec<u32>, Vec<f64>) = pairs.into_iter().unzip();
        Self {
            rows: Some(rows.into()),
            values: values.into(),
        }
    }

    /// The number of each of `n_rows`, if it has one.
    pub(crate) fn by_row(&self, n_rows: usize) -> impl Iterator<Item = Option<f64>> {
        let mut pairs = self.pairs().peekable();
        (0..n_rows as u32).map(move |row| {
            let pair = pairs.next_if(|&(present, _)| present == row);
            pair.map(|(_, value)| value)
        })
    }

    /// Each row and its number, ascending.
    fn pairs(&self) -> impl Iterator<Item = (u32, f64)> {
        let values = self.values.iter().enumerate();
        values.map(|(position, &value)| match &self.rows {
            None => (position as u32, value),
            Some(rows) => (rows[position], value),
        })
    }
}

/// Finds the numbers of rows that are asked for in ascending order.
pub(crate) struct Lookup<'a> {
    numbers: Numbers<'a>,
    /// Numbers before this place are of rows before.
    next: usize,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(numbers: Numbers<'a>) -> Self {
        Self { numbers, next: 0 }
    }

    /// The number of a row, which is not before the one asked for last.
    pub(crate) fn get(&mut self, row: u32) -> Option<f64> {
        let Some(rows) = &self.numbers.rows else {
            return Some(self.numbers.values[row as usize]);
        };
        while *rows.get(self.next)? < row {
            self.next += 1;
        }
        (rows[self.next] == row).then(|| self.numbers.values[self.next])
    }
}

/// Calls `each` with x and y of every row of a batch that has both, in row order.
pub(crate) fn for_each_pair(xs: &Numbers<'_>, ys: &Numbers<'_>, mut each: impl FnMut(f64, f64)) {
    match (&xs.rows, &ys.rows) {
        (None, None) => {
            for (&x, &y) in xs.values.iter().zip(ys.values.iter()) {
                each(x, y);
            }
        }
        (None, Some(rows)) => {
            for (&row, &y) in rows.iter().zip(ys.values.iter()) {
                each(xs.values[row as usize], y);
            }
        }
        (Some(_), _) => {
            let mut xs = xs.pairs().peekable();
            for (row, y) in ys.pairs() {
                while xs.next_if(|&(x_row, _)| x_row < row).is_some() {}
                if let Some((_, x)) = xs.next_if(|&(x_row, _)| x_row == row) {
                    each(x, y);
                }
            }
        }
    }
}
