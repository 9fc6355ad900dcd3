//! Which observations the model is made of when there are too many for all.
//!
//! The cost of a Gaussian process grows with the cube of the observations. What matters to the next point are the best
//! ones and what is around them; a few others, spread out, keep the model from taking the rest of the space for unknown.
//!
//! # Source
//! Snoek et al. (2015), Scalable Bayesian optimization using deep neural networks, section 1 (the cost). The choice is
//! ours, in the spirit of the local models of Eriksson et al. (2019), Scalable global optimization via local Bayesian
//! optimization.

use super::Dimension;
use super::kernel::squared_distance;

/// Of a very long history, how many are looked at in order to spread.
const POOL: usize = 2_000;

/// Indices of at most `limit` observations, ascending: half of them the best, a quarter the nearest to the best one, a
/// quarter as far apart as possible. `values` ranks: lower is better, NaN is worst.
pub(super) fn choose(
    dims: &[Dimension],
    points: &[&[f64]],
    values: &[f64],
    limit: usize,
) -> Vec<usize> {
    let n = points.len();
    if n <= limit {
        return (0..n).collect();
    }
    let mut rest: Vec<usize> = (0..n).collect();
    // The order of equals is that of the trials, so the choice is the same everywhere. NaN sorts last.
    rest.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    rest.sort_by_key(|index| values[*index].is_nan());
    let best = points[rest[0]];
    let mut chosen: Vec<usize> = rest.drain(..limit / 2).collect();

    let distance = |index: usize| squared_distance(dims, points[index], best);
    rest.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    chosen.extend(rest.drain(..limit / 4));

    let stride = rest.len().div_ceil(POOL);
    let pool: Vec<usize> = rest.into_iter().step_by(stride).collect();
    let to_chosen =
        |index: usize, other: usize| squared_distance(dims, points[index], points[other]);
    let mut nearest: Vec<f64> = pool
        .iter()
        .map(|index| {
            let distances = chosen.iter().map(|other| to_chosen(*index, *other));
            distances.fold(f64::INFINITY, f64::min)
        })
        .collect();
    while chosen.len() < limit {
        let farthest = (0..pool.len()).reduce(|a, b| if nearest[b] > nearest[a] { b } else { a });
        let Some(farthest) = farthest.filter(|index| nearest[*index] >= 0.0) else {
            break;
        };
        chosen.push(pool[farthest]);
        for (index, nearest) in pool.iter().zip(&mut nearest) {
            *nearest = nearest.min(to_chosen(*index, pool[farthest]));
        }
        // Below every distance, so that it is not chosen again.
        nearest[farthest] = -1.0;
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_all_taken() {
        let points: Vec<&[f64]> = vec![&[0.1], &[0.2]];
        assert_eq!(
            choose(&[Dimension::Continuous], &points, &[1.0, 2.0], 2),
            [0, 1]
        );
    }

    #[test]
    fn the_best_their_surroundings_and_the_corners_are_chosen() {
        let coordinates: Vec<[f64; 1]> = (0..1000).map(|i| [f64::from(i) / 999.0]).collect();
        let points: Vec<&[f64]> = coordinates.iter().map(|x| &x[..]).collect();
        let mut values: Vec<f64> = coordinates.iter().map(|x| (x[0] - 0.3).abs()).collect();
        values[7] = f64::NAN;
        let chosen = choose(&[Dimension::Continuous], &points, &values, 100);
        assert_eq!(chosen.len(), 100);
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            (275..325).all(|index| chosen.contains(&index)),
            "the best half"
        );
        assert!(chosen.contains(&999) && chosen.contains(&0), "{chosen:?}");
    }

    #[test]
    fn equal_points_are_no_reason_to_choose_one_twice() {
        let points: Vec<&[f64]> = vec![&[0.5]; 50];
        let chosen = choose(&[Dimension::Continuous], &points, &[f64::NAN; 50], 20);
        assert_eq!(chosen.len(), 20);
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
