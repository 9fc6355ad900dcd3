//! Logged rows as typed columns.

mod batch;
mod parse;

pub use batch::{Column, Presence, RUNTIME, RowBatch, STEP, Strings, TIMESTAMP, ValueKind, Values};
pub use parse::{ParseLimits, ParsedRows, RejectedRow, parse_rows};
