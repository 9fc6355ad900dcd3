//! Cost of taking in and drawing history.
//!
//! The input: rows of 10 float metrics, 16 to 17 digits each, beside step, runtime and timestamp; batches of 1,000 rows.
//! Run with `cargo bench -p ballast-history`.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ballast_history::{
    Axis, ChunkSource, EncodedChunk, Engine, Expression, ObjectSource, ParseLimits, Part,
    PartSource, Projection, SeriesRequest, Smoothing, SourceError, View, decode_chunk,
    encode_chunk, parse_rows,
};
use ballast_model::MetricName;
use bytes::Bytes;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const ROWS_PER_BATCH: usize = 1_000;
const METRICS: usize = 10;
const VALUES_PER_BATCH: usize = ROWS_PER_BATCH * METRICS;

fn main() {
    divan::main();
}

/// Pseudo-random numbers from 0 to 1, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Lines of one batch. `shuffled` puts the keys of each row in an order of its own, as the wandb client does.
fn lines(first_step: usize, shuffled: bool) -> Vec<Vec<u8>> {
    let mut noise = Noise(first_step as u64 + 1);
    let rows = first_step..first_step + ROWS_PER_BATCH;
    rows.map(|step| {
        let mut members = vec![
            format!("\"_step\": {step}"),
            format!("\"_runtime\": {}", step as f64 * 0.25 + noise.next() * 0.01),
            format!(
                "\"_timestamp\": {}",
                1.795e9 + step as f64 * 0.25 + noise.next() * 0.01
            ),
        ];
        members.extend((0..METRICS).map(|key| format!("\"train/metric_{key}\": {}", noise.next())));
        if shuffled {
            for at in (1..members.len()).rev() {
                members.swap(at, (noise.next() * (at + 1) as f64) as usize);
            }
        }
        format!("{{{}}}", members.join(", ")).into_bytes()
    })
    .collect()
}

#[divan::bench(args = [false, true])]
fn parse(bencher: Bencher<'_, '_>, shuffled: bool) {
    let lines = lines(0, shuffled);
    bencher
        .counter(ItemsCount::new(VALUES_PER_BATCH))
        .bench(|| parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default()));
}

#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let lines = lines(0, true);
    let batch = parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default()).batch;
    let n_bytes = encode_chunk(&batch).body.len();
    assert!(n_bytes < VALUES_PER_BATCH * 10, "{n_bytes} bytes");
    bencher
        .counter(ItemsCount::new(VALUES_PER_BATCH))
        .bench(|| encode_chunk(black_box(&batch)));
}

/// What one file stream request costs here.
#[divan::bench(args = [false, true])]
fn parse_and_encode(bencher: Bencher<'_, '_>, shuffled: bool) {
    let lines = lines(0, shuffled);
    bencher
        .counter(ItemsCount::new(VALUES_PER_BATCH))
        .bench(|| {
            let parsed = parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default());
            encode_chunk(&parsed.batch)
        });
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let lines = lines(0, true);
    let batch = parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default()).batch;
    let body = encode_chunk(&batch).body;
    bencher
        .counter(ItemsCount::new(VALUES_PER_BATCH))
        .bench(|| decode_chunk(black_box(&body), &Projection::All));
}

fn engine(store: &Arc<Store>) -> Engine {
    let (chunks, objects) = (Arc::clone(store), Arc::clone(store));
    Engine::new(chunks as Arc<_>, objects as Arc<_>, 256 << 20)
}

/// One key of a run of 200,000 rows, 1,500 columns asked.
#[divan::bench(args = [false, true])]
fn series(bencher: Bencher<'_, '_>, folded: bool) {
    let runtime = runtime();
    let store = Arc::new(Store::default());
    let engine = engine(&store);
    let mut view = store.fill(200);
    if folded {
        view = vec![runtime.block_on(fold(&engine, &view, "segment"))];
    }
    let request = SeriesRequest {
        quantities: vec![MetricName::from_key("train/metric_3").into()],
        smoothing: None,
        axis: Axis::Step,
        min: None,
        max: None,
        max_columns: 1_500,
    };
    bencher
        .counter(ItemsCount::new(200 * ROWS_PER_BATCH))
        .bench(|| {
            runtime
                .block_on(engine.series(&view, &request))
                .expect("reads")
        });
}

/// An expression over two keys of a run of 200,000 rows, plain and smoothed, which reads all rows.
#[divan::bench(args = [false, true])]
fn series_of_expression(bencher: Bencher<'_, '_>, smoothed: bool) {
    let runtime = runtime();
    let store = Arc::new(Store::default());
    let engine = engine(&store);
    let view = store.fill(200);
    let view = vec![runtime.block_on(fold(&engine, &view, "segment"))];
    let expression = "${train/metric_3} - lag(${train/metric_4})";
    let expression: Expression = expression.parse().expect("parses");
    let request = SeriesRequest {
        quantities: vec![expression.into()],
        axis: Axis::Step,
        smoothing: smoothed.then_some(Smoothing::TimeWeightedEma { weight: 0.9 }),
        min: None,
        max: None,
        max_columns: 1_500,
    };
    bencher
        .counter(ItemsCount::new(200 * ROWS_PER_BATCH))
        .bench(|| {
            runtime
                .block_on(engine.series(&view, &request))
                .expect("reads")
        });
}

/// Smoothing 1,000,000 points that are at hand.
#[divan::bench(args = SMOOTHINGS, sample_count = 10)]
fn smooth(bencher: Bencher<'_, '_>, how: &Smoothing) {
    let mut noise = Noise(1);
    let ys: Vec<f64> = (0..1_000_000).map(|_| noise.next()).collect();
    let xs: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    bencher
        .counter(ItemsCount::new(ys.len()))
        .with_inputs(|| ys.clone())
        .bench_refs(|ys| how.apply(&xs, ys));
}

const SMOOTHINGS: [Smoothing; 5] = [
    Smoothing::TimeWeightedEma { weight: 0.9 },
    Smoothing::Ema { weight: 0.9 },
    Smoothing::Gaussian { std_dev: 10.0 },
    Smoothing::Gaussian { std_dev: 100.0 },
    Smoothing::RunningMean { n_points: 100 },
];

/// A group of 50 runs of 20,000 rows in one curve, 1,500 columns asked.
#[divan::bench]
fn group_series(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let store = Arc::new(Store::default());
    let engine = engine(&store);
    let view = store.fill(20);
    let view = vec![runtime.block_on(fold(&engine, &view, "segment"))];
    let members = vec![view; 50];
    let request = SeriesRequest {
        quantities: vec![MetricName::from_key("train/metric_3").into()],
        axis: Axis::Step,
        smoothing: None,
        min: None,
        max: None,
        max_columns: 1_500,
    };
    bencher
        .counter(ItemsCount::new(members.len() * 20 * ROWS_PER_BATCH))
        .bench(|| {
            runtime
                .block_on(engine.group_series(&members, &request))
                .expect("reads")
        });
}

/// Folding 100 chunks of 1,000 rows.
#[divan::bench(sample_count = 10)]
fn fold_chunks(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let store = Arc::new(Store::default());
    let engine = engine(&store);
    let view = store.fill(100);
    bencher
        .counter(ItemsCount::new(100 * VALUES_PER_BATCH))
        .bench(|| runtime.block_on(fold(&engine, &view, "segment")));
    let n_bytes: usize = store
        .objects
        .lock()
        .expect("not poisoned")
        .iter()
        .map(|o| o.1.len())
        .sum();
    assert!(n_bytes < 100 * VALUES_PER_BATCH * 10, "{n_bytes} bytes");
}

async fn fold(engine: &Engine, view: &[Part], object_key: &str) -> Part {
    let segment = engine
        .fold(view, object_key)
        .await
        .expect("folds")
        .expect("has rows");
    Part {
        source: PartSource::Segment {
            object_key: segment.object_key,
            index: segment.index,
        },
        first_line: segment.first_line,
        end_line: segment.end_line,
        visible: segment.first_line..segment.end_line,
        steps: segment.steps,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .build()
        .expect("a runtime")
}

/// Chunks and objects in memory.
#[derive(Default)]
struct Store {
    chunks: Mutex<Vec<EncodedChunk>>,
    objects: Mutex<Vec<(String, Bytes)>>,
}

impl Store {
    fn fill(&self, n_batches: usize) -> View {
        let mut chunks = self.chunks.lock().expect("not poisoned");
        let parts = (0..n_batches).map(|key| {
            let first_line = key * ROWS_PER_BATCH;
            let lines = lines(first_line, true);
            let parsed = parse_rows(lines.iter().map(Vec::as_slice), &ParseLimits::default());
            let chunk = encode_chunk(&parsed.batch);
            let n_bytes = chunk.body.len() as u64;
            chunks.push(chunk);
            let lines = first_line as u64..(first_line + ROWS_PER_BATCH) as u64;
            Part {
                source: PartSource::Chunk {
                    key: key as i64,
                    n_bytes,
                },
                first_line: lines.start,
                end_line: lines.end,
                visible: lines,
                steps: parsed.batch.step_range(),
            }
        });
        parts.collect()
    }
}

#[async_trait]
impl ChunkSource for Store {
    async fn bodies(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        let chunks = self.chunks.lock().expect("not poisoned");
        Ok(keys
            .iter()
            .map(|&key| chunks[key as usize].body.clone())
            .collect())
    }

    async fn indexes(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        let chunks = self.chunks.lock().expect("not poisoned");
        Ok(keys
            .iter()
            .map(|&key| chunks[key as usize].index.clone())
            .collect())
    }
}

#[async_trait]
impl ObjectSource for Store {
    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, SourceError> {
        let objects = self.objects.lock().expect("not poisoned");
        let object = objects.iter().find(|object| object.0 == key);
        let (_, bytes) = object.ok_or_else(|| SourceError::Missing {
            key: key.to_owned(),
        })?;
        Ok(bytes.slice(range.start as usize..range.end as usize))
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), SourceError> {
        let mut objects = self.objects.lock().expect("not poisoned");
        objects.retain(|object| object.0 != key);
        objects.push((key.to_owned(), bytes));
        Ok(())
    }
}
