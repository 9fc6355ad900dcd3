//! Smoothing over all points of a curve.

/// W&B scales the distance of two points to a chart this wide before it weighs them.
///
/// Its page shows the code with the constant's name; the number is the one that programs which reproduce its charts use.
const VIEWPORT_SCALE: f64 = 1000.0;

/// The largest weight of an average, as in W&B and TensorBoard: with 1 the first point would count for ever.
const MAX_WEIGHT: f64 = 0.999;

/// Weights further away than so many standard deviations count as nothing, which cuts off 0.006 % of the weight.
const GAUSSIAN_REACH: f64 = 4.0;

/// How a curve is smoothed.
///
/// Smoothing runs over all points of the curve in the order of x, points of equal x in line order, whatever range is asked
/// for. So zooming does not change the curve. Points whose y is not finite stay as they are and do not count for others.
/// The smoothed y are never outside the least and greatest y of the curve, but for rounding.
///
/// # Source
/// <https://docs.wandb.ai/models/app/features/panels/line-plot/smoothing>, read in 2026.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smoothing {
    /// The time-weighted exponential moving average, W&B's default.
    ///
    /// With `w = min(sqrt(weight), 0.999)`, the weight of a point falls by `w ** d` to a later point, where `d` is their
    /// distance in x in thousandths of the x extent of the curve: of its points with a finite y, from least to greatest
    /// x. W&B takes the extent of the chart instead, so that its curves change as one zooms. The average is divided by the
    /// sum of the weights, so it is not drawn towards zero. Where all x are equal, `d` is 0.
    TimeWeightedEma {
        /// From 0 to 1: less is 0, more is 1, NaN is 0. 0 changes nothing.
        weight: f64,
    },
    /// The exponential moving average by the count of points, as in TensorBoard: the weight of a point falls by `weight`
    /// to the next, and the average is divided by the sum of the weights.
    ///
    /// # Source
    /// TensorBoard, `tensorboard/components/vz_line_chart2/line-chart.ts`, `resmoothDataset`.
    Ema {
        /// From 0 to 0.999: less is 0, more is 0.999, NaN is 0. 0 changes nothing.
        weight: f64,
    },
    /// The mean weighted by a Gaussian of the distance in points, not in x, over the points before and after.
    ///
    /// The kernel reaches 4 standard deviations to both sides and is divided by the weights that fall on points, so
    /// nothing is made up beyond the ends. W&B's page gives no unit of the deviation; for a metric logged at even
    /// distances, points and x are the same but for the scale.
    Gaussian {
        /// The standard deviation in points, from 0 to 200: less is 0, more is 200, NaN is 0. 0 changes nothing.
        std_dev: f64,
    },
    /// The mean of a window of points around each: half of them before, half after, and of an even number one more before.
    /// At the ends the window is cut.
    RunningMean {
        /// How many points are in the window; 0 and 1 change nothing.
        n_points: usize,
    },
}

impl Smoothing {
    /// The greatest standard deviation of [`Smoothing::Gaussian`], which bounds its time.
    pub const MAX_STD_DEV: f64 = 200.0;

    /// Smooths the curve of points (`xs`, `ys`) in place.
    ///
    /// `xs` are finite and ascend; `ys` are as many, and may be of any kind. Takes time in proportion to the points, times
    /// the standard deviation for [`Smoothing::Gaussian`]; [`Smoothing::Gaussian`] and [`Smoothing::RunningMean`] need 8 bytes
    /// of memory a point, 16 for one that is not finite, the others none.
    ///
    /// ```
    /// use ballast_history::Smoothing;
    ///
    /// let mut ys = [1.0, 4.0, f64::NAN, 1.0];
    /// Smoothing::RunningMean { n_points: 3 }.apply(&[0.0, 1.0, 2.0, 3.0], &mut ys);
    /// assert_eq!(ys[..2], [2.5, 2.0]);
    /// assert!(ys[2].is_nan());
    /// assert_eq!(ys[3], 2.5);
    /// ```
    ///
    /// # Panics
    /// If `xs` and `ys` differ in length.
    pub fn apply(&self, xs: &[f64], ys: &mut [f64]) {
        assert_eq!(xs.len(), ys.len(), "each point has an x and a y");
        match *self {
            Self::TimeWeightedEma { weight } => {
                time_weighted_ema(xs, ys, bounded(weight, 1.0).sqrt().min(MAX_WEIGHT));
            }
            Self::Ema { weight } => ema(ys, bounded(weight, MAX_WEIGHT)),
            Self::Gaussian { std_dev } => {
                let std_dev = bounded(std_dev, Self::MAX_STD_DEV);
                among_finite(ys, |ys| gaussian(ys, std_dev));
            }
            Self::RunningMean { n_points } => among_finite(ys, |ys| running_mean(ys, n_points)),
        }
    }
}

/// Smooths those `ys` that are finite as if there were no others.
fn among_finite(ys: &mut [f64], smooth: impl FnOnce(&mut [f64])) {
    let n_finite = ys.iter().filter(|y| y.is_finite()).count();
    let mut others = Vec::with_capacity(ys.len() - n_finite);
    let mut end = 0;
    for at in 0..ys.len() {
        if ys[at].is_finite() {
            ys[end] = ys[at];
            end += 1;
        } else {
            others.push((at, ys[at]));
        }
    }
    smooth(&mut ys[..n_finite]);
    for at in (0..ys.len()).rev() {
        ys[at] = if let Some((_, y)) = others.pop_if(|(place, _)| *place == at) {
            y
        } else {
            end -= 1;
            ys[end]
        };
    }
}

/// A parameter from 0 to `max`; NaN is 0.
fn bounded(parameter: f64, max: f64) -> f64 {
    // `max` of NaN and 0 is 0.
    parameter.max(0.0).min(max)
}

/// The weighted mean of the points so far.
#[derive(Default)]
struct Average {
    mean: f64,
    /// The sum of the weights, that of the latest point being 1.
    weight: f64,
}

impl Average {
    /// Takes in a point after the weights of those before fell by `decay`.
    ///
    /// The sources keep the weighted sum and divide it by the weight. So written, no sum overflows, and a constant curve
    /// stays as it is.
    fn next(&mut self, y: f64, decay: f64) -> f64 {
        let before = self.weight * decay;
        self.weight = before + 1.0;
        let mean = self.mean * (before / self.weight) + y / self.weight;
        // Rounding may lead outside.
        self.mean = mean.clamp(self.mean.min(y), self.mean.max(y));
        self.mean
    }
}

fn time_weighted_ema(xs: &[f64], ys: &mut [f64], weight: f64) {
    let (first, last) = (
        ys.iter().position(|y| y.is_finite()),
        ys.iter().rposition(|y| y.is_finite()),
    );
    let (Some(first), Some(last)) = (first, last) else {
        return;
    };
    if weight == 0.0 {
        return;
    }
    // Halves, so that no difference overflows.
    let extent = xs[last] / 2.0 - xs[first] / 2.0;
    let mut average = Average::default();
    let mut before = xs[first];
    // Powers are dear, and most points are as far apart as those before.
    let (mut distance, mut decay) = (0.0_f64, 1.0);
    let points = xs.iter().zip(ys);
    for (&x, y) in points.filter(|(_, y)| y.is_finite()) {
        let next = if extent > 0.0 {
            (x / 2.0 - before / 2.0) / extent * VIEWPORT_SCALE
        } else {
            0.0
        };
        if next.to_bits() != distance.to_bits() {
            (distance, decay) = (next, weight.powf(next));
        }
        *y = average.next(*y, decay);
        before = x;
    }
}

fn ema(ys: &mut [f64], weight: f64) {
    if weight == 0.0 {
        return;
    }
    let mut average = Average::default();
    for y in ys.iter_mut().filter(|y| y.is_finite()) {
        *y = average.next(*y, weight);
    }
}

fn gaussian(ys: &mut [f64], std_dev: f64) {
    let reach = (std_dev * GAUSSIAN_REACH).floor() as usize;
    let reach = reach.min(ys.len().saturating_sub(1));
    if reach == 0 {
        return;
    }
    // The right half, from the middle on.
    let half: Vec<f64> = (0..=reach)
        .map(|distance| (-0.5 * (distance as f64 / std_dev).powi(2)).exp())
        .collect();
    let total = half[0] + 2.0 * half[1..].iter().sum::<f64>();
    let whole_kernel = half.iter().skip(1).rev().chain(&half);
    let kernel: Vec<f64> = whole_kernel.map(|weight| weight / total).collect();
    let mut smoothed = vec![0.0; ys.len()];
    let whole = reach..ys.len().saturating_sub(reach).max(reach);
    for (at, y) in smoothed.iter_mut().enumerate() {
        if whole.contains(&at) {
            continue;
        }
        // The window is cut by an end.
        let start = at.saturating_sub(reach);
        let window = &ys[start..(at + reach + 1).min(ys.len())];
        let weights = &kernel[start + reach - at..][..window.len()];
        let pairs = window.iter().zip(weights);
        let sum: f64 = pairs.map(|(y, weight)| y * weight).sum();
        *y = sum / weights.iter().sum::<f64>();
    }
    if !whole.is_empty() {
        convolve(ys, &kernel, &mut smoothed[whole]);
    }
    ys.copy_from_slice(&smoothed);
}

/// Sums up the products of a kernel with each window of values as long as it, some windows side by side.
fn convolve(values: &[f64], kernel: &[f64], sums: &mut [f64]) {
    const LANES: usize = 8;
    let (blocks, rest) = sums.as_chunks_mut::<LANES>();
    let n_blocks = blocks.len();
    for (block, sums) in blocks.iter_mut().enumerate() {
        let values = values[block * LANES..].windows(LANES);
        for (values, weight) in values.zip(kernel) {
            for lane in 0..LANES {
                sums[lane] += values[lane] * weight;
            }
        }
    }
    for (sum, values) in rest
        .iter_mut()
        .zip(values[n_blocks * LANES..].windows(kernel.len()))
    {
        let pairs = values.iter().zip(kernel);
        *sum = pairs.map(|(value, weight)| value * weight).sum();
    }
}

/// Sums of windows without ever subtracting, so that a large value leaves no trace outside its windows.
///
/// The points are cut into blocks as long as the window. A window is the end of one block and the start of the next, and
/// the sums of all ends are known after one pass, those of the starts as the window moves on (van Herk 1992, for minima).
fn running_mean(ys: &mut [f64], n_points: usize) {
    let n_points = n_points.min(ys.len().saturating_mul(2));
    if n_points < 2 {
        return;
    }
    let (before, after) = (n_points / 2, (n_points - 1) / 2);
    // Dividing first keeps sums from overflowing, and by a power of two it drops nothing.
    let scale = n_points.next_power_of_two() as f64;
    // For each point the sum from it to the end of its block.
    let mut ends: Vec<f64> = ys.iter().map(|y| y / scale).collect();
    for block in ends.chunks_mut(n_points) {
        let mut sum = 0.0;
        for value in block.iter_mut().rev() {
            sum += *value;
            *value = sum;
        }
    }
    // The sum from the start of a block to the end of the window, whose points are not smoothed yet.
    let mut from_start = 0.0;
    let mut n_summed = 0;
    for at in 0..ys.len() {
        let start = at.saturating_sub(before);
        let end = (at + after).min(ys.len() - 1);
        while n_summed <= end {
            if n_summed.is_multiple_of(n_points) {
                from_start = 0.0;
            }
            from_start += ys[n_summed] / scale;
            n_summed += 1;
        }
        let sum = if start / n_points == end / n_points {
            // Of one block: it begins or ends with the window, or there is only this block.
            if start.is_multiple_of(n_points) {
                from_start
            } else {
                ends[start]
            }
        } else {
            ends[start] + from_start
        };
        ys[at] = sum / ((end - start + 1) as f64 / scale);
    }
}
