//! Test functions, all to be minimised.
//!
//! # Source
//! Surjanovic & Bingham, Virtual library of simulation experiments (the named functions). The others are ours, made to
//! look like trainings: logarithmic scales, a few categories, divergence at a high learning rate.

use std::f64::consts::{E, PI, TAU};

use ballast_sweep::bayes::Dimension;

/// What a dimension of the cube stands for.
#[derive(Clone, Copy)]
pub(crate) enum Axis {
    Real(f64, f64),
    Integer(i32, i32),
    /// So many categories.
    Category(usize),
}

use Axis::{Category, Integer, Real};

/// A function with its space.
pub(crate) struct Objective {
    pub(crate) name: &'static str,
    pub(crate) optimum: f64,
    /// The deviation of the noise that is added to its values.
    pub(crate) noise: f64,
    axes: Vec<Axis>,
    function: fn(&[f64]) -> f64,
}

impl Objective {
    pub(crate) fn dims(&self) -> Vec<Dimension> {
        self.axes
            .iter()
            .map(|axis| match axis {
                Real(..) => Dimension::Continuous,
                Integer(low, high) => {
                    let n = f64::from(high - low + 1);
                    let indices = 0..=high - low;
                    Dimension::Ordered(indices.map(|i| (f64::from(i) + 0.5) / n).collect())
                }
                Category(n_values) => Dimension::Categorical {
                    n_values: *n_values,
                },
            })
            .collect()
    }

    /// The value at a point of the cube, without noise.
    pub(crate) fn value(&self, point: &[f64]) -> f64 {
        let arguments: Vec<f64> = self
            .axes
            .iter()
            .zip(point)
            .map(|(axis, x)| match axis {
                Real(low, high) => low + (high - low) * x,
                Integer(low, high) => {
                    let n = f64::from(high - low + 1);
                    f64::from(*low) + (x * n).floor().min(n - 1.0)
                }
                Category(_) => *x,
            })
            .collect();
        (self.function)(&arguments)
    }
}

pub(crate) fn objectives() -> Vec<Objective> {
    let new = |name, axes: Vec<Axis>, optimum, function| Objective {
        name,
        optimum,
        noise: 0.0,
        axes,
        function,
    };
    let plane = || vec![Real(-5.0, 10.0), Real(0.0, 15.0)];
    let training = || {
        vec![
            Real(-6.0, 0.0),
            Real(-8.0, -1.0),
            Integer(1, 12),
            Category(4),
        ]
    };
    let hartmann = -3.322_37;
    vec![
        new("branin", plane(), 0.397_887, branin),
        new("rosenbrock4", vec![Real(-2.0, 2.0); 4], 0.0, rosenbrock),
        new("hartmann6", vec![Real(0.0, 1.0); 6], hartmann, hartmann6),
        new("log_ridge", training(), 0.0, log_ridge),
        new("gramacy1", vec![Real(0.5, 2.5)], -0.869_011, gramacy),
        new("ackley2", vec![Real(-5.0, 10.0); 2], 0.0, ackley),
        new("ackley6", vec![Real(-5.0, 10.0); 6], 0.0, ackley),
        new("levy4", vec![Real(-10.0, 10.0); 4], 0.0, levy),
        new("levy10", vec![Real(-10.0, 10.0); 10], 0.0, levy),
        new("rastrigin3", vec![Real(-3.0, 4.0); 3], 0.0, rastrigin),
        new("griewank5", vec![Real(-50.0, 70.0); 5], 0.0, griewank),
        new("styblinski4", vec![Real(-5.0, 5.0); 4], 0.0, styblinski),
        new(
            "michalewicz5",
            vec![Real(0.0, PI); 5],
            -4.687_658,
            michalewicz,
        ),
        new("rosenbrock8", vec![Real(-2.0, 2.0); 8], 0.0, rosenbrock),
        new("sphere20", vec![Real(0.0, 1.0); 20], 0.0, sphere),
        new("ill_scaled5", vec![Real(0.0, 1.0); 5], 0.0, ill_scaled),
        new(
            "hartmann6_of_12",
            vec![Real(0.0, 1.0); 12],
            hartmann,
            hartmann6,
        ),
        new("plateau2", vec![Real(0.0, 1.0); 2], 0.0, plateau),
        new("step5", vec![Real(-5.0, 5.0); 5], 0.0, step),
        new(
            "integers4",
            vec![
                Integer(1, 20),
                Integer(1, 10),
                Integer(1, 100),
                Integer(0, 5),
            ],
            0.0,
            integers,
        ),
        new(
            "categories5",
            vec![
                Category(5),
                Category(4),
                Category(6),
                Category(3),
                Category(4),
                Real(0.0, 1.0),
            ],
            0.0,
            categories,
        ),
        new(
            "network",
            vec![
                Real(-6.0, 0.0),
                Real(-8.0, -1.0),
                Real(0.0, 0.6),
                Integer(16, 512),
                Integer(1, 12),
                Category(4),
                Category(3),
            ],
            0.097_67,
            network,
        ),
        Objective {
            noise: 1.0,
            ..new("branin_noisy", plane(), 0.397_887, branin)
        },
        Objective {
            noise: 0.1,
            ..new(
                "hartmann6_noisy",
                vec![Real(0.0, 1.0); 6],
                hartmann,
                hartmann6,
            )
        },
    ]
}

fn branin(x: &[f64]) -> f64 {
    let bend = x[1] - 5.1 / (4.0 * PI * PI) * x[0] * x[0] + 5.0 / PI * x[0] - 6.0;
    bend * bend + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x[0].cos() + 10.0
}

fn rosenbrock(x: &[f64]) -> f64 {
    let pairs = x.windows(2);
    pairs
        .map(|x| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2))
        .sum()
}

/// Of the first six arguments; more do not matter.
fn hartmann6(x: &[f64]) -> f64 {
    const HEIGHTS: [f64; 4] = [1.0, 1.2, 3.0, 3.2];
    const WIDTHS: [[f64; 6]; 4] = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    const CENTRES: [[f64; 6]; 4] = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];
    let hill = |i: usize| {
        let exponent: f64 = (0..6)
            .map(|j| WIDTHS[i][j] * (x[j] - CENTRES[i][j]).powi(2))
            .sum();
        HEIGHTS[i] * (-exponent).exp()
    };
    -(0..4).map(hill).sum::<f64>()
}

/// Logarithms of learning rate and weight decay, number of layers, activation.
fn log_ridge(x: &[f64]) -> f64 {
    let rate = x[0] + 2.7;
    0.6 * rate * rate
        + 0.15 * (x[1] + 4.0 + 0.5 * rate).powi(2)
        + 0.02 * (x[2] - 7.0).powi(2)
        + [0.15, 0.0, 0.6, 0.05][x[3] as usize]
}

fn gramacy(x: &[f64]) -> f64 {
    (10.0 * PI * x[0]).sin() / (2.0 * x[0]) + (x[0] - 1.0).powi(4)
}

fn ackley(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let square = x.iter().map(|x| x * x).sum::<f64>() / n;
    let wave = x.iter().map(|x| (TAU * x).cos()).sum::<f64>() / n;
    20.0 + E - 20.0 * (-0.2 * square.sqrt()).exp() - wave.exp()
}

fn levy(x: &[f64]) -> f64 {
    let w: Vec<f64> = x.iter().map(|x| 1.0 + (x - 1.0) / 4.0).collect();
    let last = w[w.len() - 1];
    let middle: f64 = w[..w.len() - 1]
        .iter()
        .map(|w| (w - 1.0).powi(2) * (1.0 + 10.0 * (PI * w + 1.0).sin().powi(2)))
        .sum();
    (PI * w[0]).sin().powi(2) + middle + (last - 1.0).powi(2) * (1.0 + (TAU * last).sin().powi(2))
}

fn rastrigin(x: &[f64]) -> f64 {
    x.iter()
        .map(|x| x * x - 10.0 * (TAU * x).cos() + 10.0)
        .sum()
}

fn griewank(x: &[f64]) -> f64 {
    let square: f64 = x.iter().map(|x| x * x).sum();
    let waves = x
        .iter()
        .zip(1_i32..)
        .map(|(x, i)| (x / f64::from(i).sqrt()).cos());
    square / 4000.0 - waves.product::<f64>() + 1.0
}

fn styblinski(x: &[f64]) -> f64 {
    let terms = x.iter().map(|x| 0.5 * (x.powi(4) - 16.0 * x * x + 5.0 * x));
    terms.sum::<f64>() + 39.165_99 * x.len() as f64
}

fn michalewicz(x: &[f64]) -> f64 {
    let terms = x.iter().zip(1_i32..);
    -terms
        .map(|(x, i)| x.sin() * (f64::from(i) * x * x / PI).sin().powi(20))
        .sum::<f64>()
}

fn sphere(x: &[f64]) -> f64 {
    let terms = x.iter().zip(0_i32..);
    terms
        .map(|(x, i)| (x - 0.3 - 0.02 * f64::from(i)).powi(2))
        .sum()
}

/// Curvatures from 1 to 10,000.
fn ill_scaled(x: &[f64]) -> f64 {
    let terms = x.iter().zip(0..);
    terms
        .map(|(x, i)| 10_f64.powi(i) * (x - 0.37).powi(2))
        .sum()
}

/// A funnel in a plain.
fn plateau(x: &[f64]) -> f64 {
    let distance = x.iter().map(|x| (x - 0.65).powi(2)).sum::<f64>().sqrt();
    (distance / 0.4).powi(2).min(1.0)
}

fn step(x: &[f64]) -> f64 {
    x.iter().map(|x| (x + 0.5).floor().powi(2)).sum()
}

fn integers(x: &[f64]) -> f64 {
    0.05 * (x[0] - 13.0).powi(2)
        + 0.2 * (x[1] - 4.0).powi(2)
        + 0.01 * (x[2] - 40.0).powi(2)
        + 0.03 * (x[0] - 13.0) * (x[1] - 4.0)
        + 0.5 * (x[3] - 2.0).abs()
}

/// One right value in each dimension, and a reward for two of them together.
fn categories(x: &[f64]) -> f64 {
    let right = [3.0, 1.0, 4.0, 0.0, 2.0];
    let is_right = |i: usize| (x[i] - right[i]).abs() < 0.5;
    let wrong = (0..5).filter(|i| !is_right(*i));
    let losses = wrong.map(|i| 0.3 + 0.1 * ((7.0 * x[i] + 3.0 * i as f64) % 5.0));
    let reward = if is_right(0) && is_right(2) { 0.2 } else { 0.0 };
    losses.sum::<f64>() - reward + 2.0 * (x[5] - 0.2).powi(2) + 0.2
}

/// Logarithms of learning rate and weight decay, dropout, width, depth, activation, optimiser; diverges at a high rate.
fn network(x: &[f64]) -> f64 {
    let rate = x[0] + 3.0 + [0.0, 0.7, -0.4][x[6] as usize] + 0.05 * (x[4] - 4.0);
    let loss = 0.08
        + 0.03 * rate * rate
        + 0.01 * (x[1] + 4.0 + 0.4 * rate).powi(2)
        + 0.2 * (x[2] - 0.2).powi(2)
        + 0.4 / x[3].sqrt()
        + 0.004 * (x[4] - 5.0).powi(2)
        + [0.02, 0.0, 0.05, 0.01][x[5] as usize];
    loss + 50.0 * (rate - 1.6).max(0.0)
}
