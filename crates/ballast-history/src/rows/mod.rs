//! Logged rows as typed columns.

mod array;
mod batch;
mod column;
mod nest;
mod numbers;
mod parse;
mod tree;

pub use batch::RowBatch;
pub use column::{Column, Presence, Strings, ValueKind, Values};
pub use parse::{ParseLimits, ParsedRows, RejectedRow, parse_rows};

pub(crate) use array::{array_of, data_type};
pub(crate) use column::ValueRef;
pub(crate) use numbers::{Lookup, Numbers, for_each_pair};

/// Name of the integer column that numbers logged rows.
pub const STEP: &str = "_step";
/// Name of the float column of seconds since the run's start.
pub const RUNTIME: &str = "_runtime";
/// Name of the float column of seconds since the Unix epoch.
pub const TIMESTAMP: &str = "_timestamp";
