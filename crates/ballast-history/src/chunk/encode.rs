//! From a batch to bytes.

use std::ops::Range;

use super::{BLOCK_BYTES, CHUNK, EncodedChunk, MAX_CHUNK_BYTES, MAX_CHUNK_ROWS, column};
use crate::stats;
use crate::wire::{Compressor, put_name, put_varint};
use crate::{Column, RowBatch};

/// Encodes a batch as one chunk, however large.
///
/// # Panics
/// If it has more than 2^24 rows; [`encode_chunks`] splits.
pub fn encode_chunk(batch: &RowBatch) -> EncodedChunk {
    assert!(batch.n_rows() <= MAX_CHUNK_ROWS, "a chunk's rows");
    let mut compressor = Compressor::new();
    EncodedChunk {
        index: stats::encode(&stats::of_batch(batch), &mut compressor),
        body: encode_body(batch, &mut compressor),
    }
}

/// Encodes a batch as chunks of at most [`MAX_CHUNK_BYTES`], each with the rows it holds, in order.
///
/// A single row that needs more makes a larger chunk of its own. A batch without rows makes no chunk.
pub fn encode_chunks(batch: &RowBatch) -> Vec<(Range<usize>, EncodedChunk)> {
    let mut chunks = Vec::new();
    let n_bytes: usize = batch
        .columns()
        .iter()
        .map(|column| column_bytes(column))
        .sum();
    let n_parts = (n_bytes / MAX_CHUNK_BYTES + 1).max(batch.n_rows().div_ceil(MAX_CHUNK_ROWS));
    encode_parts(batch, 0..batch.n_rows(), n_parts, &mut chunks);
    chunks
}

/// Encodes the rows `range` as `n_parts` chunks, and each that comes out too large as two.
fn encode_parts(
    batch: &RowBatch,
    range: Range<usize>,
    n_parts: usize,
    chunks: &mut Vec<(Range<usize>, EncodedChunk)>,
) {
    let n_parts = n_parts.clamp(1, range.len().max(1));
    let border = |part: usize| range.start + range.len() * part / n_parts;
    for part in 0..n_parts {
        let rows = border(part)..border(part + 1);
        if rows.is_empty() {
            continue;
        }
        let chunk = if rows.len() == batch.n_rows() {
            encode_chunk(batch)
        } else {
            encode_chunk(&batch.slice(rows.clone()))
        };
        if chunk.body.len() > MAX_CHUNK_BYTES && rows.len() > 1 {
            encode_parts(batch, rows, 2, chunks);
        } else {
            chunks.push((rows, chunk));
        }
    }
}

/// About how many bytes a column takes before compression.
fn column_bytes(column: &Column) -> usize {
    column.values().n_bytes() + column.name().as_str().len() + 8
}

fn encode_body(batch: &RowBatch, compressor: &mut Compressor) -> bytes::Bytes {
    let mut directory = Vec::new();
    let mut blocks = Vec::new();
    let mut compressed = Vec::new();
    let mut block = Vec::new();
    let mut n_block_columns = 0_u64;
    let mut before = "";
    let n_columns = batch.columns().len();
    for (index, column) in batch.columns().iter().enumerate() {
        let start = block.len();
        column::put(&mut block, column);
        put_name(&mut directory, before, column.name().as_str());
        before = column.name().as_str();
        directory.push(column.kind().code());
        put_varint(&mut directory, column.n_values() as u64);
        put_varint(&mut directory, (block.len() - start) as u64);
        n_block_columns += 1;
        if block.len() >= BLOCK_BYTES || index + 1 == n_columns {
            let bytes = compressor.compress(&block);
            put_varint(&mut blocks, n_block_columns);
            put_varint(&mut blocks, bytes.len() as u64);
            compressed.extend_from_slice(&bytes);
            block.clear();
            n_block_columns = 0;
        }
    }
    directory.extend_from_slice(&blocks);
    let packed = compressor.compress(&directory);

    let mut bytes = CHUNK.begin();
    put_varint(&mut bytes, batch.n_rows() as u64);
    put_varint(&mut bytes, n_columns as u64);
    put_varint(&mut bytes, directory.len() as u64);
    put_varint(&mut bytes, packed.len() as u64);
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(&compressed);
    CHUNK.seal(bytes)
}
