//! Metric history as codec and query engine.

mod chunk;
mod engine;
mod error;
mod fold;
mod keys;
mod rows;
mod scan;
mod segment;
mod series;
mod stats;
#[cfg(test)]
mod testing;
mod view;
mod wire;

pub use chunk::{
    EncodedChunk, MAX_CHUNK_BYTES, Projection, decode_chunk, encode_chunk, encode_chunks,
};
pub use engine::Engine;
pub use error::{FoldError, FormatError, ReadError, SourceError};
pub use keys::KeyInfo;
pub use rows::{
    Column, ParseLimits, ParsedRows, Presence, RUNTIME, RejectedRow, RowBatch, STEP, Strings,
    TIMESTAMP, ValueKind, Values, parse_rows,
};
pub use scan::{RowFilter, Scan, ScannedRows};
pub use segment::{FoldedSegment, segment_object_keys};
pub use series::{Axis, Series, SeriesRequest};
pub use view::{ChunkSource, ObjectSource, Part, PartSource, View};
