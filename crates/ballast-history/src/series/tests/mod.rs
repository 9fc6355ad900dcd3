//! Curves against a plain computation over all points.

mod expressions;
mod groups;
mod smoothing;

use std::sync::Arc;

use proptest::prelude::*;

use super::curve::Curve;
use super::*;
use crate::View;
use crate::bucket::edge;
use crate::testing::{Store, block_on, segment_part};

/// One column by the plain way.
#[derive(Debug, PartialEq)]
struct Expected {
    x: (f64, f64),
    /// Min, max, first, last as bits.
    figures: [u64; 4],
    counts: [u32; 4],
}

/// A point of y at x, in line order.
type Point = (f64, f64);

/// The curve of points, computed from all of them at once.
fn plain(points: &[Point], max_columns: usize) -> Vec<(Expected, f64, f64)> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.partial_cmp(&b.0).expect("finite"));
    let columns_at = |exponent: Option<i32>| -> Vec<Vec<Point>> {
        let edge = |x: f64| exponent.map_or(x, |exponent| edge(x, exponent));
        let columns = sorted.chunk_by(|a, b| edge(a.0) == edge(b.0));
        columns.map(<[Point]>::to_vec).collect()
    };
    let mut columns = columns_at(None);
    let mut exponent = -1022;
    while columns.len() > max_columns {
        columns = columns_at(Some(exponent));
        exponent += 1;
    }
    columns
        .iter()
        .map(|points| {
            let finite: Vec<f64> = points
                .iter()
                .map(|point| point.1)
                .filter(|y| y.is_finite())
                .collect();
            let nan = f64::NAN;
            let count = |is: fn(f64) -> bool| points.iter().filter(|p| is(p.1)).count() as u32;
            let expected = Expected {
                x: (points[0].0 + 0.0, points[points.len() - 1].0 + 0.0),
                figures: [
                    finite.iter().copied().min_by(f64::total_cmp),
                    finite.iter().copied().max_by(f64::total_cmp),
                    finite.first().copied(),
                    finite.last().copied(),
                ]
                .map(|figure| figure.unwrap_or(nan).to_bits()),
                counts: [
                    finite.len() as u32,
                    count(f64::is_nan),
                    count(|y| y == f64::INFINITY),
                    count(|y| y == f64::NEG_INFINITY),
                ],
            };
            let n = finite.len() as f64;
            let mean = finite.iter().map(|y| y / n).sum::<f64>();
            let magnitude = finite.iter().map(|y| y.abs() / n).sum::<f64>();
            (expected, mean, magnitude)
        })
        .collect()
}

fn check(series: &Series, points: &[Point], max_columns: usize) -> Result<(), TestCaseError> {
    let expected = plain(points, max_columns.max(4));
    prop_assert_eq!(series.n_points, points.len() as u64);
    prop_assert_eq!(series.x_min.len(), expected.len());
    for (at, (expected, mean, magnitude)) in expected.iter().enumerate() {
        let figures = [
            series.min[at],
            series.max[at],
            series.first[at],
            series.last[at],
        ];
        let found = Expected {
            x: (series.x_min[at], series.x_max[at]),
            figures: figures.map(f64::to_bits),
            counts: [
                series.count[at],
                series.n_nan[at],
                series.n_pos_inf[at],
                series.n_neg_inf[at],
            ],
        };
        prop_assert_eq!(&found, expected);
        if series.count[at] == 0 {
            prop_assert!(series.mean[at].is_nan());
        } else {
            let error = (series.mean[at] - mean).abs();
            prop_assert!(
                error <= 1e-12 * magnitude,
                "{} is not {}",
                series.mean[at],
                mean
            );
        }
    }
    Ok(())
}

fn request(keys: &[&str], axis: Axis, max_columns: usize) -> SeriesRequest {
    SeriesRequest {
        quantities: keys
            .iter()
            .map(|key| MetricName::from_key(key).into())
            .collect(),
        smoothing: None,
        axis,
        min: None,
        max: None,
        max_columns,
    }
}

/// A logged row: step, runtime, y; each may be missing.
type Row = (Option<i64>, Option<f64>, Option<f64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let step = prop_oneof![
        6 => (0_i64..200).prop_map(Some),
        1 => any::<i64>().prop_map(Some),
        1 => Just(None),
    ];
    let number = || {
        prop_oneof![
            8 => (-1e3..1e3).prop_map(Some),
            2 => any::<f64>().prop_map(Some),
            1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0])
                .prop_map(Some),
            2 => Just(None),
        ]
    };
    // Ascending with gaps, or in any order with repetitions.
    let rows = prop::collection::vec((step, number(), number()), 0..300);
    (rows, any::<bool>()).prop_map(|(mut rows, ascending)| {
        if ascending {
            rows.sort_by_key(|row| row.0);
        }
        rows
    })
}

fn line(row: &Row) -> String {
    let float = |float: f64| ballast_model::json::Value::Float(float).to_text();
    let members = [
        row.0.map(|step| format!("\"_step\":{step}")),
        row.1.map(|x| format!("\"_runtime\":{}", float(x))),
        // Whole numbers come as integers, so that y is of both kinds.
        row.2.map(|y| {
            if y == y.trunc() && y.abs() < 1e3 && y != 0.0 {
                format!("\"y\":{y}")
            } else {
                format!("\"y\":{}", float(y))
            }
        }),
        Some("\"other\":1".to_owned()),
    ];
    let members: Vec<String> = members.into_iter().flatten().collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_curve_is_that_of_all_points(
        rows in rows(),
        borders in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        range in (prop::option::of(-50.0..150.0_f64), prop::option::of(50.0..250.0_f64)),
        max_columns in 0..60_usize,
        mask in any::<prop::sample::Index>(),
        fold in any::<bool>(),
    ) {
        let lines: Vec<String> = rows.iter().map(line).collect();
        let borders: Vec<usize> = borders.iter().map(|at| at.index(lines.len() + 1)).collect();
        let store = Arc::new(Store::default());
        let mut view = store.add_lines(&lines, &borders);
        let engine = store.engine();
        if fold && let Some(segment) = block_on(engine.fold(&view, "s")).expect("folds") {
            view = vec![segment_part(&segment)];
        }
        // A fork: the later lines are masked.
        let end = mask.index(rows.len() * 2 + 1) as u64;
        for part in &mut view {
            part.visible.end = part.visible.end.min(end);
        }
        let visible = &rows[..rows.len().min(end as usize)];
        for axis in [Axis::Step, Axis::Runtime] {
            let points: Vec<Point> = visible
                .iter()
                .filter_map(|row| {
                    let x = if axis == Axis::Step { row.0.map(|step| step as f64) } else { row.1 };
                    Some((x?, row.2?))
                })
                .filter(|(x, _)| {
                    x.is_finite()
                        && range.0.is_none_or(|min| min <= *x)
                        && range.1.is_none_or(|max| *x <= max)
                })
                .collect();
            let request = SeriesRequest {
                min: range.0,
                max: range.1,
                ..request(&["y"], axis, max_columns)
            };
            let series = block_on(engine.series(&view, &request)).expect("reads");
            check(&series[0], &points, max_columns)?;
        }
    }
}

/// Many points through several rounds of widening.
#[test]
fn a_long_curve_is_that_of_all_points() {
    let mut state = 1_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let points: Vec<Point> = (0..40_000)
        .map(|at| {
            let x = if at % 3 == 0 {
                random() * 1e4
            } else {
                f64::from(at) / 7.0
            };
            (x, random() - 0.5)
        })
        .collect();
    let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
    let mut curve = Curve::new(100, everywhere, None);
    for &(x, y) in &points {
        curve.add(x, y);
    }
    let quantity = Quantity::Metric(MetricName::from_key("y"));
    let series = curve.finish().into_series(quantity, false);
    check(&series, &points, 100).expect("the same");
}

fn steps(n: i64) -> (Arc<Store>, View) {
    let lines: Vec<String> = (0..n)
        .map(|step| format!("{{\"_step\":{step},\"y\":{step}.5}}"))
        .collect();
    let store = Arc::new(Store::default());
    let view = store.add_lines(&lines, &[n as usize / 3]);
    (store, view)
}

#[test]
fn buckets_of_steps_are_aligned_and_do_not_move() {
    let (store, view) = steps(1000);
    let engine = store.engine();
    let whole = request(&["y"], Axis::Step, 300);
    let series = block_on(engine.series(&view, &whole)).expect("reads");
    assert_eq!(series[0].x_min[..3], [0.0, 4.0, 8.0]);
    assert_eq!(series[0].x_max[..3], [3.0, 7.0, 11.0]);
    assert_eq!(series[0].first[..2], [0.5, 4.5]);
    assert_eq!(series[0].last[..2], [3.5, 7.5]);
    assert_eq!(series[0].mean[..2], [2.0, 6.0]);
    assert_eq!(series[0].x_min.len(), 250);
    // Zoomed in, and with an end that cuts a bucket: still multiples of the width.
    let zoomed = SeriesRequest {
        min: Some(501.0),
        max: Some(700.0),
        max_columns: 100,
        ..whole
    };
    let series = block_on(engine.series(&view, &zoomed)).expect("reads");
    assert_eq!(series[0].x_min[..3], [501.0, 504.0, 508.0]);
    assert_eq!(series[0].n_points, 200);
    assert_eq!(series[0].x_max.last(), Some(&700.0));
}

#[test]
fn few_points_are_columns_of_their_own() {
    let (store, view) = steps(100);
    let request = request(&["y", "none", "y"], Axis::Step, 100);
    let series = block_on(store.engine().series(&view, &request)).expect("reads");
    assert_eq!(series.len(), 3);
    assert_eq!(series[0].x_min, (0..100).map(f64::from).collect::<Vec<_>>());
    assert_eq!(series[0].count, [1; 100]);
    assert_eq!((series[1].n_points, series[1].x_min.len()), (0, 0));
    assert_eq!(series[2], series[0]);
}

#[test]
fn any_metric_can_be_x_and_only_numbers_count() {
    let lines = [
        r#"{"_step":0,"epoch":2,"loss":1}"#,
        r#"{"_step":1,"epoch":1.5,"loss":0.5}"#,
        r#"{"_step":2,"epoch":"3","loss":7}"#,
        r#"{"_step":3,"epoch":4,"loss":true}"#,
        r#"{"_step":4,"epoch":NaN,"loss":7}"#,
        r#"{"_step":5,"loss":7}"#,
        r#"{"_step":6,"epoch":2,"loss":NaN}"#,
    ];
    let store = Arc::new(Store::default());
    let view = store.add_lines(&lines, &[2]);
    let epoch = Axis::Metric(MetricName::from_key("epoch"));
    let request = request(&["loss"], epoch, 10);
    let series = block_on(store.engine().series(&view, &request)).expect("reads");
    assert_eq!(series[0].x_min, [1.5, 2.0]);
    assert_eq!(series[0].last, [0.5, 1.0]);
    assert_eq!(series[0].count, [1, 1]);
    assert_eq!(series[0].n_nan, [0, 1]);
    assert_eq!(series[0].n_points, 3);
}

#[test]
fn steps_that_are_no_integers_are_no_steps() {
    let store = Arc::new(Store::default());
    let view = store.add_lines(&[r#"{"_step":1.5,"y":1}"#, r#"{"_step":2,"y":2}"#], &[]);
    let series = block_on(
        store
            .engine()
            .series(&view, &request(&["y"], Axis::Step, 10)),
    );
    assert_eq!(series.expect("reads")[0].x_min, [2.0]);
}
