//! Where the rows of a batch belong: which are new, which are stored already, and whether a script started over.
//!
//! Rows are numbered by line, so a batch that is sent twice, or overlaps what is stored, stores each line once. Equal
//! content at an old line changes nothing, however late it arrives. Different content at an old line means that a
//! script started afresh: the history ends there and goes on with the new rows.

use std::ops::Range;

use ballast_history::{RowBatch, ScannedRows};

/// What to do with a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placement {
    /// Store these rows of the batch at their lines; nothing stored changes. May be empty.
    Fill(Vec<Range<usize>>),
    /// Mask everything stored from the line of this row on, and store the batch from there.
    StartOver(usize),
}

/// Compares a batch that begins at `offset` with what is stored in its lines.
///
/// `covered` are the stored lines within the batch, in order, not overlapping; `stored` are the rows of them that have
/// values.
pub(super) fn place(
    batch: &RowBatch,
    offset: u64,
    covered: &[Range<u64>],
    stored: &ScannedRows,
) -> Placement {
    let row_of =
        |line: u64| usize::try_from(line - offset).expect("a stored line lies within the batch");
    let mut next_stored = 0;
    for line in covered.iter().cloned().flatten() {
        let row = row_of(line);
        let same = if stored.lines.get(next_stored) == Some(&line) {
            next_stored += 1;
            batch.same_row(row, &stored.batch, next_stored - 1)
        } else {
            batch.is_empty_row(row)
        };
        if !same {
            return Placement::StartOver(row);
        }
    }
    let mut missing = Vec::new();
    let mut start = 0;
    for lines in covered {
        let rows = row_of(lines.start)..row_of(lines.end);
        if start < rows.start {
            missing.push(start..rows.start);
        }
        start = rows.end;
    }
    if start < batch.n_rows() {
        missing.push(start..batch.n_rows());
    }
    Placement::Fill(missing)
}
