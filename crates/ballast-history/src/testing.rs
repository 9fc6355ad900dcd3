//! What the tests share: rows of every shape, and stores in memory.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ballast_model::json::{Map, Value};
use bytes::Bytes;
use proptest::prelude::*;

use crate::{
    ChunkSource, EncodedChunk, Engine, FoldedSegment, KeyInfo, KeyStats, ObjectSource, ParseLimits,
    Part, PartSource, RowBatch, SourceError, View, encode_chunk, parse_rows,
};

/// Parses lines that are all sound.
pub(crate) fn batch(lines: &[impl AsRef<[u8]>]) -> RowBatch {
    let parsed = parse_rows(lines.iter().map(AsRef::as_ref), &ParseLimits::default());
    assert_eq!(parsed.rejected, [], "test lines are sound");
    parsed.batch
}

/// The keys of lines that are all sound.
pub(crate) fn keys_of(lines: &[impl AsRef<[u8]>]) -> Vec<KeyInfo> {
    KeyStats::of_batch(&batch(lines)).infos().collect()
}

/// The value's text with the keys of every object sorted: equal for equal values, NaN and -0.0 included.
pub(crate) fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::List(items) => items.iter().map(sorted).collect::<Vec<_>>().into(),
            Value::Map(map) => {
                let mut members: Vec<_> = map
                    .iter()
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                members.into_iter().collect::<Map>().into()
            }
            leaf => leaf.clone(),
        }
    }
    sorted(value).to_text()
}

/// What a line says, keys sorted.
pub(crate) fn canonical_line(line: &[u8]) -> String {
    canonical(&Value::parse(line).expect("a sound line"))
}

/// Keys that meet again and again, some of them awkward.
pub(crate) fn keys() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "loss",
        "a",
        "a.b",
        "b",
        "train/acc",
        "é",
        "😀",
        "",
        ".",
        "\\",
        "_step",
        "_type",
        "a\\.b",
        "quote\"d",
        "_line",
    ])
    .prop_map(str::to_owned)
}

/// Values that have no members.
pub(crate) fn leaves() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<f64>().prop_map(Value::Float),
        2 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324,
        ]).prop_map(Value::Float),
        2 => any::<i64>().prop_map(Value::Int),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1]).prop_map(Value::Int),
        1 => "-?[1-9][0-9]{19,30}".prop_map(|digits| Value::Big(digits.into())),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => ".{0,8}".prop_map(Value::String),
        1 => Just(Value::Map(Map::new())),
        1 => Just(Value::List(Vec::new())),
    ]
}

/// Values of every kind, some of them objects of objects.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    leaves().prop_recursive(4, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            members(inner, 0..5).prop_map(Value::Map),
        ]
    })
}

/// Objects.
pub(crate) fn members(
    values: impl Strategy<Value = Value>,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Map> {
    prop::collection::vec((keys(), values), size).prop_map(|members| members.into_iter().collect())
}

/// Lines of rows that have some keys in common, in shuffled order.
pub(crate) fn lines(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let row = members(values(), 0..8).prop_map(|map| Value::Map(map).to_text().into_bytes());
    prop::collection::vec(row, size)
}

/// A chunk table and an object store in memory.
#[derive(Default)]
pub(crate) struct Store {
    chunks: Mutex<Vec<EncodedChunk>>,
    objects: Mutex<BTreeMap<String, Bytes>>,
}

impl Store {
    pub(crate) fn engine(self: &Arc<Self>) -> Engine {
        Engine::new(
            Arc::clone(self) as Arc<dyn ChunkSource>,
            Arc::clone(self) as Arc<dyn ObjectSource>,
            1 << 20,
        )
    }

    /// Stores a batch as a chunk from `first_line` on.
    pub(crate) fn add_chunk(&self, batch: &RowBatch, first_line: u64) -> Part {
        let mut chunks = self.chunks.lock().expect("not poisoned");
        let chunk = encode_chunk(batch);
        let n_bytes = chunk.body.len() as u64;
        chunks.push(chunk);
        let end_line = first_line + batch.n_rows() as u64;
        Part {
            source: PartSource::Chunk {
                key: chunks.len() as i64 - 1,
                n_bytes,
            },
            first_line,
            end_line,
            visible: first_line..end_line,
            steps: batch.step_range(),
        }
    }

    /// Stores lines as chunks that begin at `first_line` and end at `borders`.
    pub(crate) fn add_lines(&self, lines: &[impl AsRef<[u8]>], borders: &[usize]) -> View {
        let mut borders = borders.to_vec();
        borders.extend([0, lines.len()]);
        borders.sort_unstable();
        borders.dedup();
        borders
            .windows(2)
            .map(|pair| self.add_chunk(&batch(&lines[pair[0]..pair[1]]), pair[0] as u64))
            .collect()
    }

    pub(crate) fn objects(&self) -> BTreeMap<String, Bytes> {
        self.objects.lock().expect("not poisoned").clone()
    }

    pub(crate) fn put_object(&self, key: &str, bytes: Bytes) {
        self.objects
            .lock()
            .expect("not poisoned")
            .insert(key.to_owned(), bytes);
    }

    pub(crate) fn damage_chunk(&self, key: i64) {
        let chunk = &mut self.chunks.lock().expect("not poisoned")[key as usize];
        let body = &chunk.body;
        chunk.body = body.slice(0..body.len() - 1);
    }
}

/// The segment that some parts fold to, as a part.
pub(crate) fn segment_part(segment: &FoldedSegment) -> Part {
    Part {
        source: PartSource::Segment {
            object_key: segment.object_key.clone(),
            index: segment.index.clone(),
        },
        first_line: segment.first_line,
        end_line: segment.end_line,
        visible: segment.first_line..segment.end_line,
        steps: segment.steps,
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
        let object = objects.get(key).ok_or_else(|| SourceError::Missing {
            key: key.to_owned(),
        })?;
        Ok(object.slice(range.start as usize..range.end as usize))
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), SourceError> {
        let before = self
            .objects
            .lock()
            .expect("not poisoned")
            .insert(key.to_owned(), bytes);
        assert_eq!(before, None, "each object is put once");
        Ok(())
    }
}

/// Runs asynchronous code to its end.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}
