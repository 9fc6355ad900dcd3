//! Chunks read back, and damaged ones are refused.

use proptest::prelude::*;

use super::*;
use crate::testing::{batch, lines};
use crate::{FormatError, RowBatch, stats};

fn decode_all(body: &[u8]) -> RowBatch {
    decode_chunk(body, &Projection::All).expect("a sound chunk")
}

proptest! {
    #[test]
    fn a_batch_reads_back_and_encodes_to_the_same_bytes(lines in lines(0..20)) {
        let batch = batch(&lines);
        let chunk = encode_chunk(&batch);
        let decoded = decode_all(&chunk.body);
        prop_assert_eq!(&decoded, &batch);
        prop_assert_eq!(encode_chunk(&decoded), chunk);
    }

    #[test]
    fn only_the_keys_asked_are_read(lines in lines(0..12), names in prop::collection::vec("[ab]|loss|none", 0..3)) {
        let keys = Projection::only(names.iter().map(|name| MetricName::from_key(name)));
        let mut expected = batch(&lines);
        let body = encode_chunk(&expected).body;
        expected.retain_columns(|column| keys.contains(column.name()));
        prop_assert_eq!(decode_chunk(&body, &keys).expect("sound"), expected);
    }

    #[test]
    fn the_index_is_the_statistics_of_the_rows(lines in lines(0..12)) {
        let batch = batch(&lines);
        let index = encode_chunk(&batch).index;
        prop_assert_eq!(stats::decode(&index).expect("sound"), stats::of_batch(&batch));
    }

    #[test]
    fn a_damaged_chunk_is_refused(lines in lines(1..8), at: prop::sample::Index, bit in 0..8_u32) {
        let EncodedChunk { index, body } = encode_chunk(&batch(&lines));
        for bytes in [&index, &body] {
            let mut damaged = bytes.to_vec();
            let at = at.index(damaged.len());
            damaged[at] ^= 1 << bit;
            prop_assert!(read(&damaged).is_err());
            prop_assert!(read(&bytes[..at]).is_err());
        }
    }

    /// A checksum that fits the damage lets the reader go on: it still answers.
    #[test]
    fn a_malformed_chunk_does_not_panic(
        lines in lines(1..8),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let EncodedChunk { index, body } = encode_chunk(&batch(&lines));
        for bytes in [&index, &body] {
            let mut content = bytes[..bytes.len() - 4].to_vec();
            for (at, byte) in &damage {
                let at = at.index(content.len() - 5) + 5;
                content[at] = *byte;
            }
            let crc = crc32fast::hash(&content);
            content.extend_from_slice(&crc.to_le_bytes());
            let _ = read(&content);
        }
    }

    #[test]
    fn a_malformed_column_does_not_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        n_values in 1..80_usize,
        more_rows in 0..3_usize,
    ) {
        for kind in ValueKind::ALL {
            let reader = crate::wire::Reader::new(&bytes, CHUNK.what);
            let _ = column::read(reader, kind, n_values, n_values + more_rows);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes);
    }
}

/// Reads bytes that start like a chunk as one, and others as an index.
fn read(bytes: &[u8]) -> Result<(), FormatError> {
    if bytes.first_chunk() == Some(&CHUNK.magic) {
        decode_chunk(bytes, &Projection::All).map(|_| ())
    } else {
        stats::decode(bytes).map(|_| ())
    }
}

#[test]
fn a_wide_batch_reads_back() {
    let members: Vec<_> = (0..20_000)
        .map(|key| format!("\"layer/{key}\":{key}.5"))
        .collect();
    let line = format!("{{{}}}", members.join(","));
    let batch = batch(&[&line, "{}", &line]);
    let body = encode_chunk(&batch).body;
    assert_eq!(decode_all(&body), batch);
    let one = Projection::only([MetricName::from_key("layer/777")]);
    let one = decode_chunk(&body, &one).expect("sound");
    assert_eq!(one.columns().len(), 1);
}

#[test]
fn chunks_are_split_to_their_limit() {
    // Digits of a linear congruential generator: text that does not compress far below its size.
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state
    };
    let lines: Vec<_> = (0..900)
        .map(|row| {
            let n_words = if row == 450 { 200_000 } else { 150 };
            let words: Vec<String> = (0..n_words).map(|_| format!("{:016x}", noise())).collect();
            format!("{{\"_step\":{row},\"text\":\"{}\"}}", words.concat())
        })
        .collect();
    let batch = batch(&lines);
    let chunks = encode_chunks(&batch);
    assert!(chunks.len() > 3);
    let mut next = 0;
    for (rows, chunk) in &chunks {
        assert_eq!(rows.start, next);
        next = rows.end;
        assert!(chunk.body.len() <= MAX_CHUNK_BYTES || rows.len() == 1);
        assert_eq!(decode_all(&chunk.body), batch.slice(rows.clone()));
    }
    assert_eq!(next, batch.n_rows());
    assert_eq!(encode_chunks(&RowBatch::default()), []);
}

#[test]
fn equal_batches_have_equal_bodies_however_they_came_about() {
    let a = batch(&[r#"{"a":1,"b":0.5}"#, r#"{"b":NaN,"a":2}"#]);
    let b = RowBatch::concat(&[
        batch(&[r#"{"b": 0.5, "a": 1}"#]),
        batch(&[r#"{"a": 2, "b": NaN}"#]),
    ]);
    assert_eq!(encode_chunk(&a), encode_chunk(&b));
}
