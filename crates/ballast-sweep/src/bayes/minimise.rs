//! A quasi-Newton method for smooth functions in a box.
//!
//! # Sources
//! Nocedal & Wright (2006), Numerical optimization, chapter 7 (limited memory BFGS); Bertsekas (1982), Projected Newton
//! methods for optimization problems with simple constraints (the variables at a bound).

use super::linalg::{add_scaled, dot};

/// Pairs of steps that the curvature is estimated from.
const MEMORY: usize = 8;

/// A smooth function: its value, with its gradient written into the second argument.
pub(super) trait Function {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64;
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Function for F {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self(x, gradient)
    }
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Evaluations at most.
    pub(super) evaluations: usize,
    /// A step that gains less than this ends it.
    pub(super) gain: f64,
}

/// Goes down from `x` inside of `bounds` (lower, upper); returns the value where it ends and leaves `x` there.
///
/// Values that are no number count as infinite. The result is never above the value at the start.
pub(super) fn minimise(
    function: &mut impl Function,
    x: &mut [f64],
    bounds: &[(f64, f64)],
    effort: Effort,
) -> f64 {
    let n = x.len();
    for (x, (lower, upper)) in x.iter_mut().zip(bounds) {
        *x = x.clamp(*lower, *upper);
    }
    let mut gradient = vec![0.0; n];
    let mut value = evaluate(function, x, &mut gradient);
    let mut evaluations = 1;
    let mut pairs: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    let mut next = vec![0.0; n];
    let mut next_gradient = vec![0.0; n];
    while evaluations < effort.evaluations && value.is_finite() {
        let free: Vec<bool> = (0..n)
            .map(|i| {
                let (lower, upper) = bounds[i];
                !(x[i] <= lower && gradient[i] > 0.0 || x[i] >= upper && gradient[i] < 0.0)
            })
            .collect();
        let mut direction = descent(&gradient, &free, &pairs);
        let mut slope = dot(&direction, &gradient);
        if !(slope < 0.0) {
            pairs.clear();
            direction = descent(&gradient, &free, &pairs);
            slope = dot(&direction, &gradient);
            if !(slope < 0.0) {
                break;
            }
        }
        let mut step = if pairs.is_empty() {
            // Without curvature the length of the gradient means nothing: go a tenth of the box at most.
            let reach = direction
                .iter()
                .zip(bounds)
                .map(|(d, (lower, upper))| d.abs() / (upper - lower).max(f64::MIN_POSITIVE))
                .fold(0.0, f64::max);
            (0.1 / reach).min(1.0)
        } else {
            1.0
        };
        let before = value;
        let mut improved = false;
        while evaluations < effort.evaluations {
            for i in 0..n {
                let (lower, upper) = bounds[i];
                next[i] = (x[i] + step * direction[i]).clamp(lower, upper);
            }
            let next_value = evaluate(function, &next, &mut next_gradient);
            evaluations += 1;
            let expected: f64 = (0..n).map(|i| gradient[i] * (next[i] - x[i])).sum();
            if next_value <= value + 1e-4 * expected && next_value < value {
                let step: Vec<f64> = (0..n).map(|i| next[i] - x[i]).collect();
                let change: Vec<f64> = (0..n).map(|i| next_gradient[i] - gradient[i]).collect();
                if dot(&step, &change) > 1e-10 * dot(&change, &change) {
                    if pairs.len() == MEMORY {
                        pairs.remove(0);
                    }
                    pairs.push((step, change));
                }
                x.copy_from_slice(&next);
                gradient.copy_from_slice(&next_gradient);
                value = next_value;
                improved = true;
                break;
            }
            // The minimum of the parabola through value, slope and next value, within a safe part of the step.
            let parabola = -slope * step * step / (2.0 * (next_value - value - slope * step));
            step = if parabola.is_finite() {
                parabola.clamp(0.1 * step, 0.5 * step)
            } else {
                0.1 * step
            };
            if step < 1e-12 {
                break;
            }
        }
        if !improved && !pairs.is_empty() {
            pairs.clear();
        } else if !improved || before - value < effort.gain {
            break;
        }
    }
    value
}

fn evaluate(function: &mut impl Function, x: &[f64], gradient: &mut [f64]) -> f64 {
    let value = function.evaluate(x, gradient);
    if value.is_nan() || gradient.iter().any(|g| !g.is_finite()) {
        f64::INFINITY
    } else {
        value
    }
}

/// The direction of the two-loop recursion over the free variables.
fn descent(gradient: &[f64], free: &[bool], pairs: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let mask = |vector: &[f64]| -> Vec<f64> {
        vector
            .iter()
            .zip(free)
            .map(|(value, free)| if *free { *value } else { 0.0 })
            .collect()
    };
    let mut direction = mask(gradient);
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(step, change)| (mask(step), mask(change)))
        .filter(|(step, change)| dot(step, change) > 1e-10 * dot(change, change))
        .filter(|(_, change)| dot(change, change) > 0.0)
        .collect();
    let mut factors = Vec::with_capacity(pairs.len());
    for (step, change) in pairs.iter().rev() {
        let factor = dot(step, &direction) / dot(step, change);
        add_scaled(&mut direction, -factor, change);
        factors.push(factor);
    }
    if let Some((step, change)) = pairs.last() {
        let scale = dot(step, change) / dot(change, change);
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for ((step, change), factor) in pairs.iter().zip(factors.iter().rev()) {
        let correction = factor - dot(change, &direction) / dot(step, change);
        add_scaled(&mut direction, correction, step);
    }
    direction.iter_mut().for_each(|d| *d = -*d);
    direction
}

#[cfg(test)]
mod tests {
    use super::*;

    const EFFORT: Effort = Effort {
        evaluations: 200,
        gain: 1e-12,
    };

    fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        gradient[0] = -2.0 * a - 400.0 * x[0] * b;
        gradient[1] = 200.0 * b;
        a * a + 100.0 * b * b
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let mut x = [-1.2, 1.0];
        let value = minimise(&mut rosenbrock, &mut x, &[(-2.0, 2.0); 2], EFFORT);
        assert!(value < 1e-8, "{value} at {x:?}");
    }

    #[test]
    fn a_minimum_at_the_border_is_found() {
        let mut x = [-1.2, 1.0];
        let value = minimise(&mut rosenbrock, &mut x, &[(-2.0, 0.5), (-2.0, 2.0)], EFFORT);
        assert!(
            (x[0] - 0.5).abs() < 1e-9 && (x[1] - 0.25).abs() < 1e-4,
            "{x:?}"
        );
        assert!((value - 0.25).abs() < 1e-6, "{value}");
    }

    #[test]
    fn what_is_no_number_ends_it_where_it_began() {
        let mut x = [0.3];
        let value = minimise(
            &mut |_: &[f64], _: &mut [f64]| f64::NAN,
            &mut x,
            &[(0.0, 1.0)],
            EFFORT,
        );
        assert!(value.is_infinite() && (x[0] - 0.3).abs() < 1e-15);
    }
}
