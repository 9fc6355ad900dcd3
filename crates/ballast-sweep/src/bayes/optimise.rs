//! Where the acquisition is highest.

use super::Dimension;
use super::acquisition::Acquisition;
use super::knob;
use super::lattice::Taken;
use super::minimise::{Effort, minimise};
use super::rng::Rng;
use super::sobol::Sobol;

/// Discrete spaces up to this size are looked through point by point.
const ALL_POINTS: u64 = 2_000;

struct Scored {
    point: Vec<f64>,
    score: f64,
}

pub(super) fn maximise(
    acquisition: &Acquisition<'_>,
    dims: &[Dimension],
    incumbents: &[&[f64]],
    taken: &Taken<'_>,
    rng: &mut Rng,
) -> Option<Vec<f64>> {
    let score = |point: Vec<f64>| Scored {
        score: acquisition.value(&point),
        point,
    };
    if let Some(free) = taken.all_free(ALL_POINTS) {
        return best(free.into_iter().map(score).collect()).map(|scored| scored.point);
    }
    let n_random = knob("NRANDOM", 300.0) as u32;
    let sobol = Sobol::new(dims.len(), rng.next_u64());
    let mut scored: Vec<Scored> = (0..n_random)
        .map(|index| {
            dims.iter()
                .zip(sobol.point(index))
                .map(|(dim, uniform)| dim.draw(uniform))
                .collect()
        })
        .map(score)
        .collect();
    let n_local = knob("NLOCAL", 40.0) as usize;
    for incumbent in incumbents {
        for number in 0..n_local {
            let scale = 0.3 * 0.5_f64.powi((number % 8) as i32);
            scored.push(score(perturb(dims, incumbent, scale, rng)));
        }
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    let n_starts = knob("NSTARTS", 5.0) as usize;
    let mut starts: Vec<Vec<f64>> = Vec::new();
    for candidate in &scored {
        if starts.len() >= n_starts {
            break;
        }
        if starts
            .iter()
            .all(|s| distance(dims, s, &candidate.point) > knob("APART", 0.01))
        {
            starts.push(candidate.point.clone());
        }
    }
    let mut results: Vec<Scored> = starts
        .into_iter()
        .map(|start| ascend(acquisition, dims, start, taken))
        .collect();
    results.extend(scored);
    results.sort_by(|a, b| b.score.total_cmp(&a.score));
    results
        .into_iter()
        .map(|scored| scored.point)
        .find(|point| !taken.contains(point))
        .or_else(|| taken.any_free(rng))
}

fn best(scored: Vec<Scored>) -> Option<Scored> {
    scored.into_iter().reduce(|best, other| {
        if other.score > best.score {
            other
        } else {
            best
        }
    })
}

fn distance(dims: &[Dimension], a: &[f64], b: &[f64]) -> f64 {
    dims.iter()
        .zip(a.iter().zip(b))
        .map(|(dim, (a, b))| super::kernel::squared_difference(dim, *a, *b))
        .sum::<f64>()
        .sqrt()
}

fn perturb(dims: &[Dimension], point: &[f64], scale: f64, rng: &mut Rng) -> Vec<f64> {
    let n = dims.len();
    let p = (3.0 / n as f64).clamp(0.2, 1.0);
    let always = rng.below(n);
    (0..n)
        .map(|k| {
            if k != always && rng.uniform() > p {
                return point[k];
            }
            match &dims[k] {
                Dimension::Continuous => (point[k] + scale * rng.normal()).clamp(0.0, 1.0),
                dim @ Dimension::Ordered(values) => {
                    let moved = dim.index(point[k] + scale * rng.normal());
                    let old = dim.index(point[k]);
                    if moved == old && k == always {
                        let up = rng.uniform() < 0.5;
                        let next = if up { old + 1 } else { old.saturating_sub(1) };
                        dim.coordinate(next.min(values.len().saturating_sub(1)))
                    } else {
                        dim.coordinate(moved)
                    }
                }
                Dimension::Categorical { n_values } => {
                    if k == always || rng.uniform() < scale {
                        rng.below(*n_values) as f64
                    } else {
                        point[k]
                    }
                }
            }
        })
        .collect()
}

fn ascend(
    acquisition: &Acquisition<'_>,
    dims: &[Dimension],
    mut point: Vec<f64>,
    taken: &Taken<'_>,
) -> Scored {
    let continuous = dims.iter().any(|dim| matches!(dim, Dimension::Continuous));
    let ordered = dims.iter().any(|dim| matches!(dim, Dimension::Ordered(_)));
    let discrete = dims.iter().any(|dim| !matches!(dim, Dimension::Continuous));
    if ordered {
        let relaxed = climb(acquisition, dims, &point, true);
        let snapped = super::lattice::snap(dims, &relaxed);
        if acquisition.value(&snapped) > acquisition.value(&point) {
            point = snapped;
        }
    }
    let mut score = acquisition.value(&point);
    for _ in 0..3 {
        let before = score;
        if continuous {
            point = climb(acquisition, dims, &point, false);
            score = acquisition.value(&point);
        }
        if !discrete || !walk(acquisition, dims, &mut point, &mut score, taken) {
            break;
        }
        if score - before < 1e-3 {
            break;
        }
    }
    Scored { point, score }
}

/// One round over the discrete dimensions: each to its best value, given the others.
fn walk(
    acquisition: &Acquisition<'_>,
    dims: &[Dimension],
    point: &mut Vec<f64>,
    score: &mut f64,
    taken: &Taken<'_>,
) -> bool {
    let mut moved = false;
    for (k, dim) in dims.iter().enumerate() {
        let Some(n_values) = dim.n_values() else {
            continue;
        };
        let at = dim.index(point[k]);
        let indices: Vec<usize> = if n_values <= 16 {
            (0..n_values).filter(|i| *i != at).collect()
        } else {
            let mut v = Vec::new();
            let mut s = 1;
            while s < n_values {
                if at >= s {
                    v.push(at - s);
                }
                if at + s < n_values {
                    v.push(at + s);
                }
                s *= 2;
            }
            v
        };
        for index in indices {
            let old = point[k];
            point[k] = dim.coordinate(index);
            let value = acquisition.value(point);
            if value > *score && !taken.contains(point) {
                *score = value;
                moved = true;
            } else {
                point[k] = old;
            }
        }
    }
    moved
}

fn climb(
    acquisition: &Acquisition<'_>,
    dims: &[Dimension],
    start: &[f64],
    relax: bool,
) -> Vec<f64> {
    let bounds: Vec<(f64, f64)> = dims
        .iter()
        .zip(start)
        .map(|(dim, x)| match dim {
            Dimension::Continuous => (0.0, 1.0),
            Dimension::Ordered(values) if relax && values.len() > 1 => {
                (values[0], values[values.len() - 1])
            }
            _ => (*x, *x),
        })
        .collect();
    let mut point = start.to_vec();
    let mut function = |x: &[f64], gradient: &mut [f64]| {
        let value = acquisition.value_with_gradient(x, gradient);
        gradient.iter_mut().for_each(|g| *g = -*g);
        -value
    };
    let effort = Effort {
        evaluations: knob("CLIMB", 40.0) as usize,
        gain: 1e-5,
    };
    minimise(&mut function, &mut point, &bounds, effort);
    point
}
