//! Rows of several runs as one file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ballast_history::{
    KeyInfo, Projection, ReadError, RowFilter, Scan, ScannedRows, TableColumns, TableError,
    TableWriter,
};
use ballast_meta::{LoggedRun, Stream};
use ballast_model::{EntityName, MetricName, ProjectName, RunId, RunKey, Timestamp};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use tokio::sync::OwnedSemaphorePermit;

use super::key_lists::{AskedRun, RunKeys};
use super::masked::may_be_freed;
use super::rows::{MAX_READS, POSITION_KEYS, has_moved};
use super::{chain, off_thread};
use crate::{Caller, Result, TableFormat, Tracking, TrackingError};

/// Downloads at the same time; more wait. Each holds some ten megabytes for as long as its client takes.
pub(crate) const CONCURRENT_DOWNLOADS: usize = 4;

/// A table with more columns takes too much memory to write, and no other program opens it.
const MAX_COLUMNS: usize = 32_768;

/// A part of the file is handed on when it has this many bytes.
const PART_BYTES: usize = 64 << 10;

/// Which rows to download.
#[derive(Debug, Clone)]
pub struct DownloadRequest {
    /// The runs, one after the other in this order; every run of the project, by number, if `None`.
    pub runs: Option<Vec<RunId>>,
    /// History or system metrics.
    pub stream: Stream,
    /// Only rows that have any of these keys, and of them only these keys and the step, time and runtime.
    pub keys: Option<Vec<MetricName>>,
    /// Least step, inclusive.
    pub min_step: Option<i64>,
    /// Greatest step, exclusive.
    pub end_step: Option<i64>,
    /// What is written.
    pub format: TableFormat,
}

/// A file as it is written. An error ends it: what came before is not the whole file.
pub type Download = BoxStream<'static, Result<Bytes>>;

/// What is left to write.
struct Writing {
    tracking: Tracking,
    request: Arc<DownloadRequest>,
    runs: std::vec::IntoIter<DownloadedRun>,
    /// The rows of the run that is being read.
    open: Option<(RunId, BoxStream<'static, Result<ScannedRows>>)>,
    writer: TableWriter,
    _permit: OwnedSemaphorePermit,
}

/// A run of which rows are written.
struct DownloadedRun {
    id: RunId,
    key: RunKey,
    /// Not after its chain was looked up.
    began_at: Timestamp,
    /// What it had logged when the download began; rows that came later may have keys without a column.
    keys: Arc<RunKeys>,
}

impl DownloadRequest {
    fn scan(&self) -> Scan {
        let mut scan = Scan::new(Projection::All);
        if let Some(keys) = &self.keys {
            scan.keys = Projection::Only(with_position(keys));
            scan.rows = RowFilter::AnyOf(keys.clone());
        }
        scan.min_step = self.min_step;
        scan.end_step = self.end_step;
        scan.is_once = true;
        scan
    }
}

fn with_position(keys: &[MetricName]) -> HashSet<MetricName> {
    let position = POSITION_KEYS.into_iter().map(MetricName::from_stored);
    keys.iter().cloned().chain(position).collect()
}

impl Tracking {
    /// Rows of several runs of a project as one table, complete and exact, as they stand when it begins.
    ///
    /// Memory does not follow the length of the file: it is read and written as its client takes it.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project or a run does not exist or is not the caller's;
    /// [`TrackingError::Invalid`] if the table would have more than 32,768 columns.
    pub async fn download_rows(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        request: DownloadRequest,
    ) -> Result<Download> {
        let began_at = self.inner.clock.now();
        let runs = self
            .runs_to_download(caller, entity, project, request.runs.as_deref())
            .await?;
        let permit = Arc::clone(&self.inner.downloads).acquire_owned().await;
        let permit = permit.map_err(TrackingError::internal)?;
        let asked: Vec<AskedRun> = runs.iter().map(|(_, run)| *run).collect();
        let keys = self.keys_of_runs(&asked, request.stream).await?;
        let keys: Vec<Arc<RunKeys>> = keys.into_iter().collect::<Result<_>>()?;
        let wanted = request.keys.as_deref().map(with_position);
        let (format, of_runs) = (request.format, keys.clone());
        let writer = off_thread(move || {
            let infos = of_runs.iter().flat_map(|keys| keys.stats.infos());
            let infos: Vec<KeyInfo> = match wanted {
                Some(wanted) => infos.filter(|key| wanted.contains(&key.name)).collect(),
                None => infos.collect(),
            };
            let columns = TableColumns::of_keys(&infos);
            if columns.len() > MAX_COLUMNS {
                return Err(TrackingError::Invalid(format!(
                    "the table would have {} columns; the limit is {MAX_COLUMNS}: name the keys it should have",
                    columns.len()
                )));
            }
            TableWriter::new(format, columns).map_err(TrackingError::internal)
        })
        .await??;
        let runs = runs.into_iter().zip(keys);
        let runs: Vec<DownloadedRun> = runs
            .map(|((id, run), keys)| DownloadedRun {
                id,
                key: run.key,
                began_at,
                keys,
            })
            .collect();
        let writing = Writing {
            tracking: self.clone(),
            request: Arc::new(request),
            runs: runs.into_iter(),
            open: None,
            writer,
            _permit: permit,
        };
        Ok(stream::try_unfold(Some(writing), next_part).boxed())
    }

    async fn runs_to_download(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        ids: Option<&[RunId]>,
    ) -> Result<Vec<(RunId, AskedRun)>> {
        let project = self.get_project(caller, entity, project).await?;
        let all = self.inner.meta.read().logged_runs(project.key).await?;
        let Some(ids) = ids else {
            let all = all.iter().map(|run| (run.run_id.clone(), run.into()));
            return Ok(all.collect());
        };
        let by_id: HashMap<&RunId, &LoggedRun> = all.iter().map(|run| (&run.run_id, run)).collect();
        let mut seen = HashSet::new();
        let ids = ids.iter().filter(|id| seen.insert(*id));
        ids.map(|id| {
            let run = by_id.get(id).copied().ok_or_else(|| {
                let place = format!("{}/{}", project.entity, project.name);
                TrackingError::not_found_in("run", id, place)
            })?;
            Ok((id.clone(), run.into()))
        })
        .collect()
    }

    /// The rows that `scan` returns of a run. If rows move to another place meanwhile, the read goes on behind the last
    /// one that was read.
    fn rows_of_run(
        &self,
        run: &DownloadedRun,
        stream: Stream,
        scan: Scan,
    ) -> BoxStream<'static, Result<ScannedRows>> {
        let chains = HashMap::from([(run.key, run.keys.chain().to_vec())]);
        let state = Reading {
            tracking: self.clone(),
            found: None,
            next_line: 0,
        };
        let end_line = run.keys.end_line();
        let began_at = run.began_at;
        let shared = Arc::new((run.key, run.id.clone(), chains, scan));
        stream::try_unfold(state, move |mut state| {
            let shared = Arc::clone(&shared);
            async move {
                let (run, id, chains, scan) = &*shared;
                let mut n_moves = 0;
                loop {
                    if state.found.is_none() {
                        let lines = state.next_line..end_line;
                        let db = state.tracking.inner.meta.read();
                        let mut views = chain::views_of_chains(&db, &[*run], chains, lines).await?;
                        let view = views.pop().expect("a view for each run");
                        if may_be_freed(began_at, state.tracking.inner.clock.now())
                            && !chain::shows(&db.chain(*run, stream).await?, &chains[run], end_line)
                        {
                            return Err(TrackingError::Conflict(format!(
                                "rows of run `{id}` were replaced in the hours since the download began; begin it again"
                            )));
                        }
                        state.found = Some(state.tracking.inner.engine.scan(&view, scan.clone()));
                    }
                    let found = state.found.as_mut().expect("made just before");
                    match found.try_next().await {
                        Ok(None) => return Ok(None),
                        Ok(Some(rows)) => {
                            state.next_line =
                                rows.lines.last().map_or(state.next_line, |line| line + 1);
                            return Ok(Some((rows, state)));
                        }
                        Err(error) if has_moved(&error) && n_moves < MAX_READS => {
                            n_moves += 1;
                            state.found = None;
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        })
        .boxed()
    }
}

/// How far a run is read.
struct Reading {
    tracking: Tracking,
    found: Option<BoxStream<'static, Result<ScannedRows, ReadError>>>,
    next_line: u64,
}

async fn next_part(writing: Option<Writing>) -> Result<Option<(Bytes, Option<Writing>)>> {
    let Some(mut writing) = writing else {
        return Ok(None);
    };
    let mut part = Vec::from(writing.writer.take());
    while part.len() < PART_BYTES {
        let Some((id, rows)) = writing.next_rows().await? else {
            let end = off_thread(move || writing.writer.finish()).await?;
            part.extend(end.map_err(TrackingError::internal)?);
            return Ok(Some((part.into(), None)));
        };
        let written = off_thread(move || {
            writing.writer.write(id.as_str(), &rows)?;
            Ok::<_, TableError>((writing.writer.take(), writing))
        });
        let (more, back) = written.await?.map_err(TrackingError::internal)?;
        part.extend(more);
        writing = back;
    }
    Ok(Some((part.into(), Some(writing))))
}

impl Writing {
    /// The next rows of any run.
    async fn next_rows(&mut self) -> Result<Option<(RunId, ScannedRows)>> {
        loop {
            if let Some((id, rows)) = &mut self.open {
                if let Some(rows) = rows.try_next().await? {
                    return Ok(Some((id.clone(), rows)));
                }
                self.open = None;
            }
            let Some(run) = self.runs.next() else {
                return Ok(None);
            };
            let id = run.id.clone();
            let request = &self.request;
            let rows = self
                .tracking
                .rows_of_run(&run, request.stream, request.scan());
            self.open = Some((id, rows));
        }
    }
}
