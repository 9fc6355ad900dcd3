//! Rows of several runs as one file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ballast_history::{
    KeyInfo, Projection, ReadError, RowFilter, Scan, ScannedRows, TableColumns, TableError,
    TableWriter,
};
use ballast_meta::{LoggedRun, Piece, Stream};
use ballast_model::{EntityName, MetricName, ProjectName, RunId, RunKey, Timestamp};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::key_lists::{AskedRun, RunKeys};
use super::masked::may_be_freed;
use super::rows::{MAX_READS, POSITION_KEYS, has_moved};
use super::{chain, off_thread};
use crate::{Caller, Result, TableFormat, Tracking, TrackingError};

/// Downloads that are open at the same time; more wait. Each holds a few megabytes while it waits for its client.
const OPEN: usize = 16;

/// Downloads that are worked on at the same time. Each holds some thirty megabytes meanwhile.
const WORKING: usize = 2;

/// So long a turn waits for its client, all in all; then others go on, and it when the client has taken what there is.
const PATIENCE: Duration = Duration::from_secs(2);

/// After so many bytes, or after so long, it is the turn of another download that waits.
const TURN_BYTES: usize = 32 << 20;
const TURN: Duration = Duration::from_secs(2);

/// Memory of what the ends of all open files will tell of their row groups, in [`FOOTER_UNIT`]s. Larger tables are refused.
const FOOTERS: usize = 256 << 10;
const FOOTER_UNIT: u64 = 1 << 10;

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

/// The downloads of a server.
#[derive(Debug)]
pub(crate) struct Downloads {
    open: Arc<Semaphore>,
    working: Arc<Semaphore>,
    /// How many downloads wait for their turn.
    n_waiting: AtomicUsize,
    footers: Arc<Semaphore>,
}

impl Downloads {
    pub(crate) fn new() -> Self {
        Self {
            open: Arc::new(Semaphore::new(OPEN)),
            working: Arc::new(Semaphore::new(WORKING)),
            n_waiting: AtomicUsize::new(0),
            footers: Arc::new(Semaphore::new(FOOTERS)),
        }
    }

    async fn open(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.open).acquire_owned().await;
        permit.map_err(TrackingError::internal)
    }

    /// Waits, first come, first served, until a download can be worked on.
    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let _waiting = Waiting::new(&self.n_waiting);
        let permit = Arc::clone(&self.working).acquire_owned().await;
        permit.map_err(TrackingError::internal)
    }

    fn is_awaited(&self) -> bool {
        self.n_waiting.load(Ordering::Relaxed) > 0
    }

    /// Waits until the end of a file has room for so many bytes.
    async fn footer(&self, n_bytes: u64) -> Result<OwnedSemaphorePermit> {
        let n_units = u32::try_from(n_bytes.div_ceil(FOOTER_UNIT)).unwrap_or(u32::MAX);
        if n_units as usize > FOOTERS {
            return Err(TrackingError::Invalid(format!(
                "the end of the Parquet file would have {n_bytes} bytes; the limit is {}: name fewer runs or the keys it should \
                 have, or take CSV or Arrow",
                FOOTERS as u64 * FOOTER_UNIT
            )));
        }
        let permit = Arc::clone(&self.footers).acquire_many_owned(n_units).await;
        permit.map_err(TrackingError::internal)
    }

    /// Makes room for a file whose end has become larger than was expected.
    fn widen(&self, footer: &mut OwnedSemaphorePermit, n_bytes: u64) -> Result<()> {
        let n_more = (n_bytes.div_ceil(FOOTER_UNIT) as usize).saturating_sub(footer.num_permits());
        let n_more = u32::try_from(n_more).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.footers).try_acquire_many_owned(n_more);
        footer.merge(more.map_err(|_| {
            TrackingError::Conflict(
                "the end of the Parquet file became too large for the memory that downloads have together: take CSV or Arrow"
                    .to_owned(),
            )
        })?);
        Ok(())
    }
}

/// One that waits is counted as long as this lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(n_waiting: &'a AtomicUsize) -> Self {
        n_waiting.fetch_add(1, Ordering::Relaxed);
        Self(n_waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A file as it is written. An error ends it: what came before is not the whole file.
pub type Download = BoxStream<'static, Result<Bytes>>;

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
    /// Memory does not follow the length of the file: it is read and written as its client takes it. A client that is slow
    /// holds up no other.
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
        let open = self.inner.downloads.open().await?;
        let asked: Vec<AskedRun> = runs.iter().map(|(_, run)| *run).collect();
        let keys = self.keys_of_runs(&asked, request.stream).await?;
        let keys: Vec<Arc<RunKeys>> = keys.into_iter().collect::<Result<_>>()?;
        let wanted = request.keys.as_deref().map(with_position);
        let (format, of_runs) = (request.format, keys.clone());
        let (columns, n_values) = off_thread(move || {
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
            let kinds = infos.iter().flat_map(|key| &key.kinds);
            Ok((columns, kinds.map(|(_, n)| n).sum()))
        })
        .await??;
        let n_bytes = format.expected_footer_bytes(&columns, n_values);
        let footer = self.inner.downloads.footer(n_bytes).await?;
        let runs = runs.into_iter().zip(keys);
        let runs: Vec<DownloadedRun> = runs
            .map(|((id, run), keys)| DownloadedRun {
                id,
                key: run.key,
                began_at,
                keys,
            })
            .collect();
        let source = Source {
            tracking: self.clone(),
            request: Arc::new(request),
            runs: runs.into_iter(),
            reading: None,
            rows: ScannedRows::default(),
            n_written: 0,
            footer,
            _open: open,
        };
        let (parts, taken) = mpsc::channel(1);
        let task = tokio::spawn(write(source, (columns, n_values), parts).in_current_span());
        let file = (taken, AbortOnDropHandle::new(task));
        Ok(stream::try_unfold(file, next_part).boxed())
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
}

/// The next part of a file, of which the task writes the rest.
async fn next_part((mut taken, task): Taken) -> Result<Option<(Bytes, Taken)>> {
    if let Some(part) = taken.recv().await {
        return Ok(Some((part, (taken, task))));
    }
    // The file is whole only if its writer says so.
    task.await.map_err(TrackingError::internal)??;
    Ok(None)
}

type Taken = (mpsc::Receiver<Bytes>, AbortOnDropHandle<Result<()>>);

/// Writes the file part by part, until it is whole or nobody takes it any more. It has these columns and about so many values.
async fn write(
    mut source: Source,
    (columns, n_values): (TableColumns, u64),
    parts: mpsc::Sender<Bytes>,
) -> Result<()> {
    let tracking = source.tracking.clone();
    let downloads = &tracking.inner.downloads;
    let mut turn = Some(downloads.turn().await?);
    let (mut n_bytes, mut patience, mut turn_began) = (0, PATIENCE, Instant::now());
    // A writer of thousands of columns has megabytes before it has a row.
    let format = source.request.format;
    let writer = off_thread(move || TableWriter::new(format, columns, n_values)).await?;
    let mut writer = writer.map_err(TrackingError::internal)?;
    let mut part = Vec::from(writer.take());
    while source.has_rows().await? {
        (source, writer) = off_thread(move || source.write_to(writer)).await??;
        append(&mut part, writer.take());
        downloads.widen(&mut source.footer, writer.footer_bytes())?;
        if part.len() >= PART_BYTES {
            n_bytes += part.len();
            let began = Instant::now();
            let room = if let Ok(room) = timeout(patience, parts.reserve()).await {
                patience = patience.saturating_sub(began.elapsed());
                room
            } else {
                source.let_go();
                (writer, part) = flushed(writer, part).await?;
                turn = None;
                parts.reserve().await
            };
            let Ok(room) = room else {
                return Ok(());
            };
            room.send(std::mem::take(&mut part).into());
        }
        let had_enough = n_bytes >= TURN_BYTES && source.is_between();
        if downloads.is_awaited() && (had_enough || turn_began.elapsed() >= TURN) {
            source.let_go();
            (writer, part) = flushed(writer, part).await?;
            turn = None;
        }
        if turn.is_none() {
            turn = Some(downloads.turn().await?);
            (n_bytes, patience, turn_began) = (0, PATIENCE, Instant::now());
        }
    }
    drop((source, turn));
    let end = off_thread(move || writer.finish()).await?;
    part.extend_from_slice(&end.map_err(TrackingError::internal)?);
    // Who does not take the end has no use for it.
    let _ = parts.send(part.into()).await;
    Ok(())
}

/// Appends without a copy if there is nothing yet: a row group has megabytes.
fn append(part: &mut Vec<u8>, bytes: Bytes) {
    if part.is_empty() {
        *part = bytes.into();
    } else {
        part.extend_from_slice(&bytes);
    }
}

/// Has the writer encode what it has, which takes less memory then.
async fn flushed(mut writer: TableWriter, mut part: Vec<u8>) -> Result<(TableWriter, Vec<u8>)> {
    let flushed = off_thread(move || {
        writer.flush()?;
        append(&mut part, writer.take());
        Ok::<_, TableError>((writer, part))
    });
    flushed.await?.map_err(TrackingError::internal)
}

/// The rows that are still to be written.
struct Source {
    tracking: Tracking,
    request: Arc<DownloadRequest>,
    runs: std::vec::IntoIter<DownloadedRun>,
    /// The run that is being read.
    reading: Option<Reading>,
    /// Rows of it at hand.
    rows: ScannedRows,
    /// How many of these are written.
    n_written: usize,
    /// Room for what the end of the file tells.
    footer: OwnedSemaphorePermit,
    _open: OwnedSemaphorePermit,
}

impl Source {
    /// Reads on if no rows are at hand; whether there are some then.
    async fn has_rows(&mut self) -> Result<bool> {
        while self.is_between() {
            if self.reading.is_none() {
                let Some(run) = self.runs.next() else {
                    return Ok(false);
                };
                let (stream, scan) = (self.request.stream, self.request.scan());
                self.reading = Some(Reading::new(self.tracking.clone(), run, stream, scan));
            }
            let reading = self.reading.as_mut().expect("made just before");
            self.n_written = 0;
            self.rows = ScannedRows::default();
            match reading.next().await? {
                Some(rows) => self.rows = rows,
                None => self.reading = None,
            }
        }
        Ok(true)
    }

    /// Whether all rows that were read are written.
    fn is_between(&self) -> bool {
        self.n_written == self.rows.lines.len()
    }

    /// Writes some of the rows at hand.
    fn write_to(mut self, mut writer: TableWriter) -> Result<(Self, TableWriter)> {
        if let Some(reading) = &self.reading {
            let id = reading.run.id.as_str();
            let written = writer.write_from(id, &self.rows, self.n_written);
            self.n_written = written.map_err(TrackingError::internal)?;
        }
        Ok((self, writer))
    }

    /// Gives the rows at hand up. They are read again when it goes on.
    fn let_go(&mut self) {
        if let (Some(reading), Some(&line)) =
            (&mut self.reading, self.rows.lines.get(self.n_written))
        {
            reading.go_on_at(line);
        }
        self.rows = ScannedRows::default();
        self.n_written = 0;
    }
}

/// A run that is read. If rows move to another place meanwhile, the read goes on behind the last one that was read.
struct Reading {
    tracking: Tracking,
    run: DownloadedRun,
    stream: Stream,
    scan: Scan,
    chains: HashMap<RunKey, Vec<Piece>>,
    found: Option<BoxStream<'static, Result<ScannedRows, ReadError>>>,
    next_line: u64,
}

impl Reading {
    fn new(tracking: Tracking, run: DownloadedRun, stream: Stream, scan: Scan) -> Self {
        Self {
            tracking,
            chains: HashMap::from([(run.key, run.keys.chain().to_vec())]),
            run,
            stream,
            scan,
            found: None,
            next_line: 0,
        }
    }

    /// The next rows; `None` at the end.
    async fn next(&mut self) -> Result<Option<ScannedRows>> {
        let mut n_moves = 0;
        loop {
            if self.found.is_none() {
                self.found = Some(self.open().await?);
            }
            let found = self.found.as_mut().expect("opened just before");
            match found.try_next().await {
                Ok(None) => return Ok(None),
                Ok(Some(rows)) => {
                    self.next_line = rows.lines.last().map_or(self.next_line, |line| line + 1);
                    return Ok(Some(rows));
                }
                Err(error) if has_moved(&error) && n_moves < MAX_READS => {
                    n_moves += 1;
                    self.found = None;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Has the row of a line come next.
    fn go_on_at(&mut self, line: u64) {
        self.next_line = line;
        self.found = None;
    }

    /// Exclusive, since streams cannot be shared between threads.
    async fn open(&mut self) -> Result<BoxStream<'static, Result<ScannedRows, ReadError>>> {
        let DownloadedRun {
            id,
            key,
            began_at,
            keys,
        } = &self.run;
        let end_line = keys.end_line();
        let db = self.tracking.inner.meta.read();
        let lines = self.next_line..end_line;
        let mut views = chain::views_of_chains(&db, &[*key], &self.chains, lines).await?;
        let view = views.pop().expect("a view for each run");
        let chain = db.chain(*key, self.stream).await?;
        if chain.is_empty() && !self.chains[key].is_empty() {
            return Err(TrackingError::Conflict(format!(
                "run `{id}` was deleted since the download began; begin it again"
            )));
        }
        if may_be_freed(*began_at, self.tracking.inner.clock.now())
            && !chain::shows(&chain, &self.chains[key], end_line)
        {
            return Err(TrackingError::Conflict(format!(
                "rows of run `{id}` were replaced in the hours since the download began; begin it again"
            )));
        }
        Ok(self.tracking.inner.engine.scan(&view, self.scan.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = FOOTERS as u64 * FOOTER_UNIT;

    #[tokio::test]
    async fn files_whose_ends_are_too_large_together_wait_and_one_that_is_too_large_alone_is_refused()
     {
        let downloads = Downloads::new();
        let refused = downloads.footer(LIMIT + 1).await.expect_err("too large");
        let text = refused.to_string();
        assert!(text.contains(&(LIMIT + 1).to_string()), "{text}");
        assert!(text.contains(&LIMIT.to_string()), "{text}");

        let mut first = downloads.footer(LIMIT / 2).await.expect("room");
        downloads
            .widen(&mut first, LIMIT / 2)
            .expect("no more is needed");
        downloads.widen(&mut first, LIMIT / 4 * 3).expect("room");
        let second = downloads.footer(LIMIT / 2);
        tokio::pin!(second);
        assert!(futures::poll!(&mut second).is_pending());
        let text = downloads.widen(&mut first, LIMIT + 1).expect_err("full");
        assert!(matches!(text, TrackingError::Conflict(_)));
        drop(first);
        let _second = second.await.expect("room again");
    }

    #[tokio::test]
    async fn a_download_knows_whether_others_wait_for_its_turn() {
        let downloads = Downloads::new();
        let mut turns = Vec::new();
        for _ in 0..WORKING {
            turns.push(downloads.turn().await.expect("a turn"));
        }
        assert!(!downloads.is_awaited());
        {
            let waiting = downloads.turn();
            tokio::pin!(waiting);
            assert!(futures::poll!(&mut waiting).is_pending());
            assert!(downloads.is_awaited());
        }
        assert!(!downloads.is_awaited(), "who gave up does not wait");
        let waiting = downloads.turn();
        tokio::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        turns.pop();
        let _turn = waiting.await.expect("a turn");
        assert!(!downloads.is_awaited());
    }
}
