//! How good the suggestions of the Bayesian search are.
//!
//! Runs searches on test functions and prints, by function, the simple regret (the best value found less the optimum):
//! the median, the best and the worst of the seeds, and the median of as many random draws; then the time of a
//! suggestion. Where values are noisy, the regret is that of the function without its noise.
//!
//! ```text
//! cargo run --release -p ballast-sweep --example regret -- [TRIALS [SEEDS [AGENTS [FUNCTION…]]]]
//! ```
//!
//! The defaults are 50 trials, 10 seeds (from 0) and one agent. With more agents so many trials are pending at any time,
//! and they end in the order in which they began.

#![expect(clippy::print_stdout, reason = "a program that prints its result")]

mod objectives;

use std::num::ParseIntError;
use std::time::Instant;

use ballast_sweep::bayes::{Dimension, Observation, Problem, suggest};

use crate::objectives::{Objective, objectives};

/// Pseudo-random numbers from 0 to 1, the same in every run.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        // A 64-bit linear congruential generator; its upper bits are random enough for noise.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal, with mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// The simple regret of one search, with the seconds that each suggestion took.
fn search(objective: &Objective, n_trials: usize, n_agents: usize, seed: u64) -> (f64, Vec<f64>) {
    let dims = objective.dims();
    let mut noise = Noise(seed);
    let mut observations = Vec::new();
    let mut pending = Vec::new();
    let mut seconds = Vec::new();
    let mut regret = f64::INFINITY;
    while observations.len() < n_trials {
        while pending.len() < n_agents && observations.len() + pending.len() < n_trials {
            let start = Instant::now();
            let point = suggest(&Problem {
                dims: &dims,
                observations: &observations,
                pending: &pending,
                seed,
            });
            seconds.push(start.elapsed().as_secs_f64());
            match point {
                Some(point) => pending.push(point),
                None => break,
            }
        }
        if pending.is_empty() {
            break;
        }
        let point = pending.remove(0);
        let value = objective.value(&point);
        regret = regret.min(value - objective.optimum);
        observations.push(Observation {
            point,
            value: value + objective.noise * noise.normal(),
        });
    }
    (regret, seconds)
}

/// The simple regret of random draws.
fn random(objective: &Objective, n_trials: usize, seed: u64) -> f64 {
    let dims = objective.dims();
    let mut noise = Noise(seed);
    let mut draw = |dim: &Dimension| match dim {
        Dimension::Categorical { n_values } => (noise.uniform() * *n_values as f64).floor(),
        Dimension::Continuous | Dimension::Ordered(_) => noise.uniform(),
    };
    let regrets = (0..n_trials).map(|_| {
        let point: Vec<f64> = dims.iter().map(&mut draw).collect();
        objective.value(&point) - objective.optimum
    });
    regrets.fold(f64::INFINITY, f64::min)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 if middle > 0 => f64::midpoint(values[middle - 1], values[middle]),
        0 => f64::NAN,
        _ => values[middle],
    }
}

fn main() -> Result<(), ParseIntError> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (n_trials, n_seeds, n_agents) = (number(50)? as usize, number(10)?, number(1)? as usize);
    let names: Vec<String> = arguments.collect();
    println!("{n_trials} trials, {n_seeds} seeds, {n_agents} at once");
    println!(
        "| function | median | best | worst | random, median | suggestion, median | slowest |"
    );
    println!("|---|---|---|---|---|---|---|");
    for objective in objectives() {
        if !names.is_empty() && !names.iter().any(|name| name == objective.name) {
            continue;
        }
        let (mut regrets, mut milliseconds) = (Vec::new(), Vec::new());
        for seed in 0..n_seeds {
            let (regret, seconds) = search(&objective, n_trials, n_agents.max(1), seed);
            regrets.push(regret);
            milliseconds.extend(seconds.into_iter().map(|seconds| 1e3 * seconds));
        }
        let draws = (0..101).map(|seed| random(&objective, n_trials, 1000 + seed));
        println!(
            "| {} | {:.6} | {:.6} | {:.6} | {:.4} | {:.1} ms | {:.0} ms |",
            objective.name,
            median(regrets.clone()),
            regrets.iter().copied().fold(f64::INFINITY, f64::min),
            regrets.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            median(draws.collect()),
            median(milliseconds.clone()),
            milliseconds.iter().copied().fold(0.0, f64::max),
        );
    }
    Ok(())
}
