//! Groups against a plain computation over all points of all members.

use super::super::curve::Columns;
use super::super::group::{Gathered, GroupSeries};
use super::super::line::Drawn;
use super::*;

/// The points of a member, in line order.
type Member = Vec<Point>;

fn members() -> impl Strategy<Value = Vec<Member>> {
    let x = prop_oneof![
        (0..40).prop_map(f64::from),
        -100.0..100.0,
        prop::sample::select(vec![1e300, -1e300, 5e-324, -0.0]),
    ];
    let y = prop_oneof![
        8 => -1e3..1e3,
        1 => prop::sample::select(vec![f64::MAX, f64::MIN, 0.0, -0.0, 1e-300]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ];
    prop::collection::vec(prop::collection::vec((x, y), 0..80), 0..7)
}

fn columns(points: &[Point], max_columns: usize) -> Columns {
    let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
    let mut curve = Curve::new(max_columns, everywhere, None);
    for &(x, y) in points {
        curve.add(x, y);
    }
    curve.finish()
}

/// The points of all members, cut into the fewest columns of a width that are few enough.
fn plain_columns(members: &[Member], max_columns: usize) -> Vec<Vec<(usize, Point)>> {
    let with_member = members.iter().enumerate();
    let mut points: Vec<(usize, Point)> = with_member
        .flat_map(|(member, points)| points.iter().map(move |&point| (member, point)))
        .collect();
    points.sort_by(|a, b| a.1.0.partial_cmp(&b.1.0).expect("finite"));
    let columns_at = |exponent: Option<i32>| -> Vec<Vec<(usize, Point)>> {
        let edge = |x: f64| exponent.map_or(x, |exponent| edge(x, exponent));
        let columns = points.chunk_by(|a, b| edge(a.1.0) == edge(b.1.0));
        columns.map(<[_]>::to_vec).collect()
    };
    let max_columns = max_columns.max(4);
    let columns = columns_at(None);
    if columns.len() <= max_columns {
        return columns;
    }
    let exponents: Vec<i32> = (-1022..=1023).collect();
    let is_too_narrow = |exponent: &i32| columns_at(Some(*exponent)).len() > max_columns;
    columns_at(Some(exponents[exponents.partition_point(is_too_narrow)]))
}

fn group(members: impl Iterator<Item = Columns>, max_columns: usize) -> GroupSeries {
    let mut gathered = Gathered::new(MetricName::from_key("y").into(), 1, max_columns);
    for columns in members {
        gathered.add(Drawn {
            columns,
            smoothed: false,
        });
    }
    gathered.finish()
}

/// Whether two numbers, or neither, are close in relation to a magnitude.
fn is_close(found: f64, expected: f64, magnitude: f64) -> bool {
    (found.is_nan() && expected.is_nan()) || (found - expected).abs() <= 1e-12 * magnitude
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// 500 groups of up to 6 members of up to 79 points.
    #[test]
    fn a_group_is_that_of_all_points(members in members(), max_columns in 0..40_usize) {
        let found = group(members.iter().map(|points| columns(points, max_columns)), max_columns);
        let expected = plain_columns(&members, max_columns);
        prop_assert_eq!(found.x_min.len(), expected.len());
        prop_assert_eq!(found.n_points, members.iter().map(Vec::len).sum::<usize>() as u64);
        let n_members = members.iter().filter(|points| !points.is_empty()).count();
        prop_assert_eq!(found.n_members as usize, n_members);
        for (at, points) in expected.iter().enumerate() {
            let finite = |member: Option<usize>| -> Vec<f64> {
                let points = points.iter().filter(|point| member.is_none_or(|is| is == point.0));
                points.map(|point| point.1.1).filter(|y| y.is_finite()).collect()
            };
            let all = finite(None);
            let bits = |y: Option<f64>| y.unwrap_or(f64::NAN).to_bits();
            prop_assert_eq!(found.x_min[at], points[0].1.0);
            prop_assert_eq!(found.x_max[at], points[points.len() - 1].1.0);
            prop_assert_eq!(found.min[at].to_bits(), bits(all.iter().copied().min_by(f64::total_cmp)));
            prop_assert_eq!(found.max[at].to_bits(), bits(all.iter().copied().max_by(f64::total_cmp)));
            prop_assert_eq!(found.count[at], all.len() as u64);
            prop_assert_eq!(found.n_non_finite[at], (points.len() - all.len()) as u64);
            let mut values: Vec<f64> = (0..members.len())
                .map(|member| finite(Some(member)))
                .filter(|ys| !ys.is_empty())
                .map(|ys| ys.iter().map(|y| y / ys.len() as f64).sum())
                .collect();
            prop_assert_eq!(found.n[at] as usize, values.len());
            let n = values.len() as f64;
            let magnitude = all.iter().map(|y| y.abs() / all.len() as f64).sum::<f64>()
                + values.iter().map(|y| y.abs() / n).sum::<f64>() * 10.0;
            values.sort_by(f64::total_cmp);
            let mean = if values.is_empty() { f64::NAN } else { values.iter().map(|y| y / n).sum() };
            let median = match values.len() {
                0 => f64::NAN,
                n if n % 2 == 1 => values[n / 2],
                n => values[n / 2 - 1] / 2.0 + values[n / 2] / 2.0,
            };
            prop_assert!(is_close(found.mean[at], mean, magnitude));
            prop_assert!(is_close(found.median[at], median, magnitude));
            // The plain way, squares of the largest numbers overflow and those of the smallest vanish.
            if magnitude == 0.0 || (1e-100..1e100).contains(&magnitude) {
                let squares: f64 = values.iter().map(|y| (y - mean).powi(2)).sum();
                let sd = if values.len() < 2 { f64::NAN } else { (squares / (n - 1.0)).sqrt() };
                prop_assert!(is_close(found.sd[at], sd, magnitude));
                prop_assert!(is_close(found.se[at], sd / n.sqrt(), magnitude));
            }
        }
    }
}

#[test]
fn the_interval_is_that_of_students_distribution() {
    let members: Vec<Member> = [1.0, 2.0, 4.0, 9.0].map(|y| vec![(0.0, y)]).to_vec();
    let found = group(members.iter().map(|points| columns(points, 10)), 10);
    assert_eq!((found.n[0], found.mean[0], found.median[0]), (4, 4.0, 3.0));
    let sd = (38.0_f64 / 3.0).sqrt();
    let half_width = 3.182_446_305_284_263 * sd / 2.0;
    assert!((found.sd[0] - sd).abs() < 1e-14);
    assert!((found.ci95_low[0] - (4.0 - half_width)).abs() < 1e-9);
    assert!((found.ci95_high[0] - (4.0 + half_width)).abs() < 1e-9);
}

/// Runs of different lengths and spacings, chunks and segments, with a smoothed and a plain curve and an expression.
#[test]
fn members_of_any_storage_share_their_columns() {
    let store = Arc::new(Store::default());
    let engine = store.engine();
    let run = |n: i64, every: i64, fold: Option<&str>| {
        let lines = (0..n).map(|at| {
            let step = at * every;
            format!("{{\"_step\":{step},\"y\":{}.5}}", step % 100)
        });
        let lines: Vec<String> = lines.collect();
        let view = store.add_lines(&lines, &[]);
        match fold {
            None => view,
            Some(key) => {
                let segment = block_on(engine.fold(&view, key)).expect("folds");
                vec![segment_part(&segment.expect("has rows"))]
            }
        }
    };
    let views = [
        run(3000, 1, None),
        run(5000, 1, Some("s")),
        run(70, 50, None),
        Vec::new(),
    ];
    let quantities = vec![
        MetricName::from_key("y").into(),
        Quantity::Expression("y * 2".parse().expect("parses")),
    ];
    let request = SeriesRequest {
        quantities,
        ..request(&[], Axis::Step, 100)
    };
    let groups = block_on(engine.group_series(&views, &request)).expect("reads");
    for (group, factor) in groups.iter().zip([1.0, 2.0]) {
        // 5,000 steps in 79 buckets of 64.
        assert_eq!(group.x_min.len(), 79);
        assert_eq!((group.n_points, group.n_members), (8070, 3));
        assert_eq!(group.x_min[..3], [0.0, 64.0, 128.0]);
        assert_eq!(group.n[0], 3);
        assert_eq!(group.n[78], 1);
        assert_eq!((group.min[0], group.max[0]), (0.5 * factor, 63.5 * factor));
        // Members are at 32, 32 and, of steps 0 and 50, at 25.5.
        assert!((group.mean[0] - (32.0 + 32.0 + 25.5) / 3.0 * factor).abs() < 1e-12);
        assert_eq!(group.median[0], 32.0 * factor);
        assert!(group.sd[78].is_nan() && group.ci95_low[78].is_nan());
    }
    let smoothed = SeriesRequest {
        smoothing: Some(Smoothing::RunningMean { n_points: 10_000 }),
        ..request
    };
    let groups = block_on(engine.group_series(&views, &smoothed)).expect("reads");
    assert!(groups[0].smoothed);
    assert!((groups[0].min[0] - 25.5).abs() < 1e-9);
    let none = block_on(engine.group_series(&[], &smoothed)).expect("reads");
    assert_eq!(
        (none.len(), none[0].n_members, none[0].x_min.len()),
        (2, 0, 0)
    );
}
