//! Several objectives.

use crate::config::Goal;
use crate::random;

/// The points that no other point is better than, as indices in ascending order.
///
/// A point is better than another if it is at least as good in each objective and better in one; equal points do not exclude
/// each other. Each point has one value for each goal; a point with a value that is missing or NaN is left out. Takes time
/// in proportion to the number of points and to the size of the front.
pub fn pareto_front(points: &[Vec<f64>], goals: &[Goal]) -> Vec<usize> {
    let oriented: Vec<Vec<f64>> = points
        .iter()
        .map(|point| {
            point
                .iter()
                .zip(goals)
                .map(|(value, goal)| goal.as_loss(*value))
                .collect()
        })
        .collect();
    let mut order: Vec<usize> = (0..points.len())
        .filter(|&index| {
            oriented[index].len() == goals.len()
                && !oriented[index].iter().any(|value| value.is_nan())
        })
        .collect();
    // A point that comes earlier in this order is never dominated by a later one.
    order.sort_by(|&left, &right| {
        let pairs = oriented[left].iter().zip(&oriented[right]);
        pairs
            .map(|(left, right)| left.total_cmp(right))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut front: Vec<usize> = Vec::new();
    for index in order {
        if !front
            .iter()
            .any(|&other| dominates(&oriented[other], &oriented[index]))
        {
            front.push(index);
        }
    }
    front.sort_unstable();
    front
}

/// Whether the first is at least as low everywhere and lower somewhere.
fn dominates(left: &[f64], right: &[f64]) -> bool {
    left.iter().zip(right).all(|(left, right)| left <= right)
        && left.iter().zip(right).any(|(left, right)| left < right)
}

/// Makes one loss of the losses of several objectives, another one for each seed, so that the trials spread along the front.
///
/// Each row has a loss for each objective; NaN in a row makes NaN of it. Losses are scaled to the range that was seen.
///
/// # Source
/// Knowles (2006), ParEGO: the augmented Chebyshev norm with random weights and its factor of 0.05.
pub(crate) fn scalarize(losses: &[Vec<f64>], n_objectives: usize, seed: u64) -> Vec<f64> {
    const AUGMENTATION: f64 = 0.05;
    // Exponential draws over their sum are uniform on the simplex.
    let draws: Vec<f64> = (0..n_objectives)
        .map(|objective| -random::share(seed, objective as u64, "weight").ln())
        .collect();
    let sum: f64 = draws.iter().sum();
    let ranges: Vec<(f64, f64)> = (0..n_objectives)
        .map(|objective| {
            let seen = losses
                .iter()
                .map(|row| row[objective])
                .filter(|loss| loss.is_finite());
            seen.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| {
                (low.min(loss), high.max(loss))
            })
        })
        .collect();
    losses
        .iter()
        .map(|row| {
            let weighted: Vec<f64> = (0..n_objectives)
                .map(|objective| {
                    let (low, high) = ranges[objective];
                    let width = if high > low { high - low } else { 1.0 };
                    draws[objective] / sum * (row[objective] - low) / width
                })
                .collect();
            if weighted.iter().any(|loss| !loss.is_finite()) {
                return f64::NAN;
            }
            let worst = weighted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            worst + AUGMENTATION * weighted.iter().sum::<f64>()
        })
        .collect()
}
