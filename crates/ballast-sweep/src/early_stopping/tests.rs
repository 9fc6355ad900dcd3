use super::{Asha, Bands, EarlyTerminate, Hyperband, Median, Progress, Rule, Stop};
use crate::{Goal, Impute, Metric};

fn metric(goal: Goal) -> Metric {
    Metric {
        name: "loss".to_owned(),
        goal,
        target: None,
        impute: Impute::Worst,
        impute_while_running: None,
    }
}

/// What a rule says of curves that all belong to running runs.
fn decide(rule: EarlyTerminate, goal: Goal, curves: &[Vec<f64>]) -> Vec<Stop> {
    let running: Vec<(Vec<f64>, bool)> = curves.iter().map(|curve| (curve.clone(), true)).collect();
    decide_among(rule, goal, &running)
}

fn decide_among(rule: EarlyTerminate, goal: Goal, curves: &[(Vec<f64>, bool)]) -> Vec<Stop> {
    let runs: Vec<(Progress, bool)> = curves
        .iter()
        .map(|(curve, is_running)| {
            let mut progress = rule.progress(goal);
            for value in curve {
                progress.push(*value);
            }
            (progress, *is_running)
        })
        .collect();
    let borrowed: Vec<(&Progress, bool)> =
        runs.iter().map(|(run, running)| (run, *running)).collect();
    rule.decide(&metric(goal), &borrowed)
}

fn stopped(stops: &[Stop]) -> Vec<usize> {
    stops.iter().map(|stop| stop.run).collect()
}

fn hyperband(bands: Bands, eta: f64, strict: bool) -> EarlyTerminate {
    EarlyTerminate::Hyperband(Hyperband { bands, eta, strict })
}

#[test]
fn bands_are_powers() {
    let from = |min_iter, eta| hyperband(Bands::From { min_iter }, eta, true).bands();
    assert_eq!(from(3, 3.0)[..4], [3, 9, 27, 81]);
    assert_eq!(from(1, 1.5)[..6], [1, 2, 3, 5, 7, 11]);
    assert_eq!(*from(1, 2.0).last().expect("a band"), 1 << 39);
    assert!(from(1, 1.000_000_1).len() <= 1_000);
    let up_to = |max_iter, s| hyperband(Bands::UpTo { max_iter, s }, 3.0, true).bands();
    assert_eq!(up_to(27, 2), [3, 9]);
    assert_eq!(up_to(100, 9), [1, 3, 11, 33]);
    assert_eq!(up_to(2, 5), Vec::<u64>::new());
    let asha = Asha {
        min_iter: 2,
        max_iter: Some(32),
        eta: 4.0,
        min_runs: 1,
    };
    assert_eq!(EarlyTerminate::Asha(asha).bands(), [2, 8]);
    let median = Median {
        min_iter: 5,
        interval: 10,
        min_runs: 1,
    };
    let checks = EarlyTerminate::Median(median).bands();
    assert_eq!(checks[..4], [5, 15, 25, 35]);
    assert!(*checks.last().expect("a check") > 1_000_000_000 && checks.len() <= 1_000);
}

#[test]
fn hyperband_stops_what_is_worse_than_its_part_of_the_values() {
    let rule = hyperband(Bands::From { min_iter: 2 }, 3.0, true);
    // At iteration 2: 0.1, 0.2, .., 0.6; the value at position 6 / 3 is 0.3.
    let curves: Vec<Vec<f64>> = (1..=6)
        .map(|n| vec![9.0, f64::from(n) / 10.0, 0.0])
        .collect();
    let stops = decide(rule, Goal::Minimize, &curves);
    assert_eq!(stopped(&stops), [3, 4, 5]);
    assert_eq!(
        stops[0],
        Stop {
            run: 3,
            rule: Rule::Hyperband,
            metric: "loss".to_owned(),
            goal: Goal::Minimize,
            band: 2,
            iteration: 3,
            value: 0.4,
            threshold: 0.3,
            n_compared: 6,
        }
    );
    assert_eq!(
        stops[0].to_string(),
        "hyperband: `loss` was 0.4 at iteration 2, expected at most 0.3 from 6 runs"
    );
    // Without `strict` the best value so far counts, which is 0 for all.
    let lenient = hyperband(Bands::From { min_iter: 2 }, 3.0, false);
    assert_eq!(decide(lenient, Goal::Minimize, &curves), []);
    let upside_down: Vec<Vec<f64>> = curves
        .iter()
        .map(|curve| curve.iter().map(|value| -value).collect())
        .collect();
    let stops = decide(rule, Goal::Maximize, &upside_down);
    assert_eq!(stopped(&stops), [3, 4, 5]);
    assert!(stops[0].to_string().contains("expected at least -0.3"));
}

#[test]
fn only_running_runs_are_stopped_and_all_are_compared() {
    let rule = hyperband(Bands::From { min_iter: 1 }, 2.0, true);
    let curves = [
        (vec![0.1], false),
        (vec![0.2], false),
        (vec![0.3], true),
        (vec![0.4], false),
    ];
    // Position 4 / 2 is 0.3 itself.
    assert_eq!(decide_among(rule, Goal::Minimize, &curves), []);
    let curves = [(vec![0.1], false), (vec![0.2], false), (vec![0.3], true)];
    assert_eq!(stopped(&decide_among(rule, Goal::Minimize, &curves)), [2]);
}

#[test]
fn a_run_is_judged_by_the_last_band_it_reached() {
    let rule = hyperband(Bands::From { min_iter: 1 }, 3.0, true);
    // The last is the worst at the first band, and alone at the second.
    let curves = [vec![0.1], vec![0.2], vec![9.0, 9.0, 9.0]];
    assert_eq!(decide(rule, Goal::Minimize, &curves), []);
}

#[test]
fn values_that_are_no_numbers_are_not_iterations() {
    let rule = hyperband(Bands::From { min_iter: 2 }, 2.0, true);
    let curves = [
        vec![1.0, f64::NAN, f64::INFINITY],
        vec![1.0, f64::NAN, 1.0],
        vec![2.0, 2.0],
    ];
    // The first has not reached the band.
    assert_eq!(
        stopped(&decide(rule, Goal::Minimize, &curves)),
        Vec::<usize>::new()
    );
    let curves = [
        vec![1.0, f64::NAN],
        vec![1.0, 1.0],
        vec![1.0, 1.0],
        vec![2.0, 2.0],
    ];
    let stops = decide(rule, Goal::Minimize, &curves);
    assert_eq!(stopped(&stops), [3]);
    assert_eq!(stops[0].n_compared, 3);
}

#[test]
fn asha_lets_one_in_eta_go_on() {
    let rule = |min_runs| {
        EarlyTerminate::Asha(Asha {
            min_iter: 1,
            max_iter: Some(3),
            eta: 3.0,
            min_runs,
        })
    };
    let curves: Vec<Vec<f64>> = (1..=7).map(|n| vec![f64::from(n)]).collect();
    assert_eq!(
        stopped(&decide(rule(3), Goal::Minimize, &curves)),
        [2, 3, 4, 5, 6]
    );
    assert_eq!(decide(rule(8), Goal::Minimize, &curves), []);
    // The best of two goes on.
    assert_eq!(stopped(&decide(rule(1), Goal::Minimize, &curves[..2])), [1]);
    // Who is at the end is not stopped any more.
    let done: Vec<Vec<f64>> = (1..=7).map(|n| vec![f64::from(n); 3]).collect();
    assert_eq!(decide(rule(1), Goal::Minimize, &done), []);
}

#[test]
fn the_median_is_of_the_means_of_the_others() {
    let rule = |min_runs| {
        EarlyTerminate::Median(Median {
            min_iter: 2,
            interval: 1,
            min_runs,
        })
    };
    // Means at iteration 2: 1, 2, 3, 4 for the first four.
    let mut curves: Vec<Vec<f64>> = (1..=4).map(|n| vec![f64::from(n), f64::from(n)]).collect();
    curves.push(vec![9.0, 2.6]);
    let stops = decide(rule(4), Goal::Minimize, &curves);
    // For run 2 the others have 1, 2, 4 and 5.8, and its best, 3, is their median.
    assert_eq!(stopped(&stops), [3, 4]);
    assert_eq!(
        stops[1].to_string(),
        "median: `loss` was 2.6 at iteration 2, expected at most 2.5 from 4 runs"
    );
    assert_eq!(decide(rule(5), Goal::Minimize, &curves), []);
}

#[test]
fn progress_does_not_grow_with_what_is_logged() {
    let rule = EarlyTerminate::Median(Median {
        min_iter: 1,
        interval: 1,
        min_runs: 1,
    });
    let mut progress = rule.progress(Goal::Minimize);
    for step in 0..1_000_000 {
        progress.push(f64::from(step));
    }
    assert!(progress.marks.len() < 1_000);
    assert_eq!(progress.n_values(), 1_000_000);
}
