//! The batch and its columns.

use std::fmt;
use std::ops::Range;

use ballast_model::MetricName;
use ballast_model::json::Map;

/// Name of the integer column that numbers logged rows.
pub const STEP: &str = "_step";
/// Name of the float column of seconds since the run's start.
pub const RUNTIME: &str = "_runtime";
/// Name of the float column of seconds since the Unix epoch.
pub const TIMESTAMP: &str = "_timestamp";

/// What a column holds. The order is that of columns of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueKind {
    /// Integers within `i64`.
    Int,
    /// Floats, bit by bit; NaN and infinities too.
    Float,
    /// `true` and `false`.
    Bool,
    /// Text.
    String,
    /// JSON text as sent: null, integers beyond `i64`, arrays, and objects that are kept whole.
    Json,
}

impl ValueKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [Self::Int, Self::Float, Self::Bool, Self::String, Self::Json];

    /// `int`, `float`, `bool`, `string` or `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Json => "json",
        }
    }

    /// Whether a curve can be drawn of it.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Texts, one after the other in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    pub(crate) text: String,
    pub(crate) ends: Vec<usize>,
}

/// The values of a column, without the rows that lack one.
#[derive(Debug, Clone)]
pub enum Values {
    /// Of [`ValueKind::Int`].
    Int(Vec<i64>),
    /// Of [`ValueKind::Float`].
    Float(Vec<f64>),
    /// Of [`ValueKind::Bool`].
    Bool(Vec<bool>),
    /// Of [`ValueKind::String`].
    String(Strings),
    /// Of [`ValueKind::Json`].
    Json(Strings),
}

/// Which rows of a batch have a value in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Every row.
    All,
    /// These rows, ascending.
    Rows(Vec<u32>),
}

/// One kind of value of one key.
#[derive(Debug, Clone)]
pub struct Column {
    pub(crate) name: MetricName,
    pub(crate) presence: Presence,
    pub(crate) values: Values,
}

/// Rows as columns sorted by name and kind; a key of several kinds has a column for each.
///
/// A row may have no value at all: it stands for a line that could not be read and keeps its place.
#[derive(Debug, Clone, Default)]
pub struct RowBatch {
    pub(crate) n_rows: usize,
    pub(crate) columns: Vec<Column>,
}

impl RowBatch {
    /// How many rows there are, empty ones included.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns, sorted by name and kind.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows `range`, as a batch of their own. Panics if the range is out of bounds.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let _ = range;
        unimplemented!()
    }

    /// `batches` one after the other.
    pub fn concat(batches: &[Self]) -> Self {
        let _ = batches;
        unimplemented!()
    }

    /// Row `index` as it was logged, nested again. Empty for a row without values.
    pub fn row(&self, index: usize) -> Map {
        let _ = index;
        unimplemented!()
    }

    /// Every row in order, as of [`RowBatch::row`], at a cost that follows the values, not rows times columns.
    pub fn rows(&self) -> Vec<Map> {
        unimplemented!()
    }

    /// Whether row `index` has no value.
    pub fn is_empty_row(&self, index: usize) -> bool {
        let _ = index;
        unimplemented!()
    }

    /// Whether row `index` holds the same values as row `other_index` of `other`; floats are compared bit by bit.
    pub fn same_row(&self, index: usize, other: &Self, other_index: usize) -> bool {
        let _ = (index, other, other_index);
        unimplemented!()
    }

    /// Least and greatest integer `_step`, both inclusive.
    pub fn step_range(&self) -> Option<(i64, i64)> {
        unimplemented!()
    }

    /// Numbers the rows that have values but no `_step`: `from`, `from + 1`, ... in row order.
    ///
    /// A step that a row brought along lifts the next number above itself. Returns the next free step.
    pub fn assign_steps(&mut self, from: i64) -> i64 {
        let _ = from;
        unimplemented!()
    }
}
