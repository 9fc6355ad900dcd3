//! Bytes written by released versions still read. The files under `fixtures` are never made anew.

use ballast_history::{FormatError, Projection, decode_chunk};
use ballast_model::MetricName;
use ballast_model::json::Value;

const CHUNK_V1: &[u8] = include_bytes!("fixtures/chunk-v1.bin");
const CHUNK_V1_ROWS: &str = include_str!("fixtures/chunk-v1.jsonl");

#[test]
fn chunk_version_1_reads() {
    let batch = decode_chunk(CHUNK_V1, &Projection::All).expect("a sound chunk");
    let rows: Vec<String> = batch
        .rows()
        .into_iter()
        .map(|row| Value::Map(row).to_text())
        .collect();
    assert_eq!(rows, CHUNK_V1_ROWS.lines().collect::<Vec<_>>());
}

#[test]
fn chunk_version_1_reads_in_part() {
    let names = ["loss", "d\\.x", "none"].map(MetricName::from_stored);
    let batch = decode_chunk(CHUNK_V1, &Projection::only(names)).expect("a sound chunk");
    let columns: Vec<String> = batch
        .columns()
        .iter()
        .map(|column| format!("{} {} {}", column.name(), column.kind(), column.n_values()))
        .collect();
    assert_eq!(columns, ["d\\.x int 1", "loss int 1", "loss float 4"]);
}

#[test]
fn chunk_version_1_cut_off_anywhere_is_refused() {
    for end in 0..CHUNK_V1.len() {
        let error = decode_chunk(&CHUNK_V1[..end], &Projection::All).expect_err("cut off");
        assert!(matches!(
            error,
            FormatError::Truncated { .. } | FormatError::Checksum { .. }
        ));
    }
}
