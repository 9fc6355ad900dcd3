use proptest::prelude::*;

use super::*;

fn grid(n_values: u32) -> Dimension {
    let n = f64::from(n_values);
    Dimension::Ordered((0..n_values).map(|i| (f64::from(i) + 0.5) / n).collect())
}

/// One continuum, one short and one long ordered dimension, one of categories.
fn mixed() -> Vec<Dimension> {
    vec![
        Dimension::Continuous,
        grid(5),
        grid(200),
        Dimension::Categorical { n_values: 3 },
    ]
}

/// Smooth, with its minimum of 0 at 0.7 everywhere and at category 1.
fn bowl(dims: &[Dimension], point: &[f64]) -> f64 {
    let terms = dims.iter().zip(point).map(|(dim, x)| match dim {
        Dimension::Categorical { .. } => (x - 1.0).abs(),
        Dimension::Continuous | Dimension::Ordered(_) => (x - 0.7) * (x - 0.7),
    });
    terms.sum()
}

/// Runs a search with so many trials pending at any time, and returns the observations.
fn search(
    dims: &[Dimension],
    n_trials: usize,
    n_agents: usize,
    seed: u64,
    objective: impl Fn(&[f64]) -> f64,
) -> Vec<Observation> {
    let mut observations: Vec<Observation> = Vec::new();
    let mut pending: Vec<Vec<f64>> = Vec::new();
    while observations.len() < n_trials {
        while pending.len() < n_agents {
            let point = suggest(&Problem {
                dims,
                observations: &observations,
                pending: &pending,
                seed,
            });
            let Some(point) = point else { break };
            assert!(exists(dims, &point), "{point:?}");
            pending.push(point);
        }
        if pending.is_empty() {
            break;
        }
        let point = pending.remove(0);
        let value = objective(&point);
        observations.push(Observation { point, value });
    }
    observations
}

fn exists(dims: &[Dimension], point: &[f64]) -> bool {
    point.len() == dims.len() && lattice::snap(dims, point) == point
}

fn best(observations: &[Observation]) -> f64 {
    let values = observations.iter().map(|trial| trial.value);
    values.fold(f64::INFINITY, f64::min)
}

#[test]
fn a_smooth_function_of_a_mixed_space_is_solved() {
    let dims = mixed();
    for seed in 0..3 {
        let found = best(&search(&dims, 35, 1, seed, |point| bowl(&dims, point)));
        assert!(found < 1e-4, "seed {seed}: {found}");
    }
}

#[test]
fn four_at_once_solve_it_as_well() {
    let dims = mixed();
    let found = best(&search(&dims, 45, 4, 1, |point| bowl(&dims, point)));
    assert!(found < 1e-3, "{found}");
}

#[test]
fn noise_does_not_mislead() {
    let dims = vec![Dimension::Continuous; 2];
    let noise = |point: &[f64]| 0.05 * (1e4 * (point[0] + 3.0 * point[1])).sin();
    let trials = search(&dims, 40, 1, 2, |point| bowl(&dims, point) + noise(point));
    let late = trials[30..].iter().map(|trial| bowl(&dims, &trial.point));
    assert!(late.fold(f64::INFINITY, f64::min) < 0.01);
}

#[test]
fn the_same_problem_has_the_same_suggestion_and_other_seeds_have_others() {
    let dims = mixed();
    let observations = search(&dims, 20, 1, 3, |point| bowl(&dims, point));
    let suggested = |observations: &[Observation], seed| {
        suggest(&Problem {
            dims: &dims,
            observations,
            pending: &[vec![0.2, 0.1, 0.5025, 2.0]],
            seed,
        })
    };
    assert_eq!(suggested(&observations, 3), suggested(&observations, 3));
    assert_eq!(suggested(&[], 3), suggested(&[], 3));
    assert_ne!(suggested(&[], 3), suggested(&[], 4));
}

#[test]
fn the_first_points_are_one_sequence_whatever_was_lost_of_it() {
    let dims = vec![Dimension::Continuous; 3];
    let first = search(&dims, 6, 1, 8, |_| 0.0);
    let at = |observations: &[Observation]| {
        suggest(&Problem {
            dims: &dims,
            observations,
            pending: &[],
            seed: 8,
        })
    };
    let lost = [first[0].clone(), first[2].clone(), first[3].clone()];
    assert_eq!(at(&lost), Some(first[1].point.clone()));
}

#[test]
fn a_discrete_space_is_covered_exactly_once() {
    let dims = [
        grid(4),
        Dimension::Categorical { n_values: 5 },
        Dimension::Ordered(vec![0.2, 0.9]),
    ];
    for n_agents in [1, 7] {
        let trials = search(&dims, 1000, n_agents, 5, |point| bowl(&dims, point));
        let mut points: Vec<Vec<u64>> = trials
            .iter()
            .map(|trial| trial.point.iter().map(|x| x.to_bits()).collect())
            .collect();
        points.sort_unstable();
        points.dedup();
        assert_eq!((trials.len(), points.len()), (40, 40));
        let early = best(&trials[..25]);
        assert!((early - best(&trials)).abs() < 1e-12, "{early}");
    }
}

#[test]
fn a_large_discrete_space_has_no_duplicates() {
    let dims = vec![Dimension::Categorical { n_values: 4 }; 7];
    let trials = search(&dims, 60, 3, 5, |point| bowl(&dims, point));
    for (i, trial) in trials.iter().enumerate() {
        assert!(trials[..i].iter().all(|other| other.point != trial.point));
    }
}

#[test]
fn a_space_of_nothing_has_one_point() {
    let trials = search(&[], 5, 1, 1, |_| 1.0);
    assert_eq!(trials.len(), 1);
}

#[test]
fn a_place_where_trials_fail_is_left() {
    let dims = vec![Dimension::Continuous; 2];
    let trials = search(&dims, 40, 1, 1, |point| {
        if point[0] > 0.75 {
            f64::NAN
        } else {
            bowl(&dims, point)
        }
    });
    let failed = trials[20..].iter().filter(|trial| trial.value.is_nan());
    assert!(failed.count() <= 4);
    assert!(best(&trials) < 1e-3);
}

#[test]
fn where_all_trials_fail_the_cube_is_filled() {
    let dims = vec![Dimension::Continuous; 2];
    let trials = search(&dims, 64, 1, 1, |_| f64::NAN);
    let mut cells: Vec<_> = trials
        .iter()
        .map(|trial| ((trial.point[0] * 8.0) as u32, (trial.point[1] * 8.0) as u32))
        .collect();
    cells.sort_unstable();
    cells.dedup();
    assert_eq!(cells.len(), 64);
}

/// Values that break arithmetic, on points that repeat, lie outside, or are no numbers.
#[test]
fn strange_observations_neither_panic_nor_hang() {
    let dims = mixed();
    let strange_values: [&dyn Fn(usize) -> f64; 8] = [
        &|_| 0.0,
        &|_| -7.5e300,
        &|i| if i == 3 { f64::MAX } else { -f64::MAX },
        &|i| 10_f64.powi(i as i32 * 12 - 150),
        &|i| if i % 2 == 0 { f64::NAN } else { 1.0 },
        &|i| if i == 5 { 1.0 } else { f64::INFINITY },
        &|i| 1e9 + i as f64 * 1e-7,
        &|i| i as f64 * 5e-324,
    ];
    let strange_points: [&dyn Fn(usize) -> Vec<f64>; 4] = [
        &|_| vec![0.5, 0.5, 0.5, 1.0],
        &|i| vec![i as f64 / 24.0, 0.5, 0.5, 0.0],
        &|i| vec![f64::NAN, -1e9, f64::INFINITY, i as f64 - 9.0],
        &|i| vec![0.5; i % 6],
    ];
    for value in strange_values {
        for point in strange_points {
            let observations: Vec<Observation> = (0..25)
                .map(|i| Observation {
                    point: point(i),
                    value: value(i),
                })
                .collect();
            let pending = [vec![], vec![0.5, 0.5, 0.5, 1.0], vec![f64::NAN; 4]];
            let found = suggest(&Problem {
                dims: &dims,
                observations: &observations,
                pending: &pending,
                seed: 1,
            });
            assert!(exists(&dims, &found.expect("a continuum has points left")));
        }
    }
}

#[test]
fn strange_dimensions_have_points() {
    let dims = [
        Dimension::Ordered(vec![]),
        Dimension::Ordered(vec![0.3]),
        Dimension::Ordered(vec![0.4, 0.4, 0.4]),
        Dimension::Categorical { n_values: 0 },
        Dimension::Categorical { n_values: 100_000 },
        Dimension::Continuous,
    ];
    let trials = search(&dims, 20, 2, 1, |point| point[4] + point[5]);
    assert_eq!(trials.len(), 20);
}

#[test]
fn a_long_history_with_many_pending_is_answered_from_a_part_of_it() {
    let dims = vec![Dimension::Continuous; 4];
    let sobol = Sobol::new(4, 9);
    let observations: Vec<Observation> = (0..3_000)
        .map(|index| sobol.point(index, &dims))
        .map(|point| Observation {
            value: bowl(&dims, &point),
            point,
        })
        .collect();
    let pending: Vec<Vec<f64>> = (3_000..3_200).map(|i| sobol.point(i, &dims)).collect();
    let point = suggest(&Problem {
        dims: &dims,
        observations: &observations,
        pending: &pending,
        seed: 1,
    })
    .expect("a continuum has points left");
    assert!(bowl(&dims, &point) < best(&observations), "{point:?}");
}

fn any_dimension() -> impl Strategy<Value = Dimension> {
    prop_oneof![
        Just(Dimension::Continuous),
        (1_u32..30).prop_map(grid),
        (1_usize..6).prop_map(|n_values| Dimension::Categorical { n_values }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// In any space and with any values every point exists; discrete ones never come twice.
    #[test]
    fn suggestions_exist_and_do_not_repeat(
        dims in proptest::collection::vec(any_dimension(), 1..5),
        values in proptest::collection::vec(proptest::num::f64::ANY, 1..25),
        n_agents in 1_usize..4,
        seed: u64,
    ) {
        let count = std::cell::Cell::new(0);
        let trials = search(&dims, values.len(), n_agents, seed, |_| {
            count.set(count.get() + 1);
            values[count.get() - 1]
        });
        for (i, trial) in trials.iter().enumerate() {
            prop_assert!(trials[..i].iter().all(|other| other.point != trial.point));
        }
        let is_discrete = dims.iter().all(|dim| *dim != Dimension::Continuous);
        let n_points: usize = dims.iter().filter_map(Dimension::n_values).product();
        let expected = if is_discrete { values.len().min(n_points) } else { values.len() };
        prop_assert_eq!(trials.len(), expected);
    }
}
