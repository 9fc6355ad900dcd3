use proptest::prelude::*;
use serde_json::{Value, json};
use statrs::function::gamma::gamma_lr;

use super::{Continuous, Distribution, Quantum};
use crate::random::share;

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("a number, not {value}"))
}

fn quantized(base: Continuous, q: f64, is_integer: bool) -> Distribution {
    Distribution::Quantized(base, Quantum { q, is_integer })
}

/// Draws of a distribution, as a random search makes them.
fn draws(distribution: &Distribution, n_draws: u64) -> Vec<Value> {
    (0..n_draws)
        .map(|number| distribution.quantile(share(7, number, "p")))
        .collect()
}

/// The largest distance between the share of the draws below a value and the distribution function that is given
/// (Kolmogorov and Smirnov), times the root of the number of draws. It is above 1.95 once in 1,000 times if they agree.
fn distance(distribution: &Distribution, reference: impl Fn(f64) -> f64) -> f64 {
    let mut values: Vec<f64> = draws(distribution, 20_000).iter().map(number).collect();
    values.sort_by(f64::total_cmp);
    let n_values = values.len() as f64;
    let largest = values
        .iter()
        .enumerate()
        .fold(0.0_f64, |largest, (index, value)| {
            let share = reference(*value);
            largest
                .max((share - index as f64 / n_values).abs())
                .max(((index + 1) as f64 / n_values - share).abs())
        });
    largest * n_values.sqrt()
}

/// The sum of squared differences between how often each value was drawn and how often it should, over the latter.
fn chi_squared_share(counts: &[u64], expected: &[f64]) -> f64 {
    let n_draws: u64 = counts.iter().sum();
    let statistic: f64 = counts
        .iter()
        .zip(expected)
        .map(|(count, share)| {
            let expected = share * n_draws as f64;
            (*count as f64 - expected).powi(2) / expected
        })
        .sum();
    let degrees = (counts.len() - 1) as f64;
    gamma_lr(degrees / 2.0, statistic / 2.0)
}

/// The integral of a density by Simpson's rule.
fn integral(density: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    const N_STEPS: u32 = 2_000;
    let width = (to - from) / f64::from(N_STEPS);
    let sum: f64 = (0..=N_STEPS)
        .map(|step| {
            let weight = match step {
                0 | N_STEPS => 1.0,
                _ if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * density(width.mul_add(f64::from(step), from))
        })
        .sum();
    sum * width / 3.0
}

fn normal_density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[test]
fn draws_follow_their_distribution_function() {
    type Reference = Box<dyn Fn(f64) -> f64>;
    let of = Distribution::Continuous;
    let cases: Vec<(Distribution, Reference)> = vec![
        (
            of(Continuous::Uniform {
                min: -5.0,
                max: 10.0,
            }),
            Box::new(|x| (x + 5.0) / 15.0),
        ),
        (
            of(Continuous::LogUniform {
                min: 1e-5,
                max: 10.0,
            }),
            Box::new(|x| (x.log10() + 5.0) / 6.0),
        ),
        (
            of(Continuous::Normal {
                mu: 3.0,
                sigma: 2.0,
            }),
            Box::new(|x| integral(normal_density, -9.0, (x - 3.0) / 2.0)),
        ),
        (
            of(Continuous::LogNormal {
                mu: 1.0,
                sigma: 0.5,
            }),
            Box::new(|x| integral(normal_density, -9.0, (x.ln() - 1.0) / 0.5)),
        ),
        // The normalisation of the beta distribution for 2 and 5 is 1 / 30.
        (
            of(Continuous::Beta { a: 2.0, b: 5.0 }),
            Box::new(|x| integral(|t| 30.0 * t * (1.0 - t).powi(4), 0.0, x)),
        ),
    ];
    for (distribution, reference) in cases {
        let distance = distance(&distribution, reference);
        assert!(distance < 1.95, "{distribution:?} is {distance} off");
    }
}

#[test]
fn draws_of_discrete_values_are_as_frequent_as_they_should_be() {
    let weighted = Distribution::Categorical {
        values: vec![json!("a"), json!("b"), json!("c")],
        probabilities: Some(vec![0.1, 0.6, 0.3]),
    };
    let listed = Distribution::Categorical {
        values: vec![json!(1), json!("b"), Value::Null, json!({"k": 1})],
        probabilities: None,
    };
    let integers = Distribution::IntUniform { min: -2, max: 4 };
    // The outermost multiples have half a step each.
    let steps = quantized(Continuous::Uniform { min: 0.0, max: 2.0 }, 0.5, false);
    let cases = [
        (weighted, vec![0.1, 0.6, 0.3]),
        (listed, vec![0.25; 4]),
        (integers, vec![1.0 / 7.0; 7]),
        (steps, vec![0.125, 0.25, 0.25, 0.25, 0.125]),
    ];
    for (distribution, expected) in cases {
        let mut counts = vec![0; expected.len()];
        for value in draws(&distribution, 20_000) {
            let index = (0..expected.len() as u64)
                .find(|&index| distribution.value_at(index) == value)
                .unwrap_or_else(|| panic!("{value} is none of {distribution:?}"));
            counts[index as usize] += 1;
        }
        let share = chi_squared_share(&counts, &expected);
        assert!(share < 0.999, "{distribution:?} was drawn {counts:?}");
    }
}

#[test]
fn quantized_draws_are_the_rounded_ones() {
    let base = Continuous::LogUniform {
        min: 1.0,
        max: 300.0,
    };
    let distribution = quantized(base, 8.0, true);
    for number in 0..1_000 {
        let u = share(1, number, "q");
        let expected = ((base.quantile(u) / 8.0).round_ties_even() * 8.0).clamp(8.0, 296.0);
        assert_eq!(distribution.quantile(u), json!(expected as i64));
    }
}

#[test]
fn steps_are_clean_and_keep_their_kind() {
    let tenths = quantized(Continuous::Uniform { min: 0.0, max: 1.0 }, 0.1, false);
    assert_eq!(tenths.n_values(), Some(11));
    assert_eq!(tenths.value_at(3), json!(0.3));
    assert_eq!(tenths.value_at(10), json!(1.0));
    let integers = quantized(
        Continuous::Normal {
            mu: 0.0,
            sigma: 1.0,
        },
        1.0,
        true,
    );
    assert_eq!(integers.quantile(0.4), json!(0));
    assert_eq!(integers.quantile(0.975), json!(2));
    let floats = quantized(
        Continuous::Normal {
            mu: 0.0,
            sigma: 1.0,
        },
        1.0,
        false,
    );
    assert_eq!(floats.quantile(0.4).to_string(), "0.0");
    // No multiple of 5 is inside: the nearest ones are drawn.
    let outside = quantized(Continuous::Uniform { min: 1.0, max: 3.0 }, 5.0, true);
    assert_eq!(outside.quantile(0.01), json!(0));
    assert_eq!(outside.quantile(0.99), json!(5));
}

#[test]
fn the_ends_are_finite() {
    let distributions = [
        Continuous::Uniform {
            min: -f64::MAX,
            max: f64::MAX,
        },
        Continuous::LogUniform {
            min: f64::MIN_POSITIVE,
            max: f64::MAX,
        },
        Continuous::Normal {
            mu: 0.0,
            sigma: 1.0,
        },
        Continuous::LogNormal {
            mu: 0.0,
            sigma: 1.0,
        },
        Continuous::Beta {
            a: 0.01,
            b: 10_000.0,
        },
    ];
    for base in distributions {
        for u in [0.0, 1e-300, 0.5, 1.0 - f64::EPSILON, 1.0] {
            let value = base.quantile(u);
            assert!(value.is_finite(), "{base:?} at {u} is {value}");
            assert!(base.cdf(value).is_finite(), "{base:?} at {u}");
        }
    }
    let widest = Distribution::IntUniform {
        min: i64::MIN,
        max: i64::MAX,
    };
    assert_eq!(widest.quantile(0.0), json!(i64::MIN));
    assert_eq!(widest.quantile(1.0), json!(i64::MAX));
}

#[test]
fn what_is_no_value_has_no_share() {
    let integers = Distribution::IntUniform { min: 1, max: 4 };
    assert_eq!(integers.cdf(&json!(2.0)), Some(0.375));
    assert_eq!(integers.cdf(&json!(9)), Some(0.875));
    assert_eq!(integers.cdf(&json!("2")), None);
    assert!(integers.contains(&json!(2.0)) && !integers.contains(&json!(2.5)));
    let list = Distribution::Categorical {
        values: vec![json!({"k": 1}), json!(3)],
        probabilities: None,
    };
    assert_eq!(list.cdf(&json!(3.0)), Some(0.75));
    assert_eq!(list.cdf(&json!({"k": 1.0, "more": 2})), Some(0.25));
    assert_eq!(list.cdf(&json!({"more": 2})), None);
}

fn continuous() -> impl Strategy<Value = Continuous> {
    prop_oneof![
        (-1e6..1e6, 1e-3..1e6).prop_map(|(min, width)| Continuous::Uniform {
            min,
            max: min + width
        }),
        (-20.0..20.0, 0.01..20.0).prop_map(|(min, width): (f64, f64)| Continuous::LogUniform {
            min: min.exp(),
            max: (min + width).exp()
        }),
        (-1e3..1e3, 1e-3..1e3).prop_map(|(mu, sigma)| Continuous::Normal { mu, sigma }),
        (-10.0..10.0, 0.01..10.0).prop_map(|(mu, sigma)| Continuous::LogNormal { mu, sigma }),
        (0.1..50.0, 0.1..50.0).prop_map(|(a, b)| Continuous::Beta { a, b }),
    ]
}

pub(crate) fn any_distribution() -> impl Strategy<Value = Distribution> {
    let value = || {
        prop_oneof![
            any::<i32>().prop_map(Value::from),
            (-1e3..1e3).prop_map(Value::from),
            "[a-z]{0,3}".prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(json!({"k": [1, 2.5]})),
        ]
    };
    prop_oneof![
        value().prop_map(Distribution::Constant),
        proptest::collection::vec((value(), 0.01..1.0), 1..6).prop_map(|pairs| {
            let sum: f64 = pairs.iter().map(|(_, weight)| weight).sum();
            let (values, weights): (Vec<Value>, Vec<f64>) = pairs.into_iter().unzip();
            let probabilities = weights.into_iter().map(|weight| weight / sum).collect();
            Distribution::Categorical {
                values,
                probabilities: Some(probabilities),
            }
        }),
        proptest::collection::vec(value(), 1..6).prop_map(|values| Distribution::Categorical {
            values,
            probabilities: None
        }),
        (-1000_i64..1000, 1_i64..5000).prop_map(|(min, width)| Distribution::IntUniform {
            min,
            max: min + width
        }),
        continuous().prop_map(Distribution::Continuous),
        (
            continuous(),
            prop_oneof![
                Just((1.0, true)),
                Just((0.1, false)),
                Just((0.25, false)),
                Just((8.0, true))
            ]
        )
            .prop_map(|(base, (q, is_integer))| quantized(base, q, is_integer)),
    ]
}

proptest! {
    #[test]
    fn values_are_inside_and_come_back(distribution in any_distribution(), u in 0.001..0.999) {
        let value = distribution.quantile(u);
        prop_assert!(distribution.contains(&value), "{} is outside", value);
        let share = distribution.cdf(&value).expect("a share");
        prop_assert!((0.0..=1.0).contains(&share));
        let again = distribution.quantile(share);
        match (value.as_f64(), again.as_f64()) {
            // The share of a float is itself rounded: what comes back has as many digits as the share resolves.
            (Some(value), Some(again)) if !matches!(distribution, Distribution::Categorical { .. }) => {
                let tolerance = 1e-9 * (1.0 + value.abs());
                let shares = (distribution.cdf(&json!(again)).expect("a share") - share).abs();
                prop_assert!((value - again).abs() <= tolerance || shares < 1e-12, "{} came back as {}", value, again);
            }
            _ => prop_assert!(super::same(&value, &again), "{} came back as {}", value, again),
        }
    }

    #[test]
    fn the_quantile_never_falls(base in continuous(), left in 0.0..1.0, right in 0.0..1.0) {
        let (low, high) = if left < right { (left, right) } else { (right, left) };
        prop_assert!(base.quantile(low) <= base.quantile(high));
    }
}
