//! Rows of several runs as one table, in formats that other programs read.

mod columns;
#[cfg(test)]
mod tests;
mod writer;

pub use columns::TableColumns;
pub use writer::{TableError, TableFormat, TableWriter};
