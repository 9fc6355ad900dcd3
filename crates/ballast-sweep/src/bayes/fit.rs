//! The hyperparameters of the process: the most probable ones given the observations.
//!
//! # Sources
//! Hvarfner, Hellsten & Nardi (2024), Vanilla Bayesian optimization performs great in high dimensions (the prior of the
//! lengths, which grows with the root of the number of dimensions); Rasmussen & Williams (2006), section 5.4 (the
//! likelihood and its gradient).

use super::Dimension;
use super::kernel::{Kernel, Smoothness, squared_difference};
use super::linalg::{cholesky, dot, gram, invert_lower, multiply_lower, multiply_lower_transposed};
use super::minimise::{Effort, minimise};

/// A normal prior of the logarithm of a positive number, and the bounds of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    pub(super) bounds: (f64, f64),
}

impl Prior {
    /// The negative logarithm of the density without its constant, and the derivative.
    fn penalty(&self, log: f64) -> (f64, f64) {
        let z = (log - self.mean) / self.deviation;
        (0.5 * z * z, z / self.deviation)
    }
}

/// The priors of all hyperparameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priors {
    pub(super) length: Prior,
    pub(super) variance: Prior,
    pub(super) noise: Prior,
}

/// Hyperparameters, as logarithms: one length per dimension, then the variance of the function, then that of the noise.
#[derive(Clone, Debug)]
pub(super) struct Hyperparameters {
    pub(super) smoothness: Smoothness,
    pub(super) logs: Vec<f64>,
    /// The negative logarithm of the posterior density, without constants.
    pub(super) loss: f64,
}

/// The variance of the constant that standardised targets vary around.
pub(super) const CONSTANT: f64 = 1.0;

impl Hyperparameters {
    pub(super) fn kernel(&self) -> Kernel {
        let n_dims = self.logs.len() - 2;
        Kernel {
            smoothness: self.smoothness,
            relevance: self.logs[..n_dims]
                .iter()
                .map(|log| (-2.0 * log).exp())
                .collect(),
            variance: self.logs[n_dims].exp(),
            constant: CONSTANT,
        }
    }

    pub(super) fn noise(&self) -> f64 {
        self.logs[self.logs.len() - 1].exp()
    }
}

/// The points, ready for many evaluations of the likelihood.
pub(super) struct Likelihood {
    n: usize,
    /// By dimension, the squared differences of all pairs (i, j), j < i, by row.
    differences: Vec<Vec<f64>>,
    priors: Priors,
}

impl Likelihood {
    pub(super) fn new(dims: &[Dimension], points: &[&[f64]], priors: Priors) -> Self {
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
        Self {
            n,
            differences,
            priors,
        }
    }

    fn n_dims(&self) -> usize {
        self.differences.len()
    }

    /// Where every search may begin: the mode of the priors.
    pub(super) fn start(&self) -> Vec<f64> {
        let mut logs = vec![self.priors.length.mean; self.n_dims()];
        logs.push(self.priors.variance.mean);
        logs.push(self.priors.noise.mean);
        logs
    }

    /// Goes to the nearest most probable hyperparameters.
    pub(super) fn maximise(
        &self,
        smoothness: Smoothness,
        targets: &[f64],
        start: &[f64],
        effort: Effort,
    ) -> Hyperparameters {
        let mut bounds = vec![self.priors.length.bounds; self.n_dims()];
        bounds.push(self.priors.variance.bounds);
        bounds.push(self.priors.noise.bounds);
        let mut logs = start.to_vec();
        let mut loss =
            |logs: &[f64], gradient: &mut [f64]| self.loss(smoothness, targets, logs, gradient);
        let loss = minimise(&mut loss, &mut logs, &bounds, effort);
        Hyperparameters {
            smoothness,
            logs,
            loss,
        }
    }

    /// The negative logarithm of the posterior density without constants; infinite where it cannot be computed.
    fn loss(
        &self,
        smoothness: Smoothness,
        targets: &[f64],
        logs: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let (n, n_dims) = (self.n, self.n_dims());
        let relevance: Vec<f64> = logs[..n_dims]
            .iter()
            .map(|log| (-2.0 * log).exp())
            .collect();
        let (variance, noise) = (logs[n_dims].exp(), logs[n_dims + 1].exp());
        let mut correlations = vec![0.0; n * n.saturating_sub(1) / 2];
        for (relevance, differences) in relevance.iter().zip(&self.differences) {
            for (sum, difference) in correlations.iter_mut().zip(differences) {
                *sum += relevance * difference;
            }
        }
        let mut slopes = vec![0.0; correlations.len()];
        for (correlation, slope) in correlations.iter_mut().zip(&mut slopes) {
            (*correlation, *slope) = smoothness.correlation(*correlation);
        }
        let mut factor = vec![0.0; n * n];
        let mut start = 0;
        for i in 0..n {
            let row = &mut factor[i * n..=i * n + i];
            for (entry, correlation) in row.iter_mut().zip(&correlations[start..start + i]) {
                *entry = CONSTANT + variance * correlation;
            }
            row[i] = CONSTANT + variance + noise;
            start += i;
        }
        if !cholesky(&mut factor, n) {
            gradient.fill(0.0);
            return f64::INFINITY;
        }
        let half_log_determinant: f64 = (0..n).map(|i| factor[i * n + i].ln()).sum();
        let inverse = invert_lower(&factor, n);
        let whitened = multiply_lower(&inverse, n, targets);
        let weights = multiply_lower_transposed(&inverse, n, &whitened);
        let mut loss = 0.5 * dot(&whitened, &whitened) + half_log_determinant;

        // The derivative by each entry of the covariance is half of (inverse - weights weightsᵀ).
        let inverse = gram(&inverse, n);
        let (mut trace, mut by_variance) = (0.0, 0.0);
        let mut start = 0;
        for i in 0..n {
            let (row, weight) = (&inverse[i * n..=i * n + i], weights[i]);
            trace += row[i] - weight * weight;
            for j in 0..i {
                let entry = row[j] - weight * weights[j];
                by_variance += entry * correlations[start + j];
                slopes[start + j] *= entry;
            }
            start += i;
        }
        for k in 0..n_dims {
            gradient[k] = -2.0 * variance * relevance[k] * dot(&slopes, &self.differences[k]);
        }
        gradient[n_dims] = variance * (by_variance + 0.5 * trace);
        gradient[n_dims + 1] = 0.5 * noise * trace;

        let priors = std::iter::repeat_n(&self.priors.length, n_dims)
            .chain([&self.priors.variance, &self.priors.noise]);
        for ((log, slope), prior) in logs.iter().zip(gradient).zip(priors) {
            let (penalty, derivative) = prior.penalty(*log);
            loss += penalty;
            *slope += derivative;
        }
        loss
    }
}
