//! From JSON lines to columns.

use super::RowBatch;

/// How much structure one batch may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLimits {
    /// Nested objects give columns of their own down to this many keys; what lies deeper is kept as JSON.
    pub max_levels: usize,
    /// A row with more values than this keeps every nested object as JSON.
    pub max_leaves: usize,
    /// A row that would bring the batch above this many columns is rejected.
    pub max_columns: usize,
}

impl Default for ParseLimits {
    /// 10 levels, 10,000 leaves, 500,000 columns.
    fn default() -> Self {
        Self {
            max_levels: 10,
            max_leaves: 10_000,
            max_columns: 500_000,
        }
    }
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Which of the lines, from 0. Its row in the batch is empty.
    pub index: usize,
    /// Why, for people.
    pub reason: String,
}

/// What [`parse_rows`] made of some lines.
#[derive(Debug, Clone, Default)]
pub struct ParsedRows {
    /// One row for each line.
    pub batch: RowBatch,
    /// The lines that could not be read, in order.
    pub rejected: Vec<RejectedRow>,
}

/// Parses one JSON object a line into columns. A line that is no JSON object is rejected and keeps its row, empty.
pub fn parse_rows<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
    limits: &ParseLimits,
) -> ParsedRows {
    let _ = (lines.into_iter().count(), limits);
    unimplemented!()
}
