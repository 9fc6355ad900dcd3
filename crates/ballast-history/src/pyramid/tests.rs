//! Curves from buckets against all points.

use std::sync::Arc;

use ballast_model::MetricName;
use ballast_model::json::Value;
use proptest::prelude::*;

use super::format::{KeyBlocks, decode_block};
use crate::bucket::Bucket;
use crate::testing::{Store, block_on, segment_part};
use crate::wire::Compressor;
use crate::{Axis, ReadError, Series, SeriesRequest, View};

/// Step and y, in line order.
type Point = (i64, f64);

fn line(&(step, y): &Point) -> String {
    format!(r#"{{"_step":{step},"y":{}}}"#, Value::Float(y).to_text())
}

fn request(range: (Option<f64>, Option<f64>), max_columns: usize) -> SeriesRequest {
    SeriesRequest {
        quantities: vec![MetricName::from_key("y").into()],
        smoothing: None,
        axis: Axis::Step,
        min: range.0,
        max: range.1,
        max_columns,
    }
}

/// Checks that columns are disjoint, that each is exact for its range, and that no point in the range is left out.
fn check(series: &Series, points: &[Point], request: &SeriesRequest) -> Result<(), TestCaseError> {
    let mut sorted: Vec<(f64, f64)> = points.iter().map(|&(x, y)| (x as f64, y)).collect();
    // Stable: points of one step stay in line order.
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_columns = series.x_min.len();
    prop_assert!(n_columns <= request.max_columns.max(4));
    let mut n_points = 0;
    for at in 0..n_columns {
        let (x_min, x_max) = (series.x_min[at], series.x_max[at]);
        prop_assert!(x_min <= x_max);
        prop_assert!(at == 0 || series.x_max[at - 1] < x_min);
        let inside: Vec<f64> = sorted
            .iter()
            .filter(|point| x_min <= point.0 && point.0 <= x_max)
            .map(|point| point.1)
            .collect();
        n_points += inside.len() as u64;
        let finite: Vec<f64> = inside.iter().copied().filter(|y| y.is_finite()).collect();
        let counts = [
            finite.len(),
            inside.iter().filter(|y| y.is_nan()).count(),
            inside.iter().filter(|&&y| y == f64::INFINITY).count(),
            inside.iter().filter(|&&y| y == f64::NEG_INFINITY).count(),
        ];
        let found = [
            series.count[at],
            series.n_nan[at],
            series.n_pos_inf[at],
            series.n_neg_inf[at],
        ];
        prop_assert_eq!(found.map(|count| count as usize), counts);
        let figures = [
            finite.iter().copied().min_by(f64::total_cmp),
            finite.iter().copied().max_by(f64::total_cmp),
            finite.first().copied(),
            finite.last().copied(),
        ];
        let found = [
            series.min[at],
            series.max[at],
            series.first[at],
            series.last[at],
        ];
        let bits = |figure: Option<f64>| figure.unwrap_or(f64::NAN).to_bits();
        prop_assert_eq!(found.map(f64::to_bits), figures.map(bits));
        if !finite.is_empty() {
            let n = finite.len() as f64;
            let mean: f64 = finite.iter().map(|y| y / n).sum();
            let magnitude: f64 = finite.iter().map(|y| y.abs() / n).sum();
            let error = (series.mean[at] - mean).abs();
            prop_assert!(
                error <= 1e-12 * magnitude,
                "{} is not {mean}",
                series.mean[at]
            );
        }
    }
    prop_assert_eq!(series.n_points, n_points);
    let is_asked =
        |x: f64| request.min.is_none_or(|min| min <= x) && request.max.is_none_or(|max| x <= max);
    for (x, _) in sorted.into_iter().filter(|&(x, _)| is_asked(x)) {
        let at = series.x_max.partition_point(|&x_max| x_max < x);
        prop_assert!(
            at < n_columns && series.x_min[at] <= x,
            "step {x} is left out"
        );
    }
    Ok(())
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let y = prop_oneof![
        20 => (-1e3..1e3_f64).boxed(),
        1 => any::<f64>().boxed(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 1e308]).boxed(),
    ];
    let jump = prop_oneof![
        30 => Just(1_i64),
        3 => 0..20_i64,
        1 => -300..1000_i64,
    ];
    (
        prop::collection::vec((jump, y), 600..2500),
        prop::sample::select(vec![1_i64, 1, 3, 100]),
        -1000..1000_i64,
    )
        .prop_map(|(jumps, stride, start)| {
            let mut step = start;
            jumps
                .into_iter()
                .map(|(jump, y)| {
                    step += jump * stride;
                    (step, y)
                })
                .collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_curve_from_buckets_is_exact(
        points in points(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        from in prop::option::of(any::<prop::sample::Index>()),
        to in prop::option::of(any::<prop::sample::Index>()),
        max_columns in 1..80_usize,
        mask in prop::option::of(any::<prop::sample::Index>()),
    ) {
        // Some segments and a tail of chunks, the last part maybe cut by a fork.
        let lines: Vec<String> = points.iter().map(line).collect();
        let mut borders: Vec<usize> = cuts.iter().map(|cut| cut.index(lines.len())).collect();
        borders.sort_unstable();
        let store = Arc::new(Store::default());
        let engine = store.engine();
        let chunks = store.add_lines(&lines, &borders);
        let mut view: View = Vec::new();
        for (number, chunk) in chunks.iter().enumerate() {
            if number + 1 == chunks.len() && number > 0 {
                view.push(chunk.clone());
                continue;
            }
            let key = format!("segment-{number}");
            let segment = block_on(engine.fold(std::slice::from_ref(chunk), &key)).expect("folds");
            view.push(segment_part(&segment.expect("has rows")));
        }
        let mut visible = points.len();
        if let Some(mask) = mask {
            visible = mask.index(points.len() + 1);
            for part in &mut view {
                part.visible.end = part.visible.end.min(visible as u64);
            }
        }
        let step = |at: prop::sample::Index| points[at.index(points.len())].0 as f64;
        let mut range = (from.map(step), to.map(step));
        if let (Some(from), Some(to)) = range && from > to {
            range = (Some(to), Some(from));
        }
        let request = request(range, max_columns);
        let series = block_on(engine.series(&view, &request)).expect("reads");
        check(&series[0], &points[..visible], &request)?;
    }

    #[test]
    fn blocks_read_back(points in points(), exponent in 0..12_i32) {
        let mut buckets: Vec<Bucket> = Vec::new();
        for &(step, y) in points.iter().filter(|point| point.1.abs() < 1e280 || !point.1.is_finite()) {
            let x = step as f64;
            let mut bucket = Bucket::new(crate::bucket::edge(x, exponent), x);
            bucket.add(x, y);
            buckets.push(bucket);
        }
        crate::bucket::merge_equal_edges(&mut buckets);
        let blocks = KeyBlocks::encode(&[(exponent, buckets.clone())], &mut Compressor::new());
        let mut read = Vec::new();
        for block in &blocks.levels[0].blocks {
            let bytes = &blocks.bytes[block.bytes.start as usize..block.bytes.end as usize];
            read.extend(decode_block(bytes, exponent).expect("as written"));
        }
        prop_assert_eq!(read.len(), buckets.len());
        for (read, bucket) in read.iter().zip(&buckets) {
            prop_assert_eq!((read.edge, read.x_min, read.x_max), (bucket.edge, bucket.x_min, bucket.x_max));
            prop_assert_eq!(
                [Some(read.min), Some(read.max), read.sum.rounded()].map(|figure| figure.map(f64::to_bits)),
                [Some(bucket.min), Some(bucket.max), bucket.sum.rounded()].map(|figure| figure.map(f64::to_bits))
            );
            prop_assert_eq!(read.n_points(), bucket.n_points());
            if bucket.count > 0 {
                prop_assert_eq!((read.first, read.last), (bucket.first, bucket.last));
            }
        }
    }
}

/// A run of 20,000 steps as one segment.
fn long_run() -> (Arc<Store>, View, Vec<Point>) {
    let points: Vec<Point> = (0..20_000)
        .map(|step| (step, (step % 97) as f64 / 7.0))
        .collect();
    let lines: Vec<String> = points.iter().map(line).collect();
    let store = Arc::new(Store::default());
    let view = store.add_lines(&lines, &[]);
    let segment = block_on(store.engine().fold(&view, "s"))
        .expect("folds")
        .expect("has rows");
    (store, vec![segment_part(&segment)], points)
}

#[test]
fn a_chart_of_a_segment_reads_no_rows() {
    let (store, view, points) = long_run();
    // Rows are out of reach: what is drawn comes from the pyramid.
    store.put_object("s/0.parquet", bytes::Bytes::new());
    let request = request((None, None), 100);
    let series = block_on(store.engine().series(&view, &request)).expect("reads");
    check(&series[0], &points, &request).expect("exact");
    assert!(series[0].x_min.len() > 50);
}

#[test]
fn a_pyramid_costs_less_than_a_byte_a_value() {
    let (store, _, points) = long_run();
    let n_bytes = store.objects()["s/_pyramid"].len();
    assert!(n_bytes < points.len(), "{n_bytes} bytes");
}

#[test]
fn rows_are_drawn_where_a_block_is_damaged() {
    let (store, view, points) = long_run();
    let request = request((None, None), 300);
    let mut bytes = store.objects()["s/_pyramid"].to_vec();
    // The index stays sound, so the blocks are found to be damaged one by one.
    let middle = bytes.len() / 2;
    for byte in &mut bytes[..middle] {
        *byte ^= 1;
    }
    store.put_object("s/_pyramid", bytes.into());
    let series = block_on(store.engine().series(&view, &request)).expect("reads");
    check(&series[0], &points, &request).expect("exact");

    store.put_object("s/0.parquet", bytes::Bytes::from(vec![0; 1 << 20]));
    let error = block_on(store.engine().series(&view, &request)).expect_err("no rows either");
    let ReadError::Segment { object_key, .. } = &error else {
        panic!("not {error:?}");
    };
    assert_eq!(object_key, "s/0.parquet");
}
