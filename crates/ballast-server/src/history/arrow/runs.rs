//! Curves of runs.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use ballast_tracking::Series;
use ballast_tracking::history::{AnswerMemory, ProjectSeries, ProjectSeriesRequest, RunSeries};
use bytes::Bytes;
use futures::Stream;

use super::{COLUMNS_PER_BATCH, encode, metadata};
use crate::error::ApiError;

/// Encodes curves, run by run.
///
/// # Errors
/// [`ErrorCode::InternalError`](crate::error::ErrorCode::InternalError) if the schema cannot be encoded.
pub(in crate::history) fn encode_series(
    curves: ProjectSeries,
    request: &ProjectSeriesRequest,
) -> Result<impl Stream<Item = Result<Bytes, ArrowError>> + use<>, ApiError> {
    let schema = Arc::new(schema(&curves, request));
    let batches = Batches {
        schema: Arc::clone(&schema),
        _memory: curves.memory,
        curves: curves.runs.into_iter(),
    };
    encode(&schema, batches)
}

/// A figure of each curve, by run and quantity of the request; the default for runs that do not exist.
fn by_run<T: Clone + Default>(
    curves: &[RunSeries],
    request: &ProjectSeriesRequest,
    figure: fn(&Series) -> T,
) -> Vec<Vec<T>> {
    let of_none = vec![T::default(); request.curves.quantities.len()];
    let mut figures = vec![of_none; request.runs.len()];
    for run in curves {
        figures[run.run_index as usize] = run.series.iter().map(figure).collect();
    }
    figures
}

fn schema(curves: &ProjectSeries, request: &ProjectSeriesRequest) -> Schema {
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
    let points = by_run(&curves.runs, request, |series| series.n_points);
    let is_smoothing_asked = request.curves.smoothing.is_some();
    let smoothed =
        is_smoothing_asked.then(|| by_run(&curves.runs, request, |series| series.smoothed));
    Schema::new_with_metadata(fields, metadata(&points, smoothed, &curves.faults))
}

/// Curves of whole runs, gathered into batches that are worth their overhead.
struct Batches {
    schema: SchemaRef,
    _memory: AnswerMemory,
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
    use ballast_model::{MetricName, RunId};
    use ballast_tracking::{Axis, SeriesRequest, Smoothing, Stream as RowStream};
    use futures::TryStreamExt as _;

    use super::*;

    fn series(n_columns: usize) -> Series {
        let x: Vec<f64> = (0..n_columns).map(|x| x as f64).collect();
        Series {
            quantity: MetricName::from_key("loss").into(),
            smoothed: true,
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

    fn request(n_runs: usize, n_keys: usize) -> ProjectSeriesRequest {
        ProjectSeriesRequest {
            runs: vec![RunId::new("one").expect("valid"); n_runs],
            stream: RowStream::History,
            curves: SeriesRequest {
                quantities: vec![MetricName::from_key("loss").into(); n_keys],
                axis: Axis::Step,
                smoothing: None,
                min: None,
                max: None,
                max_columns: 1000,
            },
        }
    }

    async fn decode(
        runs: Vec<RunSeries>,
        request: &ProjectSeriesRequest,
    ) -> (SchemaRef, Vec<RecordBatch>) {
        let curves = ProjectSeries {
            runs,
            faults: Vec::new(),
            memory: AnswerMemory::default(),
        };
        let stream = encode_series(curves, request).expect("schema is valid");
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
        let (schema, batches) = decode(curves, &request(20, 2)).await;
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
        let (schema, batches) = decode(Vec::new(), &request(2, 1)).await;
        assert!(batches.is_empty());
        assert_eq!(schema.metadata()["points"], "[[0],[0]]");
        assert!(!schema.metadata().contains_key("smoothed"));
    }

    #[tokio::test]
    async fn it_is_told_which_curves_are_smoothed_if_that_was_asked() {
        let mut request = request(2, 2);
        request.curves.smoothing = Some(Smoothing::Ema { weight: 0.5 });
        let as_logged = Series {
            smoothed: false,
            ..series(1)
        };
        let curves = vec![RunSeries {
            run_index: 1,
            series: vec![series(1), as_logged],
        }];
        let (schema, _) = decode(curves, &request).await;
        assert_eq!(
            schema.metadata()["smoothed"],
            "[[false,false],[true,false]]"
        );
    }
}
