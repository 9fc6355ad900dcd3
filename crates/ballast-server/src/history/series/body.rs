use std::borrow::Cow;
use std::collections::HashSet;

use ballast_model::{MetricName, RunId};
use ballast_tracking::history::{ProjectGroupsRequest, ProjectSeriesRequest};
use ballast_tracking::{Axis, Expression, Quantity, SeriesRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use super::smoothing::SmoothingBody;
use crate::error::{ApiError, ErrorCode};
use crate::history::stream_name::RowStreamName;

const MAX_RUNS: usize = 1000;
const MAX_KEYS: usize = 200;
const MAX_EXPRESSIONS: usize = 50;
const MAX_GROUPS: usize = 200;
/// Members of all groups together.
const MAX_MEMBERS: usize = 10_000;
const MAX_COLUMNS: usize = 4000;

/// Curves of all runs or groups together. Each takes some memory, however few columns it has.
const MAX_CURVES: usize = 40_000;

/// What to plot against.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Axis)]
pub(crate) struct AxisBody {
    /// The kind of axis.
    kind: AxisKind,
    /// The key, for an axis of kind `metric`; the text, for one of kind `expression`.
    name: Option<String>,
}

/// A kind of x axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AxisKind {
    /// The step.
    Step,
    /// Seconds since the start of the run.
    Runtime,
    /// Seconds since the Unix epoch.
    Time,
    /// Another key.
    Metric,
    /// An expression over keys.
    Expression,
}

/// Which curves, over which range, in how many columns.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SeriesRequest)]
pub(crate) struct SeriesBody {
    /// The ids of the runs; those that do not exist give nothing.
    #[schema(max_items = 1000)]
    runs: Vec<String>,
    /// Groups of runs, each a list of places in `runs`, counted from 0. If given, there is a curve for each group instead
    /// of each run. A run may be in several groups, but only once in each; all groups together have at most 10,000 members.
    #[schema(min_items = 1, max_items = 200)]
    groups: Option<Vec<Vec<u32>>>,
    /// The keys; those that a run never logged give nothing. May be empty if there are expressions.
    #[schema(max_items = 200)]
    keys: Vec<String>,
    /// Expressions over keys, such as `log(loss)` or `${train/loss} - ${val/loss}`. One has a point in each row in which
    /// all keys that it names are numbers.
    #[serde(default)]
    #[schema(max_items = 50)]
    expressions: Vec<String>,
    /// The stream; the history if not given.
    #[serde(default)]
    #[schema(inline)]
    stream: RowStreamName,
    /// What to plot against.
    axis: AxisBody,
    /// How the curves are smoothed; not if not given.
    smoothing: Option<SmoothingBody>,
    /// Least x, inclusive.
    min: Option<f64>,
    /// Greatest x, inclusive.
    max: Option<f64>,
    /// At most so many columns a curve. Curves come in fewer if all together would have more than some 300,000.
    #[schema(minimum = 1, maximum = 4000)]
    columns: usize,
}

/// What is to be read.
#[derive(Debug)]
pub(super) enum Requested {
    Runs(ProjectSeriesRequest),
    Groups(ProjectGroupsRequest),
}

impl SeriesBody {
    pub(super) fn n_runs(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn n_groups(&self) -> usize {
        self.groups.as_ref().map_or(0, Vec::len)
    }

    pub(super) fn n_keys(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn n_expressions(&self) -> usize {
        self.expressions.len()
    }

    pub(super) fn into_request(self) -> Result<Requested, ApiError> {
        self.check()?;
        let curves = SeriesRequest {
            quantities: quantities(self.keys, &self.expressions)?,
            axis: self.axis.into_axis()?,
            smoothing: self
                .smoothing
                .map(SmoothingBody::into_smoothing)
                .transpose()?,
            min: self.min,
            max: self.max,
            max_columns: self.columns,
        };
        let runs: Vec<RunId> = self
            .runs
            .into_iter()
            .map(RunId::new)
            .collect::<Result<_, _>>()?;
        let stream = self.stream.into();
        Ok(match self.groups {
            None => Requested::Runs(ProjectSeriesRequest {
                runs,
                stream,
                curves,
            }),
            Some(groups) => Requested::Groups(ProjectGroupsRequest {
                groups: members(&groups, &runs)?,
                stream,
                curves,
            }),
        })
    }

    fn check(&self) -> Result<(), ApiError> {
        check_limit("runs", self.runs.len(), 1, MAX_RUNS)?;
        check_limit("keys", self.keys.len(), 0, MAX_KEYS)?;
        check_limit("expressions", self.expressions.len(), 0, MAX_EXPRESSIONS)?;
        if self.keys.is_empty() && self.expressions.is_empty() {
            return Err(invalid(
                "`keys` and `expressions` are both empty, expected something to draw",
            ));
        }
        check_limit("columns", self.columns, 1, MAX_COLUMNS)?;
        let n_lines = self.groups.as_ref().map_or(self.runs.len(), Vec::len);
        let n_curves = n_lines * (self.keys.len() + self.expressions.len());
        if n_curves > MAX_CURVES {
            return Err(invalid(format!(
                "the answer would have {n_curves} curves; the limit is {MAX_CURVES}: ask for fewer keys at once"
            )));
        }
        if let Some(groups) = &self.groups {
            check_limit("groups", groups.len(), 1, MAX_GROUPS)?;
            let n_members: usize = groups.iter().map(Vec::len).sum();
            if n_members > MAX_MEMBERS {
                return Err(invalid(format!(
                    "`groups` must have at most {MAX_MEMBERS} members together, got {n_members}"
                )));
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(invalid(format!("`min` {min} is above `max` {max}")));
        }
        Ok(())
    }
}

impl AxisBody {
    fn into_axis(self) -> Result<Axis, ApiError> {
        match (self.kind, self.name) {
            (AxisKind::Step, _) => Ok(Axis::Step),
            (AxisKind::Runtime, _) => Ok(Axis::Runtime),
            (AxisKind::Time, _) => Ok(Axis::Time),
            (AxisKind::Metric, Some(name)) => Ok(Axis::Metric(MetricName::from_stored(name))),
            (AxisKind::Expression, Some(text)) => {
                Ok(Axis::Expression(expression("axis.name", &text)?))
            }
            (AxisKind::Metric, None) => Err(invalid("an axis of kind `metric` needs a `name`")),
            (AxisKind::Expression, None) => {
                Err(invalid("an axis of kind `expression` needs a `name`"))
            }
        }
    }
}

/// The keys, then the expressions.
fn quantities(keys: Vec<String>, expressions: &[String]) -> Result<Vec<Quantity>, ApiError> {
    let keys = keys.into_iter().map(MetricName::from_stored);
    let expressions = expressions
        .iter()
        .enumerate()
        .map(|(place, text)| expression(&format!("expressions[{place}]"), text));
    keys.map(|key| Ok(key.into()))
        .chain(expressions.map(|expression| expression.map(Quantity::from)))
        .collect()
}

/// Reads the text of a field.
fn expression(field: &str, text: &str) -> Result<Expression, ApiError> {
    Expression::parse(text).map_err(|error| invalid(format!("`{field}`: {error}")))
}

/// The runs that groups name by their places.
fn members(groups: &[Vec<u32>], runs: &[RunId]) -> Result<Vec<Vec<RunId>>, ApiError> {
    let groups = groups.iter().enumerate();
    groups
        .map(|(group, places)| {
            check_places(group, places, runs.len())?;
            let members = places.iter().map(|&place| runs[place as usize].clone());
            Ok(members.collect())
        })
        .collect()
}

/// A run that counted twice would make a group look surer than it is.
fn check_places(group: usize, places: &[u32], n_runs: usize) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    for &place in places {
        if place as usize >= n_runs {
            let last = n_runs - 1;
            return Err(invalid(format!(
                "`groups[{group}]` has {place}, expected a place in `runs`, 0 to {last}"
            )));
        }
        if !seen.insert(place) {
            return Err(invalid(format!(
                "`groups[{group}]` has {place} twice, expected each run once"
            )));
        }
    }
    Ok(())
}

fn check_limit(field: &str, found: usize, least: usize, most: usize) -> Result<(), ApiError> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(invalid(format!(
        "`{field}` must be {least} to {most}, got {found}"
    )))
}

fn invalid(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(ErrorCode::InvalidValue, message)
}
