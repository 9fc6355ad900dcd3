//! Where the acquisition is highest.
//!
//! Many points are looked at, over the whole cube and around the best ones at scales from a third of the cube to a
//! thousandth; from the most promising of them one climbs along the gradient in the continuous dimensions and steps
//! through the values of the others.

use super::Dimension;
use super::acquisition::Acquisition;
use super::kernel::squared_distance;
use super::lattice::{Taken, snap};
use super::minimise::{Effort, minimise};
use super::rng::Rng;
use super::sobol::Sobol;

/// Wholly discrete spaces with at most so many points are looked through point by point.
const ALL_POINTS: u64 = 2_000;

/// Points over the whole cube.
const N_GLOBAL: u32 = 300;

/// Points around each incumbent.
const N_LOCAL: usize = 40;

/// Scales of the points around an incumbent: the first, halved this many times less one.
const LARGEST_SCALE: f64 = 0.3;
const N_SCALES: usize = 8;

/// Points that are climbed from, and how far apart they are at least.
const N_STARTS: usize = 5;
const APART: f64 = 0.01;

/// Dimensions with more values than this are searched in steps of powers of two.
const ALL_VALUES: usize = 16;

/// Rounds of climbing and stepping.
const N_ROUNDS: usize = 3;

const CLIMB: Effort = Effort {
    evaluations: 40,
    gain: 1e-5,
};

/// A point and its acquisition.
struct Scored {
    point: Vec<f64>,
    score: f64,
}

/// The search for the highest acquisition.
pub(super) struct Search<'a> {
    pub(super) dims: &'a [Dimension],
    pub(super) acquisition: &'a Acquisition<'a>,
    /// Points that are not to be proposed again.
    pub(super) taken: &'a Taken<'a>,
}

impl Search<'_> {
    /// The best point found that is not taken, looking also around `incumbents`; `None` if all points are taken.
    pub(super) fn best(&self, incumbents: &[&[f64]], rng: &mut Rng) -> Option<Vec<f64>> {
        if let Some(free) = self.taken.all_free(ALL_POINTS) {
            let scored = free.into_iter().map(|point| self.score(point));
            let best = scored.reduce(|a, b| if b.score > a.score { b } else { a });
            return best.map(|best| best.point);
        }
        let mut scored: Vec<Scored> = self
            .candidates(incumbents, rng)
            .into_iter()
            .map(|point| self.score(point))
            .collect();
        let by_score = |a: &Scored, b: &Scored| b.score.total_cmp(&a.score);
        scored.sort_by(by_score);
        let mut starts: Vec<&Scored> = Vec::new();
        for candidate in &scored {
            let is_apart = |start: &&Scored| {
                squared_distance(self.dims, &start.point, &candidate.point) > APART * APART
            };
            if starts.len() < N_STARTS && starts.iter().all(is_apart) {
                starts.push(candidate);
            }
        }
        let tops: Vec<Scored> = starts
            .into_iter()
            .map(|start| self.ascend(start.point.clone()))
            .collect();
        scored.extend(tops);
        scored.sort_by(by_score);
        scored
            .into_iter()
            .map(|scored| scored.point)
            .find(|point| !self.taken.contains(point))
            .or_else(|| self.taken.any_free(rng))
    }

    fn score(&self, point: Vec<f64>) -> Scored {
        let score = self.acquisition.value(&point);
        Scored { point, score }
    }

    fn candidates(&self, incumbents: &[&[f64]], rng: &mut Rng) -> Vec<Vec<f64>> {
        let sobol = Sobol::new(self.dims.len(), rng.next_u64());
        let mut candidates: Vec<Vec<f64>> = (0..N_GLOBAL)
            .map(|index| sobol.point(index, self.dims))
            .collect();
        for incumbent in incumbents {
            for number in 0..N_LOCAL {
                let scale = LARGEST_SCALE * 0.5_f64.powi((number % N_SCALES) as i32);
                candidates.push(perturbed(self.dims, incumbent, scale, rng));
            }
        }
        candidates
    }

    /// Climbs from a point to a top of the acquisition.
    fn ascend(&self, start: Vec<f64>) -> Scored {
        let is_ordered = |dim: &Dimension| matches!(dim, Dimension::Ordered(_));
        let is_continuous = |dim: &Dimension| matches!(dim, Dimension::Continuous);
        let mut best = self.score(start);
        if self.dims.iter().any(is_ordered) {
            // As if the ordered values were a continuum: a long way in one go.
            let relaxed = self.climb(&best.point, true);
            let snapped = self.score(snap(self.dims, &relaxed));
            if snapped.score > best.score {
                best = snapped;
            }
        }
        for _ in 0..N_ROUNDS {
            let before = best.score;
            if self.dims.iter().any(is_continuous) {
                best = self.score(self.climb(&best.point, false));
            }
            let moved = !self.dims.iter().all(is_continuous) && self.step(&mut best);
            if !moved || best.score - before < 1e-3 {
                break;
            }
        }
        best
    }

    /// Climbs along the gradient; the dimensions that are not continuous stay, except the ordered ones if `relaxed`.
    fn climb(&self, start: &[f64], relaxed: bool) -> Vec<f64> {
        let bounds: Vec<(f64, f64)> = self
            .dims
            .iter()
            .zip(start)
            .map(|(dim, x)| match dim {
                Dimension::Continuous => (0.0, 1.0),
                Dimension::Ordered(values) if relaxed && !values.is_empty() => {
                    (values[0], values[values.len() - 1])
                }
                Dimension::Ordered(_) | Dimension::Categorical { .. } => (*x, *x),
            })
            .collect();
        let mut point = start.to_vec();
        let mut descent = |x: &[f64], gradient: &mut [f64]| {
            let value = self.acquisition.value_with_gradient(x, gradient);
            gradient.iter_mut().for_each(|slope| *slope = -*slope);
            -value
        };
        minimise(&mut descent, &mut point, &bounds, CLIMB);
        point
    }

    /// Moves every discrete dimension in turn to its best value, given the others; whether any moved.
    fn step(&self, best: &mut Scored) -> bool {
        let mut moved = false;
        for (k, dim) in self.dims.iter().enumerate() {
            let here = dim.index(best.point[k]);
            for index in neighbours(here, dim.n_values().unwrap_or(0)) {
                let mut point = best.point.clone();
                point[k] = dim.coordinate(index);
                let other = self.score(point);
                if other.score > best.score && !self.taken.contains(&other.point) {
                    *best = other;
                    moved = true;
                }
            }
        }
        moved
    }
}

/// All other values if they are few, or those at distances of 1, 2, 4, …
fn neighbours(here: usize, n_values: usize) -> Vec<usize> {
    if n_values <= ALL_VALUES {
        return (0..n_values).filter(|index| *index != here).collect();
    }
    let distances = (0..usize::BITS)
        .map(|bit| 1 << bit)
        .take_while(|distance| *distance < n_values);
    distances
        .flat_map(|distance: usize| [here.checked_sub(distance), here.checked_add(distance)])
        .flatten()
        .filter(|index| *index < n_values)
        .collect()
}

/// A point near another: at least one coordinate differs, and about three do.
fn perturbed(dims: &[Dimension], point: &[f64], scale: f64, rng: &mut Rng) -> Vec<f64> {
    let n_dims = dims.len();
    let probability = (3.0 / n_dims as f64).clamp(0.2, 1.0);
    let always = rng.below(n_dims);
    let mut perturbed = point.to_vec();
    for (k, dim) in dims.iter().enumerate() {
        if k != always && rng.uniform() > probability {
            continue;
        }
        perturbed[k] = match dim {
            Dimension::Continuous => dim.snap(point[k] + scale * rng.normal()),
            Dimension::Ordered(values) => {
                let (here, there) = (dim.index(point[k]), point[k] + scale * rng.normal());
                match dim.index(there) {
                    near if near == here && there > point[k] => {
                        dim.coordinate((here + 1).min(values.len().saturating_sub(1)))
                    }
                    near if near == here => dim.coordinate(here.saturating_sub(1)),
                    far => dim.coordinate(far),
                }
            }
            Dimension::Categorical { .. } if k == always || rng.uniform() < scale => {
                dim.draw(rng.uniform())
            }
            Dimension::Categorical { .. } => point[k],
        };
    }
    perturbed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_all_of_few_and_some_of_many() {
        assert_eq!(neighbours(1, 3), [0, 2]);
        assert_eq!(neighbours(0, 1), [0; 0]);
        assert_eq!(neighbours(5, 20), [4, 6, 3, 7, 1, 9, 13]);
        assert_eq!(neighbours(0, 0), [0; 0]);
    }

    #[test]
    fn a_perturbed_point_exists_and_is_another() {
        let dims = [
            Dimension::Continuous,
            Dimension::Ordered((0..9).map(|i| f64::from(i) / 8.0).collect()),
        ];
        let mut rng = Rng::new(4);
        for _ in 0..200 {
            let point = perturbed(&dims, &[0.5, 0.5], 0.01, &mut rng);
            assert_eq!(point, snap(&dims, &point));
            assert_ne!(point, [0.5, 0.5]);
        }
    }
}
