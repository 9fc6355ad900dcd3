//! The hyperparameters of the process: the most probable ones given the observations.
//!
//! The lengths of the dimensions are alike a priori: their logarithms have a common part, known only roughly, and a part
//! of their own. So two dozen observations in twenty dimensions do not pick a few dimensions and call the others
//! irrelevant, and what an important dimension teaches about the scale holds for the others until they object.
//!
//! # Sources
//! Hvarfner, Hellsten & Nardi (2024), Vanilla Bayesian optimization performs great in high dimensions (log-normal
//! lengths that grow with the root of the number of dimensions); Gelman et al. (2013), Bayesian data analysis, chapter 5
//! (the common part); Rasmussen & Williams (2006), Gaussian processes for machine learning, section 5.4 (the likelihood
//! and its gradient).

use super::Dimension;
use super::kernel::{Kernel, Smoothness, squared_difference};
use super::linalg::{cholesky, dot, gram, invert_lower, multiply_lower, multiply_lower_transposed};
use super::minimise::{Effort, minimise};

/// The variance of the constant that standardised targets vary around.
const CONSTANT: f64 = 1.0;

/// The mean of the logarithm of a length in one dimension; half the logarithm of the number of dimensions is added.
const LENGTH: f64 = 0.3;
/// How far the common part of the logarithms deviates from that mean.
const LENGTH_COMMON: f64 = 1.7;
/// How far a dimension's own part deviates from the common one.
const LENGTH_OWN: f64 = 1.0;
const LENGTH_BOUNDS: (f64, f64) = (-4.6, 7.0);

/// The logarithms of common lengths, relative to their mean, that are tried first.
const ISOTROPIC: [f64; 5] = [-1.8, -1.05, -0.3, 0.45, 1.2];

/// A normal prior of a logarithm, within bounds.
struct Prior {
    mean: f64,
    deviation: f64,
    bounds: (f64, f64),
}

/// The variance of the function, in units of that of the targets.
const VARIANCE: Prior = Prior {
    mean: 0.0,
    deviation: 1.5,
    bounds: (-4.0, 8.0),
};

/// The variance of the noise: weakly informed, because a sweep may be a deterministic function or mostly noise.
const NOISE: Prior = Prior {
    mean: -10.0,
    deviation: 3.0,
    bounds: (-25.0, 0.5),
};

impl Prior {
    /// The negative logarithm of the density without its constant, and the derivative.
    fn penalty(&self, log: f64) -> (f64, f64) {
        let z = (log - self.mean) / self.deviation;
        (0.5 * z * z, z / self.deviation)
    }
}

/// Hyperparameters, as logarithms: one length per dimension, then the variance of the function, then that of the noise.
#[derive(Clone, Debug)]
pub(super) struct Hyperparameters {
    smoothness: Smoothness,
    logs: Vec<f64>,
    /// The negative logarithm of the posterior density, without constants; infinite if it cannot be computed.
    pub(super) loss: f64,
}

impl Hyperparameters {
    pub(super) fn kernel(&self) -> Kernel {
        let n_dims = self.logs.len() - 2;
        Kernel {
            smoothness: self.smoothness,
            relevance: relevance(&self.logs[..n_dims]),
            variance: self.logs[n_dims].exp(),
            constant: CONSTANT,
        }
    }

    /// The variance of the noise.
    pub(super) fn noise(&self) -> f64 {
        self.logs[self.logs.len() - 1].exp()
    }
}

fn relevance(log_lengths: &[f64]) -> Vec<f64> {
    log_lengths.iter().map(|log| (-2.0 * log).exp()).collect()
}

/// The points, ready for many evaluations of the likelihood.
pub(super) struct Likelihood {
    n: usize,
    /// By dimension, the squared differences of all pairs (i, j), j < i, by row.
    differences: Vec<Vec<f64>>,
}

/// The correlations of all pairs, in the order of the differences, and their derivatives by the scaled squared distance.
struct Correlations {
    values: Vec<f64>,
    slopes: Vec<f64>,
}

impl Likelihood {
    pub(super) fn new(dims: &[Dimension], points: &[&[f64]]) -> Self {
        let n = points.len();
        let differences = dims
            .iter()
            .enumerate()
            .map(|(k, dim)| {
                (0..n)
                    .flat_map(|i| (0..i).map(move |j| (i, j)))
                    .map(|(i, j)| squared_difference(dim, points[i][k], points[j][k]))
                    .collect()
            })
            .collect();
        Self { n, differences }
    }

    fn n_dims(&self) -> usize {
        self.differences.len()
    }

    fn mean_length(&self) -> f64 {
        LENGTH + 0.5 * (self.n_dims().max(1) as f64).ln()
    }

    /// The best of a few common lengths for each set of targets: where to begin.
    pub(super) fn isotropic(
        &self,
        smoothness: Smoothness,
        targets: &[Vec<f64>],
    ) -> Vec<Hyperparameters> {
        let mut best: Vec<Hyperparameters> = Vec::new();
        for log in ISOTROPIC {
            let mut logs = vec![self.mean_length() + log; self.n_dims()];
            logs.extend([VARIANCE.mean, NOISE.mean]);
            let correlations = self.correlations(smoothness, &logs);
            let factor = self.factor(&correlations, &logs);
            let penalty = self.penalty(&logs, None);
            for (index, targets) in targets.iter().enumerate() {
                let loss = factor.as_ref().map_or(f64::INFINITY, |factor| {
                    penalty + factor.half_log_determinant + 0.5 * factor.fit(targets)
                });
                let found = Hyperparameters {
                    smoothness,
                    logs: logs.clone(),
                    loss,
                };
                match best.get_mut(index) {
                    Some(best) if best.loss <= loss => {}
                    Some(best) => *best = found,
                    None => best.push(found),
                }
            }
        }
        best
    }

    /// Goes from `start` to the nearest most probable hyperparameters.
    pub(super) fn maximise(
        &self,
        start: &Hyperparameters,
        targets: &[f64],
        effort: Effort,
    ) -> Hyperparameters {
        let mut bounds = vec![LENGTH_BOUNDS; self.n_dims()];
        bounds.extend([VARIANCE.bounds, NOISE.bounds]);
        let mut logs = start.logs.clone();
        let mut loss = |logs: &[f64], gradient: &mut [f64]| {
            self.loss(start.smoothness, targets, logs, gradient)
        };
        let loss = minimise(&mut loss, &mut logs, &bounds, effort);
        Hyperparameters {
            smoothness: start.smoothness,
            logs,
            loss,
        }
    }

    fn correlations(&self, smoothness: Smoothness, logs: &[f64]) -> Correlations {
        let mut values = vec![0.0; self.n * self.n.saturating_sub(1) / 2];
        for (relevance, differences) in relevance(logs).iter().zip(&self.differences) {
            for (sum, difference) in values.iter_mut().zip(differences) {
                *sum += relevance * difference;
            }
        }
        let mut slopes = vec![0.0; values.len()];
        for (value, slope) in values.iter_mut().zip(&mut slopes) {
            (*value, *slope) = smoothness.correlation(*value);
        }
        Correlations { values, slopes }
    }

    fn factor(&self, correlations: &Correlations, logs: &[f64]) -> Option<Factor> {
        let (n, n_dims) = (self.n, self.n_dims());
        let (variance, noise) = (logs[n_dims].exp(), logs[n_dims + 1].exp());
        let mut factor = vec![0.0; n * n];
        let mut start = 0;
        for i in 0..n {
            let row = &mut factor[i * n..=i * n + i];
            for (entry, correlation) in row.iter_mut().zip(&correlations.values[start..start + i]) {
                *entry = CONSTANT + variance * correlation;
            }
            row[i] = CONSTANT + variance + noise;
            start += i;
        }
        cholesky(&mut factor, n).then(|| Factor {
            n,
            half_log_determinant: (0..n).map(|i| factor[i * n + i].ln()).sum(),
            inverse: invert_lower(&factor, n),
        })
    }

    /// The negative logarithm of the posterior density without constants, with its gradient; infinite where it cannot be
    /// computed.
    fn loss(
        &self,
        smoothness: Smoothness,
        targets: &[f64],
        logs: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let (n, n_dims) = (self.n, self.n_dims());
        let mut correlations = self.correlations(smoothness, logs);
        let Some(factor) = self.factor(&correlations, logs) else {
            gradient.fill(0.0);
            return f64::INFINITY;
        };
        let whitened = multiply_lower(&factor.inverse, n, targets);
        let weights = multiply_lower_transposed(&factor.inverse, n, &whitened);

        // The derivative by each entry of the covariance is half of (inverse - weights weightsᵀ).
        let inverse = gram(&factor.inverse, n);
        let (mut trace, mut by_variance) = (0.0, 0.0);
        let mut start = 0;
        for i in 0..n {
            let (row, weight) = (&inverse[i * n..=i * n + i], weights[i]);
            trace += row[i] - weight * weight;
            for j in 0..i {
                let entry = row[j] - weight * weights[j];
                by_variance += entry * correlations.values[start + j];
                correlations.slopes[start + j] *= entry;
            }
            start += i;
        }
        let (variance, noise) = (logs[n_dims].exp(), logs[n_dims + 1].exp());
        for (k, relevance) in relevance(&logs[..n_dims]).iter().enumerate() {
            let slope = dot(&correlations.slopes, &self.differences[k]);
            gradient[k] = -2.0 * variance * relevance * slope;
        }
        gradient[n_dims] = variance * (by_variance + 0.5 * trace);
        gradient[n_dims + 1] = 0.5 * noise * trace;
        let penalty = self.penalty(logs, Some(gradient));
        penalty + factor.half_log_determinant + 0.5 * dot(&whitened, &whitened)
    }

    /// The negative logarithm of the prior density without constants; adds its gradient.
    fn penalty(&self, logs: &[f64], mut gradient: Option<&mut [f64]>) -> f64 {
        let n_dims = self.n_dims();
        let deviations: Vec<f64> = logs[..n_dims]
            .iter()
            .map(|log| log - self.mean_length())
            .collect();
        // The common part, integrated out, leaves a normal density with covariance own² I + common² 1 1ᵀ.
        let (own, common) = (LENGTH_OWN * LENGTH_OWN, LENGTH_COMMON * LENGTH_COMMON);
        let shrunk = common / (own + n_dims as f64 * common) * deviations.iter().sum::<f64>();
        let mut penalty = 0.0;
        let mut add = |index: usize, (value, slope): (f64, f64)| {
            penalty += value;
            if let Some(gradient) = &mut gradient {
                gradient[index] += slope;
            }
        };
        for (k, z) in deviations.iter().enumerate() {
            add(k, (0.5 * z * (z - shrunk) / own, (z - shrunk) / own));
        }
        add(n_dims, VARIANCE.penalty(logs[n_dims]));
        add(n_dims + 1, NOISE.penalty(logs[n_dims + 1]));
        penalty
    }
}

/// A covariance of the points, factored.
struct Factor {
    n: usize,
    half_log_determinant: f64,
    inverse: Vec<f64>,
}

impl Factor {
    /// The squared length of the whitened targets.
    fn fit(&self, targets: &[f64]) -> f64 {
        let whitened = multiply_lower(&self.inverse, self.n, targets);
        dot(&whitened, &whitened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bayes::rng::Rng;

    fn dims() -> [Dimension; 3] {
        [
            Dimension::Continuous,
            Dimension::Ordered(vec![0.1, 0.5, 0.9]),
            Dimension::Categorical { n_values: 3 },
        ]
    }

    fn sample(n: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut rng = Rng::new(5);
        let points: Vec<Vec<f64>> = (0..n)
            .map(|_| dims().iter().map(|dim| dim.draw(rng.uniform())).collect())
            .collect();
        let targets = points
            .iter()
            .map(|x| (5.0 * x[0]).sin() + x[1] * x[1] + 0.3 * x[2] + 0.01 * rng.normal())
            .collect();
        (points, targets)
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (points, targets) = sample(17);
        let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        let likelihood = Likelihood::new(&dims(), &points);
        for smoothness in [Smoothness::Matern52, Smoothness::Analytic] {
            let logs = [-0.7, 0.2, 0.6, 0.3, -3.0];
            let mut gradient = [0.0; 5];
            likelihood.loss(smoothness, &targets, &logs, &mut gradient);
            for k in 0..5 {
                let step = 1e-5;
                let at = |offset: f64| {
                    let mut moved = logs;
                    moved[k] += offset;
                    likelihood.loss(smoothness, &targets, &moved, &mut [0.0; 5])
                };
                let slope = (at(step) - at(-step)) / (2.0 * step);
                assert!(
                    (gradient[k] - slope).abs() < 1e-5 * (1.0 + slope.abs()),
                    "{smoothness:?} {k}: {} {slope}",
                    gradient[k]
                );
            }
        }
    }

    /// One observation y at covariance c: y² / 2c + ln(c) / 2, beside the prior.
    #[test]
    fn the_loss_of_one_observation_is_that_of_a_normal_density() {
        let dims = [Dimension::Continuous];
        let likelihood = Likelihood::new(&dims, &[&[0.4]]);
        let logs = [likelihood.mean_length(), VARIANCE.mean, NOISE.mean];
        let found = likelihood.loss(Smoothness::Matern52, &[1.5], &logs, &mut [0.0; 3]);
        let c = CONSTANT + VARIANCE.mean.exp() + NOISE.mean.exp();
        assert!((found - (1.5 * 1.5 / (2.0 * c) + 0.5 * c.ln())).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_matter_gets_a_long_length_and_noise_is_found() {
        let mut rng = Rng::new(2);
        let dims = [Dimension::Continuous, Dimension::Continuous];
        let points: Vec<[f64; 2]> = (0..60).map(|_| [rng.uniform(), rng.uniform()]).collect();
        let targets: Vec<f64> = points
            .iter()
            .map(|x| 1.4 * (6.0 * x[0]).sin() + 0.1 * rng.normal())
            .collect();
        let points: Vec<&[f64]> = points.iter().map(|x| &x[..]).collect();
        let likelihood = Likelihood::new(&dims, &points);
        let start = likelihood.isotropic(Smoothness::Matern52, &[targets.clone()]);
        let effort = Effort {
            evaluations: 100,
            gain: 1e-6,
        };
        let found = likelihood.maximise(&start[0], &targets, effort);
        assert!(found.loss < start[0].loss);
        assert!(found.logs[1] > found.logs[0] + 1.0, "{found:?}");
        assert!((found.noise().sqrt() - 0.1).abs() < 0.05, "{found:?}");
    }
}
