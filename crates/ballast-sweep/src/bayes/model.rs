//! The model of a search: which transformation of the values and which smoothness explain the observations best.

use super::Dimension;
use super::fit::{Hyperparameters, Likelihood, Prior, Priors};
use super::kernel::Smoothness;
use super::knob;
use super::minimise::Effort;
use super::transform::{Targets, Values};

pub(super) struct Fitted {
    pub(super) hyperparameters: Hyperparameters,
    pub(super) targets: Vec<f64>,
}

fn priors(n_dims: usize) -> Priors {
    let n_dims = (n_dims as f64).max(1.0);
    Priors {
        length: Prior {
            mean: knob("LMEAN", std::f64::consts::SQRT_2) + 0.5 * n_dims.ln(),
            deviation: knob("LDEV", 1.732),
            bounds: (-4.6, 6.0),
        },
        variance: Prior {
            mean: knob("VMEAN", 0.0),
            deviation: knob("VDEV", 1.5),
            bounds: (-4.0, 8.0),
        },
        noise: Prior {
            mean: knob("NMEAN", -9.0),
            deviation: knob("NDEV", 3.0),
            bounds: (knob("NMIN", -18.0), 0.5),
        },
    }
}

pub(super) fn fit(dims: &[Dimension], points: &[&[f64]], values: &Values) -> Fitted {
    let likelihood = Likelihood::new(dims, points, priors(dims.len()));
    let effort = Effort {
        evaluations: knob("EVALS", 60.0) as usize,
        gain: knob("GAIN", 1e-3),
    };
    let mut best: Option<(f64, Hyperparameters, Targets)> = None;
    let widths: &[f64] = match knob("WIDTHS", 4.0) as usize {
        1 => &[f64::INFINITY],
        2 => &[f64::INFINITY, 1.0],
        3 => &[f64::INFINITY, 1.0, 0.1],
        5 => &[0.1],
        6 => &[1.0],
        _ => &[f64::INFINITY, 1.0, 0.1, 0.01],
    };
    let smooth: &[Smoothness] = match knob("SMOOTH", 3.0) as usize {
        1 => &[Smoothness::Matern52],
        2 => &[Smoothness::Analytic],
        _ => &[Smoothness::Matern52, Smoothness::Analytic],
    };
    for width in widths {
        let targets = values.targets(*width);
        for smoothness in smooth {
            let mut starts = vec![likelihood.start()];
            if knob("STARTS", 2.0) > 1.0 {
                let mut short = likelihood.start();
                let n = dims.len();
                for l in &mut short[..n] {
                    *l = -0.7 + 0.5 * (n as f64).ln();
                }
                starts.push(short);
            }
            for start in starts {
                let fitted = likelihood.maximise(*smoothness, &targets.targets, &start, effort);
                let loss = fitted.loss + targets.cost;
                if best.as_ref().is_none_or(|(other, ..)| loss < *other) {
                    best = Some((
                        loss,
                        fitted,
                        Targets {
                            targets: targets.targets.clone(),
                            cost: 0.0,
                        },
                    ));
                }
            }
        }
    }
    let (_, hyperparameters, targets) = best.expect("an infinite loss is a loss");
    Fitted {
        hyperparameters,
        targets: targets.targets,
    }
}
