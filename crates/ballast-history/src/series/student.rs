//! Quantiles of Student's t distribution.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The 97.5 % quantile of the normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// From here on the expansion in 1 / ν is as exact.
const MANY: u32 = 200;

/// The 97.5 % quantile of Student's t distribution, by which the 95 % interval of a mean is its standard error to both
/// sides; to 12 digits. NaN for no degree of freedom.
///
/// # Source
/// Abramowitz & Stegun (1964), 26.7.3 and 26.7.4: the distribution for whole degrees of freedom; 26.7.5: the expansion for
/// many.
pub(super) fn quantile_975(degrees: u32) -> f64 {
    match degrees {
        0 => f64::NAN,
        1..MANY => {
            // The probability between -t and t grows with the angle.
            let (mut low, mut high) = (0.0, FRAC_PI_2);
            for _ in 0..60 {
                let middle = f64::midpoint(low, high);
                if central_probability(degrees, middle) < 0.95 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            f64::from(degrees).sqrt() * low.tan()
        }
        _ => {
            let x = NORMAL;
            let n = f64::from(degrees);
            let x2 = x * x;
            let terms = [
                (x2 + 1.0) / 4.0,
                ((5.0 * x2 + 16.0) * x2 + 3.0) / 96.0,
                (((3.0 * x2 + 19.0) * x2 + 17.0) * x2 - 15.0) / 384.0,
                ((((79.0 * x2 + 776.0) * x2 + 1482.0) * x2 - 1920.0) * x2 - 945.0) / 92160.0,
            ];
            let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) / n);
            x + x * series
        }
    }
}

/// The probability between -t and t, of t = tan(angle) * sqrt(degrees).
fn central_probability(degrees: u32, angle: f64) -> f64 {
    let (sin, cos) = angle.sin_cos();
    // Of odd degrees, the series are of odd powers of the cosine.
    let is_odd = degrees % 2 == 1;
    let mut term = if is_odd { cos } else { 1.0 };
    let mut sum = 0.0;
    for power in (u32::from(is_odd)..degrees.saturating_sub(1)).step_by(2) {
        sum += term;
        let power = f64::from(power);
        term *= (power + 1.0) / (power + 2.0) * cos * cos;
    }
    if is_odd {
        FRAC_2_PI * (angle + sin * sum)
    } else {
        sin * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against tables of 10 digits.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, expected) in [
            (1, 12.706_204_736_2),
            (2, 4.302_652_729_7),
            (3, 3.182_446_305_3),
            (4, 2.776_445_105_2),
            (5, 2.570_581_835_6),
            (10, 2.228_138_852_0),
            (30, 2.042_272_456_3),
            (100, 1.983_971_518_5),
            (1000, 1.962_339_080_8),
        ] {
            let found = quantile_975(degrees);
            assert!((found - expected).abs() < 1e-9, "{degrees}: {found}");
        }
        assert!(quantile_975(0).is_nan());
    }

    #[test]
    fn quantiles_fall_to_that_of_the_normal_distribution() {
        let quantiles: Vec<f64> = (1..1000).map(quantile_975).collect();
        assert!(quantiles.is_sorted_by(|a, b| a > b));
        assert!((quantile_975(u32::MAX) - NORMAL).abs() < 1e-8);
    }
}
