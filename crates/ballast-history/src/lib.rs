//! Metric history as codec and query engine.
//!
//! Logged rows come as JSON lines. [`parse_rows`] turns them straight into a [`RowBatch`] of typed columns,
//! [`encode_chunks`] into bytes to be stored. An [`Engine`] reads them back: it [scans](Engine::scan) rows exactly as they
//! were sent, lists [keys](Engine::keys), draws [series](Engine::series) in which every column shows the true least
//! and greatest value, and [folds](Engine::fold) chunks into Parquet segments.
//!
//! ```
//! use ballast_history::{ParseLimits, Projection, decode_chunk, encode_chunks, parse_rows};
//! use ballast_model::json::Value;
//!
//! let lines = [
//!     r#"{"_step": 0, "loss": 0.25, "img": {"_type": "image-file", "path": "a.png"}}"#,
//!     r#"{"_step": 1, "loss": NaN, "val": {"acc": 0.5}}"#,
//! ];
//! let parsed = parse_rows(lines.iter().map(|line| line.as_bytes()), &ParseLimits::default());
//! assert!(parsed.rejected.is_empty());
//!
//! let chunks = encode_chunks(&parsed.batch);
//! let batch = decode_chunk(&chunks[0].1.body, &Projection::All)?;
//! let row = Value::Map(batch.row(1)).to_text();
//! assert_eq!(row, r#"{"_step":1,"loss":NaN,"val":{"acc":0.5}}"#);
//! # Ok::<(), ballast_history::FormatError>(())
//! ```
//!
//! # Overview
//! - Rows: [`RowBatch`] of [`Column`]s; a key of several kinds of value has a column of each [`ValueKind`].
//! - Storage: [`EncodedChunk`], [`FoldedSegment`]; `docs/formats` describes the bytes. Both are checked by checksum when read.
//! - Curves: a [`SeriesRequest`] asks for [`Quantity`]s, which are keys or [`Expression`]s, may ask for [`Smoothing`], and
//!   gives a [`Series`] for a run or a [`GroupSeries`] for several.
//! - Downloads: a [`TableWriter`] makes one table of the rows of several runs.
//! - Parquet files of others: [`Engine::read_parquet_file`] gives a page of their rows.
//! - Reading: a [`View`] says which [`Part`]s a run's history consists of and which of their lines count; [`ChunkSource`] and
//!   [`ObjectSource`] fetch their bytes. Memory follows the parts being read, not the length of the history, and work on
//!   the CPU stays off the async threads.
//!
//! # Reading back
//! Every value reads back as it was sent: floats bit by bit (NaN as NaN), 64-bit and larger integers, text, `null`, nested
//! objects. What does not survive is the order of a row's keys, white space between members, all but the last of
//! repeated keys, and rows without any member, which scans leave out.
//!
//! # What it does not know
//! SQL, HTTP, who owns a run, and where the bytes are: that is behind the two source traits. It never deletes.

mod bucket;
mod cache;
mod chunk;
mod engine;
mod error;
mod expression;
mod fold;
mod keys;
mod parquet_file;
mod pyramid;
mod rows;
mod scan;
mod segment;
mod series;
mod stats;
mod table;
#[cfg(test)]
mod testing;
mod view;
mod wire;

pub use chunk::{
    EncodedChunk, MAX_CHUNK_BYTES, Projection, decode_chunk, encode_chunk, encode_chunks,
};
pub use engine::Engine;
pub use error::{FoldError, FormatError, ReadError, SourceError};
pub use expression::{Expression, ExpressionError};
pub use keys::{KeyInfo, KeyStats};
pub use parquet_file::{PARQUET_FILE_MEMORY, ParquetFileError, ParquetRows};
pub use rows::{
    Column, ParseLimits, ParsedRows, Presence, RUNTIME, RejectedRow, RowBatch, STEP, Strings,
    TIMESTAMP, ValueKind, Values, parse_rows,
};
pub use scan::{RowFilter, Scan, ScannedRows};
pub use segment::{FoldedSegment, segment_object_keys};
pub use series::{
    Axis, GroupSeries, MAX_SMOOTHED_POINTS, Quantity, Series, SeriesRequest, Smoothing,
};
pub use table::{TableColumns, TableError, TableFormat, TableWriter};
pub use view::{ChunkSource, ObjectSource, Part, PartSource, View};
