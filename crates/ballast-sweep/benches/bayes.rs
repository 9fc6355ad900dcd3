//! Time of a Bayesian suggestion.
//!
//! A smooth function of six parameters. Run with `cargo bench -p ballast-sweep`.

use ballast_sweep::bayes::{Dimension, Observation, Problem, suggest};
use divan::{Bencher, black_box};

const N_DIMS: usize = 6;

fn main() {
    divan::main();
}

/// Points that fill the cube evenly, in an order without pattern.
fn points(n: usize) -> impl Iterator<Item = Vec<f64>> {
    (1..=n).map(|i| {
        (0..N_DIMS)
            .map(|k| (i as f64 * [2.0_f64, 3.0, 5.0, 7.0, 11.0, 13.0][k].sqrt()).fract())
            .collect()
    })
}

/// Like a loss: a curved valley, and a wave on it.
fn value(point: &[f64]) -> f64 {
    let valley: f64 = point
        .windows(2)
        .map(|x| 5.0 * (x[1] - x[0] * x[0]).powi(2) + (0.7 - x[0]).powi(2))
        .sum();
    valley + 0.1 * (7.0 * point[0]).sin()
}

fn observations(n: usize) -> Vec<Observation> {
    points(n)
        .map(|point| Observation {
            value: value(&point),
            point,
        })
        .collect()
}

#[divan::bench(args = [20, 50, 100, 300, 1_000, 10_000], sample_count = 21)]
fn after_trials(bencher: Bencher<'_, '_>, n_trials: usize) {
    let observations = observations(n_trials);
    bencher.bench_local(|| {
        suggest(black_box(&Problem {
            dims: &vec![Dimension::Continuous; N_DIMS],
            observations: &observations,
            pending: &[],
            seed: 1,
        }))
    });
}

#[divan::bench(args = [1, 16, 64], sample_count = 21)]
fn after_100_trials_beside_pending(bencher: Bencher<'_, '_>, n_pending: usize) {
    let observations = observations(100);
    let pending: Vec<Vec<f64>> = points(100 + n_pending).skip(100).collect();
    bencher.bench_local(|| {
        suggest(black_box(&Problem {
            dims: &vec![Dimension::Continuous; N_DIMS],
            observations: &observations,
            pending: &pending,
            seed: 1,
        }))
    });
}
