//! Bytes written by released versions still read. The files under `fixtures` are never made anew.
//!
//! The segment without a pyramid was folded from the chunk of version 1.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::slice::from_ref;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ballast_history::{
    Axis, ChunkSource, Engine, FormatError, ObjectSource, Part, PartSource, Projection, Scan,
    SeriesRequest, SourceError, decode_chunk,
};
use ballast_model::MetricName;
use ballast_model::json::Value;
use bytes::Bytes;
use futures::TryStreamExt as _;

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

/// A folded segment below `fixtures/segment-v1`: its objects, `index.bin` and `checksum.bin` as the database keeps them.
struct Segment {
    engine: Engine,
    objects: Arc<Objects>,
    part: Part,
    index: Bytes,
    checksum: [u8; 32],
}

/// Objects under the key `segment`, and which of them were read.
struct Objects {
    folder: &'static str,
    read: Mutex<BTreeSet<String>>,
}

impl Objects {
    fn file(&self, name: &str) -> std::io::Result<Bytes> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/segment-v1");
        Ok(std::fs::read(fixtures.join(self.folder).join(name))?.into())
    }
}

#[async_trait]
impl ObjectSource for Objects {
    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, SourceError> {
        let name = key.strip_prefix("segment/").expect("an object of ours");
        let bytes = self
            .file(name)
            .map_err(|error| SourceError::Store(error.into()))?;
        self.read
            .lock()
            .expect("not poisoned")
            .insert(name.to_owned());
        Ok(bytes.slice(range.start as usize..range.end as usize))
    }

    async fn put(&self, key: &str, _: Bytes) -> Result<(), SourceError> {
        panic!("`{key}` is written")
    }
}

/// There are no chunks.
struct NoChunks;

#[async_trait]
impl ChunkSource for NoChunks {
    async fn bodies(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        panic!("chunks {keys:?} are read")
    }

    async fn indexes(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        panic!("indexes of chunks {keys:?} are read")
    }
}

impl Segment {
    fn open(folder: &'static str, lines: Range<u64>, steps: (i64, i64)) -> Self {
        let objects = Arc::new(Objects {
            folder,
            read: Mutex::default(),
        });
        let index = objects.file("index.bin").expect("a fixture");
        let checksum = objects.file("checksum.bin").expect("a fixture");
        Self {
            engine: Engine::new(
                Arc::new(NoChunks),
                Arc::clone(&objects) as Arc<dyn ObjectSource>,
                1 << 20,
            ),
            objects,
            part: Part {
                source: PartSource::Segment {
                    object_key: "segment".to_owned(),
                    index: index.clone(),
                },
                first_line: lines.start,
                end_line: lines.end,
                visible: lines,
                steps: Some(steps),
            },
            index,
            checksum: checksum[..].try_into().expect("32 bytes"),
        }
    }

    /// Seven rows of everything that a row may hold, lines 10 to 16.
    fn plain() -> Self {
        Self::open("plain", 10..17, (i64::MIN, 2))
    }

    /// 600 rows of every second step, whose `x` is [`x`].
    fn with_pyramid() -> Self {
        Self::open("pyramid", 0..600, (0, 1198))
    }

    /// Compares everything with its checksums.
    async fn verify(&self) {
        let verified = self
            .engine
            .verify_segment("segment", &self.index, &self.checksum)
            .await;
        verified.expect("a sound segment");
    }

    /// Every row with its line, as JSON text.
    async fn rows(&self) -> Vec<(u64, String)> {
        let mut found = self
            .engine
            .scan(from_ref(&self.part), Scan::new(Projection::All));
        let mut rows = Vec::new();
        while let Some(scanned) = found.try_next().await.expect("a sound segment") {
            let texts = scanned.batch.rows().into_iter();
            let texts = texts.map(|row| Value::Map(row).to_text());
            rows.extend(scanned.lines.into_iter().zip(texts));
        }
        rows
    }
}

/// `x` of the row `row` of the fixture with a pyramid.
fn x(row: u64) -> f64 {
    (row * 7919 % 601) as f64 / 8.0
}

#[tokio::test]
async fn segment_version_1_reads() {
    let segment = Segment::plain();
    let rows = (10..).zip(CHUNK_V1_ROWS.lines().map(str::to_owned));
    // A row without members is a line, but no row.
    let rows: Vec<_> = rows.filter(|(_, row)| row != "{}").collect();
    assert!(rows.len() < 7);
    assert_eq!(segment.rows().await, rows);

    let keys = segment.engine.keys(from_ref(&segment.part)).await;
    let keys: Vec<String> = keys
        .expect("a sound segment")
        .iter()
        .map(|key| key.name.to_string())
        .collect();
    assert!(keys.contains(&"d\\.x".to_owned()), "{keys:?}");
    segment.verify().await;
}

#[tokio::test]
async fn segment_version_1_with_a_pyramid_reads() {
    let segment = Segment::with_pyramid();
    let rows = (0..600).map(|row| {
        let text = format!(r#"{{"_step":{},"x":{:?}}}"#, 2 * row, x(row));
        (row, text)
    });
    assert_eq!(segment.rows().await, rows.collect::<Vec<_>>());
    segment.verify().await;
}

#[tokio::test]
#[expect(clippy::float_cmp, reason = "these figures are exact")]
async fn pyramid_version_1_draws_curves() {
    let segment = Segment::with_pyramid();
    let request = SeriesRequest {
        quantities: vec![MetricName::from_stored("x").into()],
        axis: Axis::Step,
        smoothing: None,
        min: None,
        max: None,
        max_columns: 8,
    };
    let drawn = segment
        .engine
        .series(from_ref(&segment.part), &request)
        .await;
    let curve = drawn.expect("a sound pyramid").remove(0);
    let read = segment.objects.read.lock().expect("not poisoned").clone();
    assert_eq!(read, BTreeSet::from(["_pyramid".to_owned()]));

    assert_eq!(curve.n_points, 600);
    assert!((4..=8).contains(&curve.count.len()), "{curve:?}");
    let mut first = 0;
    for column in 0..curve.count.len() {
        let rows = first..first + u64::from(curve.count[column]);
        let xs: Vec<f64> = rows.clone().map(x).collect();
        assert_eq!(curve.x_min[column], (2 * rows.start) as f64);
        assert_eq!(curve.x_max[column], (2 * rows.end - 2) as f64);
        let least = xs.iter().copied().reduce(f64::min);
        let greatest = xs.iter().copied().reduce(f64::max);
        assert_eq!(Some(curve.min[column]), least);
        assert_eq!(Some(curve.max[column]), greatest);
        assert_eq!(Some(&curve.first[column]), xs.first());
        assert_eq!(Some(&curve.last[column]), xs.last());
        let mean = xs.iter().sum::<f64>() / xs.len() as f64;
        assert!((curve.mean[column] - mean).abs() < 1e-9);
        first = rows.end;
    }
    assert_eq!(first, 600);
}
