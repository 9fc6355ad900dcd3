//! The model of a search: which transformation of the values and which smoothness explain the observations best.
//!
//! Candidates are compared by the density of the *untransformed* values, so that the choice is one of evidence and not
//! of a rule of thumb: polynomials in the parameters stay as they are and get the smooth kernel, losses that span
//! orders of magnitude are compressed.

use super::Dimension;
use super::fit::{Hyperparameters, Likelihood};
use super::kernel::Smoothness;
use super::minimise::Effort;
use super::subset;
use super::transform::{Targets, Values};

/// Widths of the compression that are tried, in spreads of the values.
const WIDTHS: [f64; 3] = [f64::INFINITY, 1.0, 0.1];

const SMOOTHNESSES: [Smoothness; 2] = [Smoothness::Matern52, Smoothness::Analytic];

/// Observations that candidates are compared on.
const N_COMPARED: usize = 60;

/// Observations that the hyperparameters are fitted to.
const N_FITTED: usize = 100;

/// Candidates that are followed after a first look at each.
const N_FOLLOWED: usize = 4;

const FOLLOW: Effort = Effort {
    evaluations: 15,
    gain: 0.01,
};

const POLISH: Effort = Effort {
    evaluations: 40,
    gain: 1e-3,
};

/// What the observations say about the function.
pub(super) struct Model {
    pub(super) hyperparameters: Hyperparameters,
    /// The targets of all observations.
    pub(super) targets: Vec<f64>,
}

struct Candidate<'a> {
    targets: &'a Targets,
    hyperparameters: Hyperparameters,
    /// The negative log density of the values, up to a constant.
    loss: f64,
}

impl Model {
    /// Fits to observations whose `points` and `values` are in the same order.
    pub(super) fn fit(dims: &[Dimension], points: &[&[f64]], values: &Values) -> Self {
        let transformed: Vec<Targets> = WIDTHS.iter().map(|width| values.targets(*width)).collect();
        let ranks = &transformed[0].targets;
        let compared = Sample::new(dims, points, ranks, N_COMPARED);

        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        for smoothness in SMOOTHNESSES {
            let samples: Vec<Vec<f64>> = transformed
                .iter()
                .map(|targets| compared.of(&targets.targets))
                .collect();
            let fits = compared.likelihood.isotropic(smoothness, &samples);
            candidates.extend(fits.into_iter().zip(&transformed).map(
                |(hyperparameters, targets)| Candidate {
                    loss: hyperparameters.loss + compared.cost(targets),
                    targets,
                    hyperparameters,
                },
            ));
        }
        let by_loss = |a: &Candidate<'_>, b: &Candidate<'_>| a.loss.total_cmp(&b.loss);
        candidates.sort_by(by_loss);
        candidates.truncate(N_FOLLOWED);
        for candidate in &mut candidates {
            let targets = compared.of(&candidate.targets.targets);
            candidate.hyperparameters =
                compared
                    .likelihood
                    .maximise(&candidate.hyperparameters, &targets, FOLLOW);
            candidate.loss = candidate.hyperparameters.loss + compared.cost(candidate.targets);
        }
        let best = candidates
            .into_iter()
            .min_by(by_loss)
            .expect("at least one candidate is followed");
        let fitted = Sample::new(dims, points, ranks, N_FITTED);
        let targets = fitted.of(&best.targets.targets);
        Self {
            hyperparameters: fitted
                .likelihood
                .maximise(&best.hyperparameters, &targets, POLISH),
            targets: best.targets.targets.clone(),
        }
    }
}

/// A part of the observations, with the likelihood of theirs.
struct Sample {
    indices: Vec<usize>,
    likelihood: Likelihood,
}

impl Sample {
    fn new(dims: &[Dimension], points: &[&[f64]], ranks: &[f64], limit: usize) -> Self {
        let indices = subset::choose(dims, points, ranks, limit);
        let points: Vec<&[f64]> = indices.iter().map(|index| points[*index]).collect();
        Self {
            likelihood: Likelihood::new(dims, &points),
            indices,
        }
    }

    fn of(&self, values: &[f64]) -> Vec<f64> {
        self.indices.iter().map(|index| values[*index]).collect()
    }

    fn cost(&self, targets: &Targets) -> f64 {
        self.of(&targets.costs).iter().sum()
    }
}
