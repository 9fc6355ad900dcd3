use ballast_tracking::Smoothing;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorCode};

/// The greatest weight of an exponential moving average; with 1 the first point would count for ever.
const MAX_EMA_WEIGHT: f64 = 0.999;
/// The greatest window of a running mean.
const MAX_WINDOW: u32 = 1_000_000;

/// How curves are smoothed. All points count, whatever the range, so that zooming does not change a curve.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Smoothing)]
pub(crate) struct SmoothingBody {
    /// The kind of smoothing.
    kind: SmoothingKind,
    /// How much: for `time_weighted_ema` the weight, 0 to 1; for `ema` the weight, 0 to 0.999; for `gaussian` the standard
    /// deviation in points, 0 to 200; for `running_mean` the window in points, a whole number from 0 to 1,000,000. 0 changes
    /// nothing.
    parameter: f64,
}

/// A kind of smoothing.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SmoothingKind {
    /// An exponential moving average by distance in x.
    TimeWeightedEma,
    /// An exponential moving average by the count of points.
    Ema,
    /// A mean weighted by a Gaussian of the distance in points.
    Gaussian,
    /// The mean of a window of points around each.
    RunningMean,
}

impl SmoothingBody {
    pub(super) fn into_smoothing(self) -> Result<Smoothing, ApiError> {
        Ok(match self.kind {
            SmoothingKind::TimeWeightedEma => Smoothing::TimeWeightedEma {
                weight: self.parameter_up_to(1.0)?,
            },
            SmoothingKind::Ema => Smoothing::Ema {
                weight: self.parameter_up_to(MAX_EMA_WEIGHT)?,
            },
            SmoothingKind::Gaussian => Smoothing::Gaussian {
                std_dev: self.parameter_up_to(Smoothing::MAX_STD_DEV)?,
            },
            SmoothingKind::RunningMean => Smoothing::RunningMean {
                n_points: self.window()?,
            },
        })
    }

    fn parameter_up_to(self, max: f64) -> Result<f64, ApiError> {
        if (0.0..=max).contains(&self.parameter) {
            return Ok(self.parameter);
        }
        Err(self.refused(&format!("0 to {max}")))
    }

    fn window(self) -> Result<usize, ApiError> {
        let is_whole = self.parameter.fract() == 0.0;
        if is_whole && (0.0..=f64::from(MAX_WINDOW)).contains(&self.parameter) {
            return Ok(self.parameter as usize);
        }
        Err(self.refused(&format!("a whole number from 0 to {MAX_WINDOW}")))
    }

    fn refused(self, expected: &str) -> ApiError {
        let kind = self.kind.as_str();
        let message = format!(
            "`smoothing.parameter` of kind `{kind}` must be {expected}, got {}",
            self.parameter
        );
        ApiError::new(ErrorCode::InvalidValue, message)
    }
}

impl SmoothingKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::TimeWeightedEma => "time_weighted_ema",
            Self::Ema => "ema",
            Self::Gaussian => "gaussian",
            Self::RunningMean => "running_mean",
        }
    }
}
