//! From rows and buckets to curves.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;

use ballast_model::MetricName;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::curve::Curve;
use super::levels::{self, Levels};
use super::line::{Drawn, Line, PendingPoints};
use super::source::Source;
use super::{Axis, MAX_SMOOTHED_POINTS, Quantity, SeriesRequest};
use crate::engine::{Engine, blocking, brief_or_blocking};
use crate::pyramid::{damaged_pyramid, warn_of_pyramid};
use crate::scan::ReadPlan;
use crate::{Part, Projection, ReadError, RowBatch};

/// The buckets of so many parts are on their way at once.
pub(super) const PARTS_AHEAD: usize = 8;

impl Engine {
    /// A curve for each quantity, in that order.
    pub(super) async fn draw(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Drawn>, ReadError> {
        if request.smoothing.is_none() {
            return self.draw_at_once(view, request, &request.quantities).await;
        }
        // So many curves go together that their points are within the limit.
        let n_rows = n_visible_rows(view).max(1);
        let n_at_once = (MAX_SMOOTHED_POINTS / n_rows).max(1);
        let mut drawn = Vec::with_capacity(request.quantities.len());
        for quantities in request.quantities.chunks(n_at_once) {
            let n_points = n_rows
                .saturating_mul(quantities.len())
                .min(MAX_SMOOTHED_POINTS);
            let permits = self.smoothing.acquire_many(n_points as u32).await;
            let _permits = permits.map_err(|_| ReadError::Cancelled)?;
            drawn.extend(self.draw_at_once(view, request, quantities).await?);
        }
        Ok(drawn)
    }

    /// A curve for each of some of the quantities of a request.
    ///
    /// What a pyramid says the rows say too, so one that is damaged is not used.
    async fn draw_at_once(
        &self,
        view: &[Part],
        request: &SeriesRequest,
        quantities: &[Quantity],
    ) -> Result<Vec<Drawn>, ReadError> {
        let mut damaged = BTreeSet::new();
        loop {
            let levels = self
                .choose_levels(view, request, quantities, &mut damaged)
                .await?;
            match self.draw_levels(view, request, quantities, &levels).await {
                Err(error) => match damaged_pyramid(&error) {
                    Some(key) if damaged.insert(key.to_owned()) => warn_of_pyramid(&error),
                    _ => return Err(error),
                },
                drawn => return drawn,
            }
        }
    }

    async fn draw_levels(
        &self,
        view: &[Part],
        request: &SeriesRequest,
        quantities: &[Quantity],
        levels: &Levels,
    ) -> Result<Vec<Drawn>, ReadError> {
        let mut drawing = Drawing::new(request, quantities, levels, n_visible_rows(view));
        let work = stream::iter(levels.work(view.len())).map(|work| async {
            let blocks = self.fetch_buckets(levels, &work).await?;
            Ok::<_, ReadError>((work, blocks))
        });
        let mut work = pin!(work.buffered(PARTS_AHEAD));
        while let Some((work, blocks)) = work.try_next().await? {
            if !work.row_keys.is_empty() {
                drawing = self
                    .draw_rows(&view[work.parts], work.row_keys, drawing)
                    .await?;
            }
            if !blocks.is_empty() {
                let blocks_of_lines = blocks.iter().flat_map(|(_, blocks)| blocks);
                let n_buckets = blocks_of_lines.map(|block| block.len()).sum();
                drawing = brief_or_blocking(n_buckets, move || {
                    for (line, blocks) in &blocks {
                        drawing.lines[*line].curve.add_buckets(blocks);
                    }
                    drawing
                })
                .await?;
            }
        }
        let n_buckets = drawing.lines.iter().map(Line::cost_of_finishing).sum();
        brief_or_blocking(n_buckets, move || {
            drawing.lines.into_iter().map(Line::finish).collect()
        })
        .await
    }

    /// Draws the rows of some parts into the lines whose places are `lines`.
    async fn draw_rows(
        &self,
        parts: &[Part],
        lines: Vec<usize>,
        mut drawing: Drawing,
    ) -> Result<Drawing, ReadError> {
        let mut rows = self.read(parts, Arc::new(drawing.read_plan(&lines)));
        let lines = Arc::new(lines);
        while let Some(batches) = rows.try_next().await? {
            let lines = Arc::clone(&lines);
            drawing = blocking(move || {
                for rows in &batches {
                    drawing.add(&rows.batch, &lines);
                }
                drawing
            })
            .await?;
        }
        Ok(drawing)
    }
}

/// How many lines count, each of which may be a point.
fn n_visible_rows(view: &[Part]) -> usize {
    let lines = view.iter().map(Part::lines);
    let n_rows: u64 = lines.map(|lines| lines.end - lines.start).sum();
    usize::try_from(n_rows).unwrap_or(usize::MAX)
}

/// The least integer that is not less than `min`, if integers are bounded by it.
fn first_step(min: f64) -> Option<i64> {
    (min > i64::MIN as f64).then_some(min.ceil() as i64)
}

/// One past the greatest integer that is not more than `max`, if integers are bounded by it.
fn end_step(max: f64) -> Option<i64> {
    (max < i64::MAX as f64).then(|| (max.floor() as i64).saturating_add(1))
}

/// Curves on their way.
struct Drawing {
    x: Source,
    /// Whether x is a step, and nothing looks at points outside the range.
    is_bounded: bool,
    lines: Vec<Line>,
}

impl Drawing {
    fn new(
        request: &SeriesRequest,
        quantities: &[Quantity],
        levels: &Levels,
        n_rows: usize,
    ) -> Self {
        let lines: Vec<Line> = quantities
            .iter()
            .zip(&levels.exponents)
            .map(|(quantity, &exponent)| {
                let range = levels::whole_buckets(request.range(), exponent);
                Line {
                    y: Source::of_quantity(quantity),
                    curve: Curve::new(request.max_columns, range, exponent),
                    smoothing: request
                        .smoothing
                        .map(|how| PendingPoints::new(how, n_rows, MAX_SMOOTHED_POINTS)),
                }
            })
            .collect();
        let sees_all = |line: &Line| line.smoothing.is_some() || line.y.looks_back();
        Self {
            is_bounded: request.axis == Axis::Step && !lines.iter().any(sees_all),
            x: Source::of_axis(&request.axis),
            lines,
        }
    }

    fn read_plan(&self, lines: &[usize]) -> ReadPlan {
        let lines = || lines.iter().map(|&line| &self.lines[line]);
        let mut required: Vec<MetricName> =
            lines().flat_map(|line| line.y.metrics()).cloned().collect();
        let keys = Projection::only(required.iter().chain(self.x.metrics()).cloned());
        if self.x.looks_back() {
            // Rows count for x that count for no y.
            required.extend_from_slice(self.x.metrics());
        }
        let least = lines().map(|line| line.curve.range().0).reduce(f64::min);
        let greatest = lines().map(|line| line.curve.range().1).reduce(f64::max);
        ReadPlan {
            keys,
            required: Some(required),
            min_step: least.filter(|_| self.is_bounded).and_then(first_step),
            end_step: greatest.filter(|_| self.is_bounded).and_then(end_step),
            is_once: false,
        }
    }

    fn add(&mut self, batch: &RowBatch, lines: &[usize]) {
        let xs = self.x.numbers(batch);
        for &line in lines {
            self.lines[line].add(batch, &xs);
        }
    }
}
