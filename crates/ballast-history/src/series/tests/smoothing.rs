//! Smoothing against its definitions, and at any zoom.

use super::*;

/// What the published code of W&B's average gives in the test below, by another program.
const TIME_WEIGHTED: [f64; 5] = [
    1.0,
    2.869_151_812_834_189_3,
    -0.198_061_096_814_185_9,
    0.071_722_624_416_057_62,
    6.506_033_133_428_101,
];

/// The same of TensorBoard's.
const TENSOR_BOARD: [f64; 5] = [
    1.0,
    2.875,
    0.387_755_102_040_816_37,
    0.439_338_235_294_117_7,
    3.284_871_616_932_685_7,
];

fn smoothings() -> impl Strategy<Value = Smoothing> {
    let weight = || prop_oneof![8 => 0.0..1.0, 1 => prop::sample::select(vec![0.0, 1.0, 0.99])];
    prop_oneof![
        weight().prop_map(|weight| Smoothing::TimeWeightedEma { weight }),
        weight().prop_map(|weight| Smoothing::Ema { weight }),
        (0.0..20.0).prop_map(|std_dev| Smoothing::Gaussian { std_dev }),
        (0..40_usize).prop_map(|n_points| Smoothing::RunningMean { n_points }),
    ]
}

/// The weight of point `j` in the smoothed value of point `i`, of the points that have a finite y.
fn weight(how: Smoothing, xs: &[f64], i: usize, j: usize) -> f64 {
    let is_before = j <= i;
    match how {
        Smoothing::TimeWeightedEma { weight: 0.0 } | Smoothing::Ema { weight: 0.0 } => {
            f64::from(u8::from(i == j))
        }
        Smoothing::TimeWeightedEma { weight } if is_before => {
            let extent = xs[xs.len() - 1] - xs[0];
            let distance = if extent > 0.0 {
                (xs[i] - xs[j]) / extent * 1000.0
            } else {
                0.0
            };
            weight.sqrt().min(0.999).powf(distance)
        }
        Smoothing::Ema { weight } if is_before => weight.min(0.999).powi((i - j) as i32),
        Smoothing::TimeWeightedEma { .. } | Smoothing::Ema { .. } => 0.0,
        Smoothing::Gaussian { std_dev } => {
            let distance = i.abs_diff(j) as f64;
            match distance {
                0.0 => 1.0,
                _ if distance > 4.0 * std_dev => 0.0,
                _ => (-(distance / std_dev).powi(2) / 2.0).exp(),
            }
        }
        Smoothing::RunningMean { n_points } => {
            let start = i as i64 - n_points as i64 / 2;
            let window = start..start + n_points.max(1) as i64;
            f64::from(u8::from(window.contains(&(j as i64))))
        }
    }
}

/// The smoothed y by the definition, and the mean magnitude of what was summed up.
fn plain(how: Smoothing, xs: &[f64], ys: &[f64]) -> Vec<(f64, f64)> {
    let finite: Vec<usize> = (0..ys.len()).filter(|&at| ys[at].is_finite()).collect();
    let finite_xs: Vec<f64> = finite.iter().map(|&at| xs[at]).collect();
    let mut smoothed: Vec<(f64, f64)> = ys.iter().map(|&y| (y, 0.0)).collect();
    for (i, &at) in finite.iter().enumerate() {
        let weights = || (0..finite.len()).map(|j| weight(how, &finite_xs, i, j));
        let total: f64 = weights().sum();
        let sum = |of: fn(f64) -> f64| -> f64 {
            weights()
                .zip(&finite)
                .map(|(weight, &at)| weight * of(ys[at]))
                .sum()
        };
        smoothed[at] = (sum(|y| y) / total, sum(f64::abs) / total);
    }
    smoothed
}

fn ys() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e3..1e3,
        1 => prop::sample::select(vec![1e200, -1e200, 0.0, -0.0]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// 1,000 curves of up to 120 points, some at equal x, some not finite.
    #[test]
    fn smoothed_points_are_those_of_the_definition(
        how in smoothings(),
        points in prop::collection::vec((prop_oneof![0.0..1e3, (0..50).prop_map(f64::from)], ys()), 0..120),
    ) {
        let mut points: Vec<Point> = points;
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (xs, mut ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let expected = plain(how, &xs, &ys);
        let finite = ys.iter().filter(|y| y.is_finite());
        let largest = finite.map(|y| y.abs()).fold(0.0, f64::max);
        how.apply(&xs, &mut ys);
        for (at, (found, (expected, magnitude))) in ys.iter().zip(expected).enumerate() {
            if expected.is_finite() {
                let error = (found - expected).abs();
                // Weights may be so small that floats have no digits left.
                let lost = 1e-300 * largest + 1e-290;
                prop_assert!(error <= 1e-12 * magnitude + lost, "{at}: {found} is not {expected}");
            } else {
                prop_assert_eq!(found.to_bits(), expected.to_bits());
            }
        }
    }

    /// 1,000 curves of the largest numbers: nothing overflows on the way.
    #[test]
    fn the_largest_numbers_smooth_to_finite_ones(
        weight in 0.0..1.0_f64,
        signs in prop::collection::vec(any::<bool>(), 1..50),
    ) {
        let xs: Vec<f64> = (0..signs.len()).map(|at| if at == 0 { f64::MIN } else { f64::MAX }).collect();
        let ys: Vec<f64> = signs.iter().map(|&sign| if sign { f64::MAX } else { f64::MIN }).collect();
        for how in [Smoothing::TimeWeightedEma { weight }, Smoothing::Ema { weight }] {
            let mut smoothed = ys.clone();
            how.apply(&xs, &mut smoothed);
            prop_assert!(smoothed.iter().all(|y| y.is_finite()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// 150 histories of up to 300 rows over two axes: the columns of a range are those of the smoothed points in it.
    #[test]
    fn zooming_does_not_change_a_smoothed_curve(
        how in smoothings(),
        rows in rows(),
        borders in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        range in (prop::option::of(-50.0..150.0_f64), prop::option::of(50.0..250.0_f64)),
        max_columns in prop_oneof![0..60_usize, Just(1000)],
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
        for axis in [Axis::Step, Axis::Runtime] {
            let x = |row: &Row| if axis == Axis::Step { row.0.map(|step| step as f64) } else { row.1 };
            let points = rows.iter().filter_map(|row| Some((x(row)?, row.2?)));
            let mut points: Vec<Point> = points.filter(|(x, _)| x.is_finite()).collect();
            points.sort_by(|a, b| a.0.partial_cmp(&b.0).expect("finite"));
            let (xs, mut ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            how.apply(&xs, &mut ys);
            let smoothed: Vec<Point> = xs.into_iter().zip(ys).filter(|(x, _)| {
                range.0.is_none_or(|min| min <= *x) && range.1.is_none_or(|max| *x <= max)
            }).collect();
            let request = SeriesRequest {
                smoothing: Some(how),
                min: range.0,
                max: range.1,
                ..request(&["y"], axis.clone(), max_columns)
            };
            let series = block_on(engine.series(&view, &request)).expect("reads");
            prop_assert!(series[0].smoothed);
            check(&series[0], &smoothed, max_columns)?;
        }
    }
}

/// What the code on W&B's page and TensorBoard's give.
#[test]
fn averages_are_those_of_the_published_code() {
    let xs = [0.0, 1.0, 3.0, 3.0, 10.0];
    let ys = [1.0, 4.0, -2.0, 0.5, 7.0];
    let smooth = |how: Smoothing| {
        let mut ys = ys;
        how.apply(&xs, &mut ys);
        ys
    };
    let close = |found: [f64; 5], expected: [f64; 5]| {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-14,
                "{found} is not {expected}"
            );
        }
    };
    close(
        smooth(Smoothing::TimeWeightedEma { weight: 0.99 }),
        TIME_WEIGHTED,
    );
    close(smooth(Smoothing::Ema { weight: 0.6 }), TENSOR_BOARD);
}

#[test]
fn a_spike_leaves_no_trace_outside_its_windows() {
    let xs: Vec<f64> = (0..100).map(f64::from).collect();
    let mut ys = vec![0.1; 100];
    ys[50] = 1e300;
    Smoothing::RunningMean { n_points: 5 }.apply(&xs, &mut ys);
    for (at, y) in ys.iter().enumerate() {
        let is_near = at.abs_diff(50) <= 2;
        assert_eq!(is_near, *y > 1.0);
        assert!(is_near || (y - 0.1).abs() < 1e-16);
    }
}

#[test]
fn a_constant_curve_stays_as_it_is() {
    let xs: Vec<f64> = (0..1000).map(|at| f64::from(at).sqrt()).collect();
    for how in [
        Smoothing::TimeWeightedEma { weight: 0.9 },
        Smoothing::Ema { weight: 0.9 },
    ] {
        let mut ys = vec![0.1; 1000];
        how.apply(&xs, &mut ys);
        assert_eq!(ys, vec![0.1; 1000]);
    }
}

#[test]
fn odd_parameters_count_as_the_nearest_allowed() {
    let xs = [0.0, 1.0, 2.0];
    let smooth = |how: Smoothing| {
        let mut ys = [1.0, 5.0, 2.0];
        how.apply(&xs, &mut ys);
        ys
    };
    for none in [f64::NAN, -1.0, f64::NEG_INFINITY, 0.0] {
        assert_eq!(
            smooth(Smoothing::TimeWeightedEma { weight: none }),
            [1.0, 5.0, 2.0]
        );
        assert_eq!(smooth(Smoothing::Ema { weight: none }), [1.0, 5.0, 2.0]);
        assert_eq!(
            smooth(Smoothing::Gaussian { std_dev: none }),
            [1.0, 5.0, 2.0]
        );
    }
    for n_points in [0, 1] {
        assert_eq!(smooth(Smoothing::RunningMean { n_points }), [1.0, 5.0, 2.0]);
    }
    let ema = |weight: f64| smooth(Smoothing::Ema { weight });
    assert_eq!(ema(f64::INFINITY), ema(0.999));
    for y in smooth(Smoothing::RunningMean {
        n_points: usize::MAX,
    }) {
        assert!((y - 8.0 / 3.0).abs() < 1e-15);
    }
    Smoothing::Gaussian {
        std_dev: f64::INFINITY,
    }
    .apply(&[], &mut []);
}
