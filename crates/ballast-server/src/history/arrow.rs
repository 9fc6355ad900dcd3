//! Curves as an Arrow IPC stream.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamEncoder;
use ballast_tracking::Series;
use ballast_tracking::history::RunSeries;
use bytes::Bytes;
use futures::{Stream, stream};

use crate::error::ApiError;

/// The content type of an Arrow IPC stream.
pub(super) const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";

/// Columns of curves that are encoded at once: some 600 KB.
const COLUMNS_PER_BATCH: usize = 8192;

/// Encodes curves, run by run, as they are sent; what is sent is freed.
///
/// # Errors
/// [`ErrorCode::InternalError`](crate::error::ErrorCode::InternalError) if the schema cannot be encoded.
pub(super) fn encode_series(
    curves: Vec<RunSeries>,
    n_runs: usize,
    n_keys: usize,
) -> Result<impl Stream<Item = Result<Bytes, ArrowError>>, ApiError> {
    let schema = Arc::new(schema(&points(&curves, n_runs, n_keys)));
    let encoder = StreamEncoder::try_new(&schema).map_err(ApiError::internal)?;
    let batches = Batches {
        schema,
        curves: curves.into_iter(),
    };
    Ok(stream::unfold(Some((encoder, batches)), async |state| {
        let (mut encoder, mut batches) = state?;
        let part = match batches.next() {
            Some(batch) => batch.and_then(|batch| encoder.encode(&batch)),
            None => return Some((encoder.finish().map(joined), None)),
        };
        let next = part.is_ok().then_some((encoder, batches));
        Some((part.map(joined), next))
    }))
}

fn joined(buffers: Vec<arrow::buffer::Buffer>) -> Bytes {
    let length = buffers.iter().map(arrow::buffer::Buffer::len).sum();
    let mut bytes = Vec::with_capacity(length);
    for buffer in buffers {
        bytes.extend_from_slice(&buffer);
    }
    Bytes::from(bytes)
}

/// How many rows each curve stands for, by run and key of the request; 0 for runs that do not exist.
fn points(curves: &[RunSeries], n_runs: usize, n_keys: usize) -> Vec<Vec<u64>> {
    let mut points = vec![vec![0; n_keys]; n_runs];
    for run in curves {
        points[run.run_index as usize] = run.series.iter().map(|series| series.n_points).collect();
    }
    points
}

fn schema(points: &[Vec<u64>]) -> Schema {
    let count = |name: &str| Field::new(name, DataType::UInt32, false);
    let value = |name: &str| Field::new(name, DataType::Float64, false);
    let fields = vec![
        count("run"),
        count("key"),
        value("x_min"),
        value("x_max"),
        value("min"),
        value("max"),
        value("first"),
        value("last"),
        value("mean"),
        count("count"),
        count("n_nan"),
        count("n_pos_inf"),
        count("n_neg_inf"),
    ];
    let points = serde_json::to_string(points).expect("lists of numbers are JSON");
    Schema::new_with_metadata(fields, HashMap::from([("points".to_owned(), points)]))
}

/// Curves of whole runs, gathered into batches that are worth their overhead.
struct Batches {
    schema: SchemaRef,
    curves: std::vec::IntoIter<RunSeries>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut columns = Columns::default();
        while columns.run.len() < COLUMNS_PER_BATCH
            && let Some(run) = self.curves.next()
        {
            for (key, series) in (0..).zip(run.series) {
                columns.extend(run.run_index, key, series);
            }
        }
        (!columns.run.is_empty()).then(|| columns.into_batch(&self.schema))
    }
}

#[derive(Default)]
struct Columns {
    run: Vec<u32>,
    key: Vec<u32>,
    x_min: Vec<f64>,
    x_max: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
    first: Vec<f64>,
    last: Vec<f64>,
    mean: Vec<f64>,
    count: Vec<u32>,
    n_nan: Vec<u32>,
    n_pos_inf: Vec<u32>,
    n_neg_inf: Vec<u32>,
}

impl Columns {
    fn extend(&mut self, run: u32, key: u32, series: Series) {
        let n_columns = series.x_min.len();
        self.run.extend(std::iter::repeat_n(run, n_columns));
        self.key.extend(std::iter::repeat_n(key, n_columns));
        self.x_min.extend(series.x_min);
        self.x_max.extend(series.x_max);
        self.min.extend(series.min);
        self.max.extend(series.max);
        self.first.extend(series.first);
        self.last.extend(series.last);
        self.mean.extend(series.mean);
        self.count.extend(series.count);
        self.n_nan.extend(series.n_nan);
        self.n_pos_inf.extend(series.n_pos_inf);
        self.n_neg_inf.extend(series.n_neg_inf);
    }

    fn into_batch(self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let count = |values: Vec<u32>| Arc::new(UInt32Array::from(values)) as ArrayRef;
        let value = |values: Vec<f64>| Arc::new(Float64Array::from(values)) as ArrayRef;
        let columns = vec![
            count(self.run),
            count(self.key),
            value(self.x_min),
            value(self.x_max),
            value(self.min),
            value(self.max),
            value(self.first),
            value(self.last),
            value(self.mean),
            count(self.count),
            count(self.n_nan),
            count(self.n_pos_inf),
            count(self.n_neg_inf),
        ];
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray as _;
    use arrow::datatypes::{Float64Type, UInt32Type};
    use arrow::ipc::reader::StreamReader;
    use ballast_model::MetricName;
    use futures::TryStreamExt as _;

    use super::*;

    fn series(n_columns: usize) -> Series {
        let x: Vec<f64> = (0..n_columns).map(|x| x as f64).collect();
        Series {
            key: MetricName::from_key("loss"),
            x_min: x.clone(),
            x_max: x.clone(),
            min: x.clone(),
            max: x.clone(),
            first: x.clone(),
            last: x.clone(),
            mean: x,
            count: vec![1; n_columns],
            n_nan: vec![0; n_columns],
            n_pos_inf: vec![0; n_columns],
            n_neg_inf: vec![0; n_columns],
            n_points: 3 * n_columns as u64,
        }
    }

    async fn decode(
        curves: Vec<RunSeries>,
        n_runs: usize,
        n_keys: usize,
    ) -> (SchemaRef, Vec<RecordBatch>) {
        let stream = encode_series(curves, n_runs, n_keys).expect("schema is valid");
        let parts: Vec<Bytes> = stream.try_collect().await.expect("curves are valid");
        let bytes = parts.concat();
        let reader = StreamReader::try_new(bytes.as_slice(), None).expect("own stream");
        (
            reader.schema(),
            reader.map(|batch| batch.expect("own batch")).collect(),
        )
    }

    #[tokio::test]
    async fn large_answers_come_in_batches() {
        let curves = (0..20)
            .map(|run_index| RunSeries {
                run_index,
                series: vec![series(1000), series(500)],
            })
            .collect();
        let (schema, batches) = decode(curves, 20, 2).await;
        assert_eq!(batches.len(), 4);
        assert_eq!(
            batches.iter().map(RecordBatch::num_rows).sum::<usize>(),
            30_000
        );
        assert_eq!(
            schema.metadata()["points"],
            format!("[{}]", ["[3000,1500]"; 20].join(","))
        );
        let last = batches.last().expect("not empty");
        assert_eq!(
            last.column(0).as_primitive::<UInt32Type>().values().last(),
            Some(&19)
        );
        assert_eq!(
            last.column(1).as_primitive::<UInt32Type>().values().last(),
            Some(&1)
        );
        assert_eq!(
            last.column(2).as_primitive::<Float64Type>().values().last(),
            Some(&499.0)
        );
    }

    #[tokio::test]
    async fn nothing_is_still_a_stream() {
        let (schema, batches) = decode(Vec::new(), 2, 1).await;
        assert!(batches.is_empty());
        assert_eq!(schema.metadata()["points"], "[[0],[0]]");
    }
}
