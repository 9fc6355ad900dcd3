//! Reading curves.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use ballast_history::{GroupSeries, Series, SeriesRequest, View};
use ballast_meta::Stream;
use ballast_model::{EntityName, ProjectName, RunId, RunKey};
use futures::{StreamExt as _, stream};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::faults::{RunFault, set_aside};
use super::turns::{ANSWER_BYTES, AnswerMemory};
use crate::{Caller, Result, Tracking, TrackingError};

/// Curves of several runs.
#[derive(Debug, Clone)]
pub struct ProjectSeriesRequest {
    /// The runs; those that do not exist give nothing.
    pub runs: Vec<RunId>,
    /// History or system metrics.
    pub stream: Stream,
    /// What is drawn of each; what a run has no points of gives empty curves.
    pub curves: SeriesRequest,
}

/// The curves of one run.
#[derive(Debug, Clone)]
pub struct RunSeries {
    /// The run's place in the request.
    pub run_index: u32,
    /// A curve for each quantity of the request, in its order.
    pub series: Vec<Series>,
}

/// Curves of several runs, as far as their rows are sound.
#[derive(Debug)]
pub struct ProjectSeries {
    /// The runs that exist and could be read, in the order of the request.
    pub runs: Vec<RunSeries>,
    /// The runs that could not.
    pub faults: Vec<RunFault>,
    /// What they take; to be dropped with them.
    pub memory: AnswerMemory,
}

/// Curves of groups of runs.
#[derive(Debug, Clone)]
pub struct ProjectGroupsRequest {
    /// The members of each group; those that do not exist give nothing, and one named twice counts twice.
    pub groups: Vec<Vec<RunId>>,
    /// History or system metrics.
    pub stream: Stream,
    /// What is drawn of each; what no member has points of gives empty curves.
    pub curves: SeriesRequest,
}

/// Curves of groups, as far as the rows of their members are sound.
#[derive(Debug)]
pub struct ProjectGroups {
    /// For each group a curve for each quantity, both in the order of the request.
    pub groups: Vec<Vec<GroupSeries>>,
    /// The members that could not be read and count in no group.
    pub faults: Vec<RunFault>,
    /// What they take; to be dropped with them.
    pub memory: AnswerMemory,
}

/// A curve gets so many columns at least.
const MIN_COLUMNS: usize = 4;

/// Lowers the columns of curves until an answer keeps to [`ANSWER_BYTES`], and returns about how much memory it takes.
fn fit(curves: &mut SeriesRequest, n_bytes: impl Fn(&SeriesRequest) -> usize) -> usize {
    loop {
        let needed = n_bytes(curves);
        if needed <= ANSWER_BYTES || curves.max_columns <= MIN_COLUMNS {
            return needed;
        }
        curves.max_columns = (curves.max_columns * 7 / 8).max(MIN_COLUMNS);
    }
}

/// How many runs are drawn at the same time: fewer if each has so many curves that they are work enough. More than there
/// are processors, since the first look at a run in a bucket is two requests, one after the other.
fn runs_at_once(curves: &SeriesRequest) -> usize {
    const CURVES_AT_ONCE: usize = 64;
    const RUNS_AT_ONCE: usize = 8;
    (CURVES_AT_ONCE / curves.quantities.len().max(1)).clamp(1, RUNS_AT_ONCE)
}

impl ProjectSeriesRequest {
    /// The curves that are drawn, and about how much memory they take.
    fn fitted(&self) -> (SeriesRequest, usize) {
        let n_runs = self.runs.len();
        let mut curves = self.curves.clone();
        let n_bytes = fit(&mut curves, |curves| {
            runs_at_once(curves).min(n_runs) * curves.bytes_to_draw()
                + n_runs * curves.bytes_of_series()
        });
        (curves, n_bytes)
    }
}

impl ProjectGroupsRequest {
    /// The same for groups, of which one is worked on at a time.
    fn fitted(&self) -> (SeriesRequest, usize) {
        let most_members = self.groups.iter().map(Vec::len).max().unwrap_or(0);
        let mut curves = self.curves.clone();
        let n_bytes = fit(&mut curves, |curves| {
            curves.bytes_to_group(most_members) + self.groups.len() * curves.bytes_of_groups()
        });
        (curves, n_bytes)
    }
}

impl Tracking {
    /// Curves of several runs of a project, each exact within its columns. Runs whose rows are damaged are set aside. If all
    /// together would take very much memory, they have fewer columns than asked for.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn series(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        request: &ProjectSeriesRequest,
    ) -> Result<ProjectSeries> {
        let keys = self
            .keys_in_project(caller, entity, project, &request.runs)
            .await?;
        let (curves, n_bytes) = request.fitted();
        let mut memory = self.inner.reads.wait(n_bytes).await?;
        let wanted: Vec<(u32, RunKey)> = (0..)
            .zip(&request.runs)
            .filter_map(|(index, id)| Some((index, *keys.get(id)?)))
            .collect();
        let run_keys: Vec<RunKey> = wanted.iter().map(|(_, run)| *run).collect();
        let views = self.views(&run_keys, request.stream).await?;
        let n_at_once = runs_at_once(&curves);
        let curves = Arc::new(curves);
        let mut drawn = stream::iter(wanted.into_iter().zip(views))
            .map(|((run_index, run), view)| {
                // Tasks of their own: most of the work is on the processor, and this one should not do all of it.
                let (tracking, curves) = (self.clone(), Arc::clone(&curves));
                let stream = request.stream;
                let draw = async move { tracking.series_of_run(run, stream, view, &curves).await };
                let task = AbortOnDropHandle::new(tokio::spawn(draw.in_current_span()));
                async move {
                    let series = match task.await {
                        Ok(series) => series,
                        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                        Err(error) => Err(TrackingError::internal(error)),
                    };
                    (run_index, series)
                }
            })
            .buffered(n_at_once);
        let (mut runs, mut faults) = (Vec::new(), Vec::new());
        while let Some((run_index, series)) = drawn.next().await {
            let run = &request.runs[run_index as usize];
            if let Some(series) = set_aside(run, series, &mut faults)? {
                runs.push(RunSeries { run_index, series });
            }
        }
        let n_bytes = runs.iter().flat_map(|run| &run.series).map(Series::n_bytes);
        memory.shrink_to(n_bytes.sum());
        Ok(ProjectSeries {
            runs,
            faults,
            memory,
        })
    }

    async fn series_of_run(
        &self,
        run: RunKey,
        stream: Stream,
        view: View,
        curves: &SeriesRequest,
    ) -> Result<Vec<Series>> {
        let engine = &self.inner.engine;
        self.read_known_view(run, stream, view, |view| async move {
            engine.series(&view, curves).await
        })
        .await
    }

    /// Curves of groups of runs of a project: for each group a curve for each quantity, both in the order of the request.
    /// Members whose rows are damaged are set aside. If they would take very much memory, they have fewer columns than asked
    /// for.
    ///
    /// Groups are read one after the other, so memory follows the largest group and what the answer holds.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn group_series(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        request: &ProjectGroupsRequest,
    ) -> Result<ProjectGroups> {
        let ids = request.groups.concat();
        let keys = self.keys_in_project(caller, entity, project, &ids).await?;
        let (curves, n_bytes) = request.fitted();
        let mut memory = self.inner.reads.wait(n_bytes).await?;
        let stream = request.stream;
        let runs: Vec<RunKey> = keys.values().copied().collect();
        let views = self.views(&runs, stream).await?;
        let mut views: HashMap<RunKey, View> = runs.into_iter().zip(views).collect();
        let (mut groups, mut faults) = (Vec::with_capacity(request.groups.len()), Vec::new());
        for group in &request.groups {
            loop {
                let members: Vec<RunKey> = group
                    .iter()
                    .filter_map(|id| keys.get(id).copied())
                    .filter(|run| views.contains_key(run))
                    .collect();
                match self
                    .series_of_group(&members, &views, stream, &curves)
                    .await
                {
                    Err(error @ TrackingError::Damaged { .. }) => {
                        let n_sound = views.len();
                        for (id, run) in group.iter().filter_map(|id| keys.get_key_value(id)) {
                            let Some(view) = views.get(run) else {
                                continue;
                            };
                            let read = self.series_of_run(*run, stream, view.clone(), &curves);
                            if set_aside(id, read.await, &mut faults)?.is_none() {
                                views.remove(run);
                            }
                        }
                        if views.len() == n_sound {
                            return Err(error);
                        }
                    }
                    series => {
                        groups.push(series?);
                        break;
                    }
                }
            }
        }
        let n_bytes = groups.iter().flatten().map(GroupSeries::n_bytes);
        memory.shrink_to(n_bytes.sum());
        Ok(ProjectGroups {
            groups,
            faults,
            memory,
        })
    }

    async fn series_of_group(
        &self,
        members: &[RunKey],
        views: &HashMap<RunKey, View>,
        stream: Stream,
        curves: &SeriesRequest,
    ) -> Result<Vec<GroupSeries>> {
        let engine = &self.inner.engine;
        let views = members.iter().map(|run| views[run].clone()).collect();
        self.read_known_views(members, stream, views, |views| async move {
            engine.group_series(&views, curves).await
        })
        .await
    }

    /// The keys of those of `runs` that exist in a project of the caller.
    async fn keys_in_project(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        runs: &[RunId],
    ) -> Result<HashMap<RunId, RunKey>> {
        let project = self.get_project(caller, entity, project).await?;
        let meta = self.inner.meta.read();
        Ok(meta.run_keys_by_ids(project.key, runs).await?)
    }
}

#[cfg(test)]
mod tests {
    use ballast_history::Axis;
    use ballast_model::MetricName;

    use super::*;

    fn curves(n_quantities: usize) -> SeriesRequest {
        SeriesRequest {
            quantities: vec![MetricName::from_key("loss").into(); n_quantities],
            axis: Axis::Step,
            smoothing: None,
            min: None,
            max: None,
            max_columns: 1500,
        }
    }

    fn columns_of_runs(n_runs: usize, n_quantities: usize) -> usize {
        let request = ProjectSeriesRequest {
            runs: vec![RunId::new("run").expect("valid"); n_runs],
            stream: Stream::History,
            curves: curves(n_quantities),
        };
        let (curves, n_bytes) = request.fitted();
        assert!(n_bytes <= ANSWER_BYTES, "{n_runs} runs take {n_bytes}");
        curves.max_columns
    }

    fn columns_of_groups(n_groups: usize, n_members: usize, n_quantities: usize) -> usize {
        let members = vec![RunId::new("run").expect("valid"); n_members];
        let request = ProjectGroupsRequest {
            groups: vec![members; n_groups],
            stream: Stream::History,
            curves: curves(n_quantities),
        };
        let (curves, n_bytes) = request.fitted();
        assert!(n_bytes <= ANSWER_BYTES, "{n_groups} groups take {n_bytes}");
        curves.max_columns
    }

    #[test]
    fn what_people_look_at_comes_as_asked_for_and_huge_answers_are_coarser() {
        assert_eq!(columns_of_runs(50, 1), 1500);
        assert_eq!(columns_of_runs(100, 2), 1500);
        assert_eq!(columns_of_groups(10, 20, 2), 1500);
        let coarse = columns_of_runs(1000, 1);
        assert!((500..1500).contains(&coarse), "{coarse}");
        assert!((50..1500).contains(&columns_of_runs(1, 1000)));
        assert!((200..1500).contains(&columns_of_groups(1, 1000, 1)));
        columns_of_runs(160, 250);
        columns_of_groups(200, 50, 200);
    }
}
