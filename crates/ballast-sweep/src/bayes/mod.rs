//! Bayesian optimisation on the unit cube.

mod acquisition;
mod fit;
mod gp;
mod kernel;
mod lattice;
mod linalg;
mod minimise;
mod model;
mod optimise;
pub(crate) mod rng;
mod sobol;
mod subset;
mod transform;

use self::acquisition::Acquisition;
use self::gp::Posterior;
use self::lattice::Taken;
use self::model::Model;
use self::optimise::Search;
use self::rng::{Rng, mix};
use self::sobol::Sobol;
use self::transform::Values;

/// Observations that the model is conditioned on, of a longer history.
const N_CONDITIONED: usize = 240;

/// Pending trials that the model takes into account, the latest.
const N_PENDING: usize = 64;

/// The best points, around which the search looks more closely.
const N_INCUMBENTS: usize = 4;

/// One coordinate of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Dimension {
    /// Any number in [0, 1].
    Continuous,
    /// One of these coordinates, ascending and in [0, 1]: integers and quantised numbers. At most some thousands; more
    /// are better a continuum whose result is rounded.
    Ordered(Vec<f64>),
    /// One of so many values without order; the coordinate is the index of the value, from 0.
    Categorical {
        /// How many values there are, at least one.
        n_values: usize,
    },
}

/// A point that was tried, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// One coordinate for each dimension. Coordinates that do not exist count as the nearest that does.
    pub point: Vec<f64>,
    /// Lower is better. NaN and infinity stand for a trial that failed: the point counts as a bad one.
    pub value: f64,
}

/// What [`suggest`] goes by.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The dimensions of the cube.
    pub dims: &'a [Dimension],
    /// The points that were tried, oldest first. Those with another number of coordinates than `dims` are left out.
    pub observations: &'a [Observation],
    /// Points that are being tried now, whose value is not known yet.
    pub pending: &'a [Vec<f64>],
    /// The seed of the whole search: **the same for all its suggestions**, because the first points are one
    /// low-discrepancy sequence. Suggestions differ by what was observed and what is pending.
    pub seed: u64,
}

/// Proposes the next point to try; `None` if all points of a wholly discrete space were observed or are pending.
///
/// The point has one coordinate for each dimension, and every coordinate exists. It is a function of the problem alone,
/// and in a wholly discrete space never one that was observed or is pending.
pub fn suggest(problem: &Problem<'_>) -> Option<Vec<f64>> {
    let dims = problem.dims;
    let mut taken = Taken::new(dims);
    let observed = problem.observations.iter().map(|trial| &trial.point);
    for point in observed.chain(problem.pending) {
        if point.len() == dims.len() {
            taken.add(point);
        }
    }
    if taken.is_exhausted() {
        return None;
    }
    let n_tried = problem.observations.len() + problem.pending.len();
    let mut rng = Rng::new(problem.seed ^ mix(n_tried as u64));
    by_model(problem, &taken, &mut rng).or_else(|| initial(problem, &taken, &mut rng))
}

/// The next point of the low-discrepancy sequence.
fn initial(problem: &Problem<'_>, taken: &Taken<'_>, rng: &mut Rng) -> Option<Vec<f64>> {
    let n_tried = problem.observations.len() + problem.pending.len();
    let sobol = Sobol::new(problem.dims.len(), problem.seed);
    // The first that is left, not the one of a number: then it does not matter which trials were lost.
    (0..=u32::try_from(n_tried).unwrap_or(u32::MAX - 1))
        .map(|index| sobol.point(index, problem.dims))
        .find(|point| !taken.contains(point))
        .or_else(|| taken.any_free(rng))
}

/// The point of the highest acquisition; `None` if it is too early for a model.
fn by_model(problem: &Problem<'_>, taken: &Taken<'_>, rng: &mut Rng) -> Option<Vec<f64>> {
    let dims = problem.dims;
    let trials = problem.observations.iter();
    let trials: Vec<&Observation> = trials.filter(|x| x.point.len() == dims.len()).collect();
    let n_finite = trials.iter().filter(|x| x.value.is_finite()).count();
    if dims.is_empty() || n_finite < n_initial(dims.len()) {
        return None;
    }
    let points: Vec<Vec<f64>> = trials
        .iter()
        .map(|x| lattice::snap(dims, &x.point))
        .collect();
    let mut points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
    let mut values: Vec<f64> = trials.iter().map(|x| x.value).collect();
    if points.len() > N_CONDITIONED {
        let ranks: Vec<f64> = values
            .iter()
            .map(|value| if value.is_finite() { *value } else { f64::NAN })
            .collect();
        let chosen = subset::choose(dims, &points, &ranks, N_CONDITIONED);
        points = chosen.iter().map(|index| points[*index]).collect();
        values = chosen.iter().map(|index| values[*index]).collect();
    }
    let pending: Vec<Vec<f64>> = problem
        .pending
        .iter()
        .rev()
        .filter(|point| point.len() == dims.len())
        .take(N_PENDING)
        .map(|point| lattice::snap(dims, point))
        .collect();
    let pending: Vec<&[f64]> = pending.iter().map(Vec::as_slice).collect();

    let model = Model::fit(dims, &points, &Values::new(&values)?);
    let (kernel, noise) = (
        model.hyperparameters.kernel(),
        model.hyperparameters.noise(),
    );
    let all: Vec<&[f64]> = points.iter().chain(&pending).copied().collect();
    let posterior = Posterior::new(dims, kernel, noise, &all, &model.targets)?;
    let acquisition = Acquisition::new(&posterior, &pending, rng);
    let means = posterior.observed_means();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
    let incumbents: Vec<&[f64]> = order
        .iter()
        .take(N_INCUMBENTS)
        .map(|i| points[*i])
        .collect();
    let search = Search {
        dims,
        acquisition: &acquisition,
        taken,
    };
    search.best(&incumbents, rng)
}

/// How many trials are needed before there is a model.
fn n_initial(n_dims: usize) -> usize {
    (4 + n_dims).min(14)
}
