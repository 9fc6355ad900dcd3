//! Rows in line order.

use ballast_model::MetricName;

use crate::{Projection, RowBatch};

/// Which rows and columns a scan returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The columns.
    pub keys: Projection,
    /// The rows.
    pub rows: RowFilter,
    /// Only rows whose integer `_step` is at least this.
    pub min_step: Option<i64>,
    /// Only rows whose integer `_step` is less than this.
    pub end_step: Option<i64>,
}

/// Which rows a scan returns. A row that has none of the scanned columns is never returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFilter {
    /// Rows with any scanned column.
    Any,
    /// Rows with at least one of these keys. They need not be scanned.
    AnyOf(Vec<MetricName>),
    /// Rows with every one of these keys. They need not be scanned.
    AllOf(Vec<MetricName>),
}

impl Scan {
    /// Every row, with the columns `keys`.
    pub fn new(keys: Projection) -> Self {
        Self {
            keys,
            rows: RowFilter::Any,
            min_step: None,
            end_step: None,
        }
    }
}

/// Some rows and their lines.
#[derive(Debug, Clone, Default)]
pub struct ScannedRows {
    /// The line of each row, ascending.
    pub lines: Vec<u64>,
    /// The rows; each has at least one value.
    pub batch: RowBatch,
}
