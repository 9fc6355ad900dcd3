//! Curves of groups.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use ballast_tracking::GroupSeries;
use ballast_tracking::history::{AnswerMemory, ProjectGroups, ProjectGroupsRequest};
use bytes::Bytes;
use futures::Stream;

use super::{COLUMNS_PER_BATCH, encode, metadata};
use crate::error::ApiError;

/// Encodes curves, group by group.
///
/// # Errors
/// [`ErrorCode::InternalError`](crate::error::ErrorCode::InternalError) if the schema cannot be encoded.
pub(in crate::history) fn encode_groups(
    curves: ProjectGroups,
    request: &ProjectGroupsRequest,
) -> Result<impl Stream<Item = Result<Bytes, ArrowError>> + use<>, ApiError> {
    let schema = Arc::new(schema(&curves, request.curves.smoothing.is_some()));
    let batches = Batches {
        schema: Arc::clone(&schema),
        _memory: curves.memory,
        curves: placed(curves.groups),
    };
    encode(&schema, batches)
}

fn schema(curves: &ProjectGroups, is_smoothing_asked: bool) -> Schema {
    let place = |name: &str| Field::new(name, DataType::UInt32, false);
    let value = |name: &str| Field::new(name, DataType::Float64, false);
    let count = |name: &str| Field::new(name, DataType::UInt64, false);
    let fields = vec![
        place("group"),
        place("key"),
        value("x_min"),
        value("x_max"),
        place("n"),
        value("mean"),
        value("median"),
        value("sd"),
        value("se"),
        value("ci95_low"),
        value("ci95_high"),
        value("min"),
        value("max"),
        count("count"),
        count("n_non_finite"),
    ];
    let groups = &curves.groups;
    let points = by_group(groups, |series| series.n_points);
    let smoothed = is_smoothing_asked.then(|| by_group(groups, |series| series.smoothed));
    Schema::new_with_metadata(fields, metadata(&points, smoothed, &curves.faults))
}

fn by_group<T>(groups: &[Vec<GroupSeries>], figure: fn(&GroupSeries) -> T) -> Vec<Vec<T>> {
    let of_group = |group: &Vec<GroupSeries>| group.iter().map(figure).collect();
    groups.iter().map(of_group).collect()
}

/// A curve and the places of its group and quantity.
struct Placed {
    group: u32,
    key: u32,
    series: GroupSeries,
}

fn placed(groups: Vec<Vec<GroupSeries>>) -> impl Iterator<Item = Placed> {
    (0..).zip(groups).flat_map(|(group, of_group)| {
        let curves = (0..).zip(of_group);
        curves.map(move |(key, series)| Placed { group, key, series })
    })
}

/// Whole curves, gathered into batches that are worth their overhead.
struct Batches<I> {
    schema: SchemaRef,
    _memory: AnswerMemory,
    curves: I,
}

impl<I: Iterator<Item = Placed>> Iterator for Batches<I> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut gathered = Vec::new();
        let mut n_columns = 0;
        while n_columns < COLUMNS_PER_BATCH
            && let Some(curve) = self.curves.next()
        {
            n_columns += curve.series.x_min.len();
            gathered.push(curve);
        }
        (n_columns > 0).then(|| batch(&self.schema, &gathered))
    }
}

fn batch(schema: &SchemaRef, curves: &[Placed]) -> Result<RecordBatch, ArrowError> {
    let place = |place: fn(&Placed) -> u32| {
        let repeated = |curve| std::iter::repeat_n(place(curve), curve.series.x_min.len());
        Arc::new(UInt32Array::from_iter_values(
            curves.iter().flat_map(repeated),
        )) as ArrayRef
    };
    let value = |values: fn(&GroupSeries) -> &Vec<f64>| {
        let values = curves.iter().flat_map(|curve| values(&curve.series));
        Arc::new(Float64Array::from_iter_values(values.copied())) as ArrayRef
    };
    let count = |counts: fn(&GroupSeries) -> &Vec<u64>| {
        let counts = curves.iter().flat_map(|curve| counts(&curve.series));
        Arc::new(UInt64Array::from_iter_values(counts.copied())) as ArrayRef
    };
    let members = curves.iter().flat_map(|curve| &curve.series.n).copied();
    let columns = vec![
        place(|curve| curve.group),
        place(|curve| curve.key),
        value(|series| &series.x_min),
        value(|series| &series.x_max),
        Arc::new(UInt32Array::from_iter_values(members)),
        value(|series| &series.mean),
        value(|series| &series.median),
        value(|series| &series.sd),
        value(|series| &series.se),
        value(|series| &series.ci95_low),
        value(|series| &series.ci95_high),
        value(|series| &series.min),
        value(|series| &series.max),
        count(|series| &series.count),
        count(|series| &series.n_non_finite),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray as _;
    use arrow::datatypes::UInt32Type;
    use arrow::ipc::reader::StreamReader;
    use ballast_model::MetricName;
    use ballast_tracking::{Axis, SeriesRequest, Stream as RowStream};
    use futures::TryStreamExt as _;

    use super::*;

    fn series(n_columns: usize) -> GroupSeries {
        let x: Vec<f64> = (0..n_columns).map(|x| x as f64).collect();
        GroupSeries {
            quantity: MetricName::from_key("loss").into(),
            smoothed: false,
            x_min: x.clone(),
            x_max: x.clone(),
            n: vec![2; n_columns],
            mean: x.clone(),
            median: x.clone(),
            sd: x.clone(),
            se: x.clone(),
            ci95_low: x.clone(),
            ci95_high: x.clone(),
            min: x.clone(),
            max: x,
            count: vec![1 << 40; n_columns],
            n_non_finite: vec![0; n_columns],
            n_points: (n_columns as u64) << 40,
            n_members: 2,
        }
    }

    #[tokio::test]
    async fn large_answers_come_in_batches_of_whole_curves() {
        let request = ProjectGroupsRequest {
            groups: vec![Vec::new(); 5],
            stream: RowStream::History,
            curves: SeriesRequest {
                quantities: vec![MetricName::from_key("loss").into(); 2],
                axis: Axis::Step,
                smoothing: None,
                min: None,
                max: None,
                max_columns: 4000,
            },
        };
        let mut groups = vec![vec![series(0), series(4000)]; 4];
        groups.push(vec![series(0), series(0)]);
        let curves = ProjectGroups {
            groups,
            faults: Vec::new(),
            memory: AnswerMemory::default(),
        };
        let stream = encode_groups(curves, &request).expect("schema is valid");
        let parts: Vec<Bytes> = stream.try_collect().await.expect("curves are valid");
        let bytes = parts.concat();
        let reader = StreamReader::try_new(bytes.as_slice(), None).expect("own stream");
        let schema = reader.schema();
        let batches: Vec<_> = reader.map(|batch| batch.expect("own batch")).collect();
        let n_rows: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(n_rows, [12_000, 4000]);
        let curve = 4000_u64 << 40;
        let of_group = format!("[0,{curve}]");
        assert_eq!(
            schema.metadata()["points"],
            format!("[{},[0,0]]", [of_group.as_str(); 4].join(","))
        );
        let places = |name: &str| batches[1][name].as_primitive::<UInt32Type>().values();
        assert_eq!(**places("group"), [3; 4000]);
        assert_eq!(**places("key"), [1; 4000]);
    }
}
