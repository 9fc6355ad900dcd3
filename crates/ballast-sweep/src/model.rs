//! The method `bayes`: from parameters and trials to the unit cube of [`bayes`](crate::bayes), and back.
//!
//! Each parameter is a coordinate by its distribution function, so that equal steps of a coordinate are equal probabilities:
//! a logarithmic range is searched in its logarithm. Countable numbers are ordered coordinates, and so are lists of at least
//! three numbers, by rank. The probabilities of a list do not weigh the search; they only say which values are possible.
//! A parameter whose condition does not hold has a fixed coordinate.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::bayes::{self, Dimension, Observation};
use crate::config::{Impute, SweepConfig};
use crate::grid::{Grid, key};
use crate::space::{Distribution, Space, same};
use crate::trial::{Outcome, Trial};
use crate::{pareto, random};

/// Longer scales of numbers are continuous coordinates, rounded afterwards.
const MAX_ORDERED: u64 = 2_000;
/// How often a point is asked for again that differs from a known one only where nothing depends on it.
const MAX_ATTEMPTS: usize = 16;

/// The next point; `None` if every point of a discrete space was tried or is being tried.
pub(crate) fn point(
    config: &SweepConfig,
    trials: &[Trial],
    seed: u64,
    number: u64,
) -> Option<Map<String, Value>> {
    let cube = Cube::new(&config.space);
    let used = Used::new(config, trials)?;
    // The weights of several objectives differ from trial to trial; the seed of the search itself must not.
    let weight_seed = random::bits(seed, number, "");
    let (observations, mut pending) = cube.data(config, trials, weight_seed);
    if cube.dimensions.is_empty() {
        // Constants alone: a grid of one point, or of none that is left.
        return Some(
            config
                .space
                .build(|index| Cube::fixed(&config.space, index)),
        );
    }
    for _ in 0..MAX_ATTEMPTS {
        let suggested = bayes::suggest(&bayes::Problem {
            dims: &cube.dimensions,
            observations: &observations,
            pending: &pending,
            seed,
        })?;
        let found = cube.config(&config.space, &suggested);
        if !used.contains(&found) {
            return Some(found);
        }
        pending.push(suggested);
    }
    used.any_other(weight_seed)
        .or_else(|| Some(random::point(&config.space, seed, number)))
}

/// The points of a discrete space that trials have.
struct Used {
    /// `None` if the points cannot be counted: draws that meet a known one are no concern then.
    grid: Option<Grid>,
    indices: HashSet<u64>,
}

impl Used {
    /// `None` if there is no other point.
    fn new(config: &SweepConfig, trials: &[Trial]) -> Option<Self> {
        let grid = Grid::of_draws(&config.space);
        let indices: HashSet<u64> = match &grid {
            Some(grid) => trials
                .iter()
                .filter_map(|trial| grid.index_of(&trial.config))
                .collect(),
            None => HashSet::new(),
        };
        let is_exhausted = grid
            .as_ref()
            .is_some_and(|grid| indices.len() as u128 >= grid.n_points());
        (!is_exhausted).then_some(Self { grid, indices })
    }

    fn contains(&self, config: &Map<String, Value>) -> bool {
        let index = self.grid.as_ref().and_then(|grid| grid.index_of(config));
        index.is_some_and(|index| self.indices.contains(&index))
    }

    /// A point that no trial has, from a random place on.
    fn any_other(&self, seed: u64) -> Option<Map<String, Value>> {
        let grid = self.grid.as_ref()?;
        let n_points = grid.n_points().min(i64::MAX as u128) as u64;
        let is_used = |index| self.indices.contains(&index);
        let index = grid
            .next_unused(seed % n_points.max(1), is_used)
            .or_else(|| grid.next_unused(0, is_used))?;
        grid.point(index)
    }
}

/// The coordinates of a space.
struct Cube {
    dimensions: Vec<Dimension>,
    /// The index of the dimension and how values map to it, for each parameter; `None` if it has one value alone.
    scales: Vec<Option<(usize, Scale)>>,
}

/// How the values of a parameter become coordinates.
enum Scale {
    /// By the distribution function.
    Probability,
    /// By the index in a list without order.
    Unordered(Vec<Value>),
    /// By rank in a list of numbers, which is ascending.
    Ranked(Vec<Value>),
}

impl Cube {
    fn new(space: &Space) -> Self {
        let mut dimensions = Vec::new();
        let scales = space
            .parameters()
            .iter()
            .map(|parameter| {
                let (dimension, scale) = scale(&parameter.distribution)?;
                dimensions.push(dimension);
                Some((dimensions.len() - 1, scale))
            })
            .collect();
        Self { dimensions, scales }
    }

    /// The only value of a parameter that is no dimension.
    fn fixed(space: &Space, index: usize) -> Value {
        space.parameters()[index].distribution.quantile(0.5)
    }

    /// The parameters of a point.
    fn config(&self, space: &Space, point: &[f64]) -> Map<String, Value> {
        space.build(|index| {
            let Some((dimension, scale)) = &self.scales[index] else {
                return Self::fixed(space, index);
            };
            let coordinate = point.get(*dimension).copied().unwrap_or(0.5);
            let in_list = |values: &[Value], place: f64| {
                values[(place.max(0.0) as usize).min(values.len() - 1)].clone()
            };
            match scale {
                Scale::Probability => space.parameters()[index].distribution.quantile(coordinate),
                Scale::Unordered(values) => in_list(values, coordinate.round()),
                Scale::Ranked(values) => in_list(values, coordinate * values.len() as f64),
            }
        })
    }

    /// The point of some parameters; `None` if one is missing or is no value of the space.
    fn point(&self, space: &Space, config: &Map<String, Value>) -> Option<Vec<f64>> {
        let values = space.values_in(config);
        let mut point: Vec<f64> = self.dimensions.iter().map(default_coordinate).collect();
        for (index, parameter) in space.parameters().iter().enumerate() {
            let Some((dimension, scale)) = &self.scales[index] else {
                continue;
            };
            if !space.exists(index, |other| values[other]) {
                continue;
            }
            let value = values[index]?;
            point[*dimension] = match scale {
                Scale::Probability => {
                    let coordinate = parameter.distribution.cdf(value)?;
                    nearest(&self.dimensions[*dimension], coordinate)
                }
                Scale::Unordered(values) => place(values, value)? as f64,
                Scale::Ranked(values) => (place(values, value)? as f64 + 0.5) / values.len() as f64,
            };
        }
        Some(point)
    }

    /// What is known, and what is being tried.
    fn data(
        &self,
        config: &SweepConfig,
        trials: &[Trial],
        weight_seed: u64,
    ) -> (Vec<Observation>, Vec<Vec<f64>>) {
        let worst: Vec<Option<f64>> = (0..config.objectives.len())
            .map(|objective| worst_loss(config, trials, objective))
            .collect();
        let mut points = Vec::new();
        let mut losses = Vec::new();
        let mut pending = Vec::new();
        for trial in trials {
            let Some(point) = self.point(&config.space, &trial.config) else {
                continue;
            };
            let of_trial: Option<Vec<f64>> = (0..config.objectives.len())
                .map(|objective| loss(config, trial, objective, worst[objective]))
                .collect();
            match of_trial {
                Some(of_trial) => {
                    points.push(point);
                    losses.push(of_trial);
                }
                None => pending.push(point),
            }
        }
        let values = match config.objectives.len() {
            1 => losses.into_iter().map(|losses| losses[0]).collect(),
            n_objectives => pareto::scalarize(&losses, n_objectives, weight_seed),
        };
        let observations = points
            .into_iter()
            .zip(values)
            .map(|(point, value)| Observation { point, value })
            .collect();
        (observations, pending)
    }
}

/// The loss of one objective of a trial: NaN if the trial failed to show one, `None` if it is not known yet.
fn loss(config: &SweepConfig, trial: &Trial, objective: usize, worst: Option<f64>) -> Option<f64> {
    let metric = &config.objectives[objective];
    let own = |impute: Impute| {
        let value = match impute {
            Impute::Latest => trial.value(objective),
            Impute::Best => trial.best(objective, metric.goal),
            Impute::Worst => return worst,
        };
        value.map(|value| metric.goal.as_loss(value))
    };
    match trial.outcome {
        Outcome::Pending => None,
        Outcome::Running => metric.impute_while_running.and_then(own),
        Outcome::Finished | Outcome::Stopped => {
            let value = trial.value(objective);
            Some(value.map_or(f64::NAN, |value| metric.goal.as_loss(value)))
        }
        // The model knows best how bad a failure is among the values it has seen.
        Outcome::Failed | Outcome::Lost | Outcome::Killed => match metric.impute {
            Impute::Worst => Some(f64::NAN),
            impute => Some(own(impute).unwrap_or(f64::NAN)),
        },
    }
}

/// The greatest loss that any trial reported.
fn worst_loss(config: &SweepConfig, trials: &[Trial], objective: usize) -> Option<f64> {
    let goal = config.objectives[objective].goal;
    trials
        .iter()
        .filter_map(|trial| trial.value(objective))
        .map(|value| goal.as_loss(value))
        .max_by(f64::total_cmp)
}

/// The dimension of a distribution; `None` if it has one value.
fn scale(distribution: &Distribution) -> Option<(Dimension, Scale)> {
    match distribution {
        Distribution::Constant(_) => None,
        Distribution::Categorical {
            values,
            probabilities,
        } => list(values, probabilities.as_deref()),
        Distribution::Continuous(_) => Some((Dimension::Continuous, Scale::Probability)),
        Distribution::IntUniform { .. } | Distribution::Quantized(..) => {
            let dimension = match distribution.n_values() {
                Some(1) => return None,
                Some(n_values) if n_values <= MAX_ORDERED => Dimension::Ordered(
                    (0..n_values)
                        .filter_map(|index| distribution.cdf(&distribution.value_at(index)))
                        .collect(),
                ),
                _ => Dimension::Continuous,
            };
            Some((dimension, Scale::Probability))
        }
    }
}

fn list(values: &[Value], probabilities: Option<&[f64]>) -> Option<(Dimension, Scale)> {
    let mut known = HashSet::new();
    let mut distinct: Vec<Value> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let is_possible = probabilities.is_none_or(|probabilities| probabilities[index] > 0.0);
        if is_possible && known.insert(key(value)) {
            distinct.push(value.clone());
        }
    }
    let n_values = distinct.len();
    if n_values < 2 {
        return None;
    }
    if n_values < 3 || !distinct.iter().all(Value::is_number) {
        return Some((
            Dimension::Categorical { n_values },
            Scale::Unordered(distinct),
        ));
    }
    distinct.sort_by(|left, right| {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        number(left).total_cmp(&number(right))
    });
    let coordinates = (0..n_values).map(|rank| (rank as f64 + 0.5) / n_values as f64);
    Some((
        Dimension::Ordered(coordinates.collect()),
        Scale::Ranked(distinct),
    ))
}

fn place(values: &[Value], value: &Value) -> Option<usize> {
    values
        .iter()
        .position(|listed| same(listed, value))
        .or_else(|| {
            values
                .iter()
                .position(|listed| crate::space::fits(listed, value))
        })
}

/// The coordinate of a parameter that does not exist.
fn default_coordinate(dimension: &Dimension) -> f64 {
    match dimension {
        Dimension::Continuous => 0.5,
        Dimension::Ordered(coordinates) => coordinates[coordinates.len() / 2],
        Dimension::Categorical { .. } => 0.0,
    }
}

/// The coordinate that the dimension has, where rounding may have missed it.
fn nearest(dimension: &Dimension, coordinate: f64) -> f64 {
    let Dimension::Ordered(coordinates) = dimension else {
        return coordinate;
    };
    let above = coordinates.partition_point(|other| *other < coordinate);
    let candidates = coordinates[above.saturating_sub(1)..].iter().take(2);
    candidates
        .copied()
        .min_by(|left, right| {
            (left - coordinate)
                .abs()
                .total_cmp(&(right - coordinate).abs())
        })
        .unwrap_or(coordinate)
}
