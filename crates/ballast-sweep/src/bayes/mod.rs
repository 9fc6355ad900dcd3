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
mod rng;
mod sobol;
mod transform;

use self::lattice::Taken;
use self::rng::{Rng, mix};
use self::sobol::Sobol;

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
    let valid: Vec<&Observation> = problem
        .observations
        .iter()
        .filter(|trial| trial.point.len() == dims.len())
        .collect();
    let points: Vec<Vec<f64>> = valid
        .iter()
        .map(|t| lattice::snap(dims, &t.point))
        .collect();
    let pending: Vec<Vec<f64>> = problem
        .pending
        .iter()
        .filter(|point| point.len() == dims.len())
        .map(|point| lattice::snap(dims, point))
        .collect();
    let n_before = problem.observations.len() + problem.pending.len();
    let mut rng = Rng::new(problem.seed ^ mix(n_before as u64));
    let raw: Vec<f64> = valid.iter().map(|trial| trial.value).collect();
    let n_finite = raw.iter().filter(|v| v.is_finite()).count();
    let n_initial = (knob("INIT0", 4.0) + knob("INIT1", 1.0) * dims.len() as f64) as usize;
    if n_finite < n_initial {
        return initial(problem, &taken, &mut rng, n_before);
    }
    let values = transform::Values::new(&raw)?;
    let refs: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
    let pend: Vec<&[f64]> = pending.iter().map(Vec::as_slice).collect();
    let fitted = model::fit(dims, &refs, &values);
    let all: Vec<&[f64]> = refs.iter().chain(&pend).copied().collect();
    let hp = &fitted.hyperparameters;
    let Some(posterior) = gp::Posterior::new(dims, hp.kernel(), hp.noise(), &all, &fitted.targets)
    else {
        return initial(problem, &taken, &mut rng, n_before);
    };
    let acquisition = acquisition::Acquisition::new(&posterior, &refs, &pend, &mut rng);
    let mut order: Vec<usize> = (0..refs.len()).collect();
    order.sort_by(|a, b| fitted.targets[*a].total_cmp(&fitted.targets[*b]));
    let incumbents: Vec<&[f64]> = order
        .iter()
        .take(knob("NINC", 4.0) as usize)
        .map(|i| refs[*i])
        .collect();
    optimise::maximise(&acquisition, dims, &incumbents, &taken, &mut rng)
}

fn initial(
    problem: &Problem<'_>,
    taken: &Taken<'_>,
    rng: &mut Rng,
    n_before: usize,
) -> Option<Vec<f64>> {
    let dims = problem.dims;
    let sobol = Sobol::new(dims.len(), problem.seed);
    // The first of the sequence that is left, so that it does not matter which of them were lost.
    for index in 0..2 * n_before as u32 + 16 {
        let point: Vec<f64> = dims
            .iter()
            .zip(sobol.point(index))
            .map(|(dim, uniform)| dim.draw(uniform))
            .collect();
        if !taken.contains(&point) {
            return Some(point);
        }
    }
    taken.any_free(rng)
}

/// The value of a setting.
fn knob(_name: &str, default: f64) -> f64 {
    default
}
