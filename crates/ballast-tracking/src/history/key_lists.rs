//! Which keys runs and projects have, kept in memory while they are asked for.
//!
//! A run's keys grow with its rows: as long as its chain only gets longer, what is known of the rows before stays true,
//! and only the rows behind are looked at. A project's keys are gathered anew whenever one of its runs changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ballast_history::{KeyInfo, KeyStats, Part, ValueKind, View};
use ballast_meta::{LoggedRun, Piece, Revision, RunHead, Stream};
use ballast_model::{
    EntityName, MetricDefinition, MetricName, ProjectKey, ProjectName, RunKey, RunPath,
};
use futures::{StreamExt as _, stream};
use moka::future::Cache;
use tokio::time::Instant;

use super::definitions::Definitions;
use super::faults::{RunFault, set_aside};
use super::key_filter::{KeyFilter, KeyPage};
use super::rows::has_moved;
use super::turns::Turns;
use super::{CONCURRENT_RUNS, chain, off_thread};
use crate::{Access, Caller, Result, Tracking};

/// A list of a project that took longer to gather than this may be some of its age old.
const SLOW: Duration = Duration::from_millis(250);

/// So many times as old as it took to gather.
const STALE_FACTOR: u32 = 4;

/// A key that runs of a project logged.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectKeyInfo {
    /// The key.
    pub name: MetricName,
    /// `number`, `string`, `bool`, `json`, or the `_type` of a typed value such as `image-file`; sorted.
    pub kinds: Vec<String>,
    /// How many runs logged it.
    pub n_runs: u64,
    /// How many values it has in all of them.
    pub count: u64,
    /// What the newest run that declares anything about it declares.
    pub definition: Option<MetricDefinition>,
    /// The key that it is to be plotted against; as the script wrote it if no run logged that.
    pub step_metric: Option<String>,
}

/// A page of a project's keys.
#[derive(Debug)]
pub struct FoundProjectKeys {
    /// The page.
    pub page: KeyPage<Arc<ProjectKeyInfo>>,
    /// The runs whose stored rows are damaged, and which count in no key.
    pub faults: Arc<Vec<RunFault>>,
}

/// Keys that were gathered lately, within a limit of memory.
#[derive(Debug)]
pub(crate) struct KeyLists {
    runs: Cache<(RunKey, Stream), Arc<RunKeys>>,
    projects: Cache<ProjectKey, Arc<ProjectKeys>>,
    /// A project's keys are gathered once, however many ask for them.
    gathering: Turns,
}

/// The keys of a run's stream.
#[derive(Debug)]
pub(crate) struct RunKeys {
    /// Where the run stood in the feed of changes.
    revision: Revision,
    chain: Vec<Piece>,
    /// The line behind the last one that is known.
    end_line: u64,
    pub(crate) stats: KeyStats,
}

/// The keys of a project's runs.
#[derive(Debug)]
struct ProjectKeys {
    /// The last change of the project; `None` if others were on their way or not all could be read.
    revision: Option<Revision>,
    gathered_at: Instant,
    took: Duration,
    gathered: GatheredKeys,
}

#[derive(Debug)]
struct GatheredKeys {
    /// By name.
    keys: Vec<Arc<ProjectKeyInfo>>,
    faults: Arc<Vec<RunFault>>,
}

/// A run whose keys are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedRun {
    pub(crate) key: RunKey,
    pub(crate) revision: Revision,
}

impl From<&LoggedRun> for AskedRun {
    fn from(run: &LoggedRun) -> Self {
        Self {
            key: run.key,
            revision: run.revision,
        }
    }
}

impl From<&RunHead> for AskedRun {
    fn from(run: &RunHead) -> Self {
        Self {
            key: run.key,
            revision: run.revision,
        }
    }
}

impl RunKeys {
    /// The chain whose keys these are.
    pub(crate) fn chain(&self) -> &[Piece] {
        &self.chain
    }

    /// The line behind the last one that is known.
    pub(crate) fn end_line(&self) -> u64 {
        self.end_line
    }
}

impl KeyLists {
    /// Lists that take at most about `max_bytes`.
    pub(crate) fn new(max_bytes: u64) -> Self {
        let weight = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            runs: Cache::builder()
                .max_capacity(max_bytes / 2)
                .weigher(move |_, keys: &Arc<RunKeys>| weight(keys.stats.n_bytes() + 200))
                .build(),
            projects: Cache::builder()
                .max_capacity(max_bytes / 2)
                .weigher(move |_, keys: &Arc<ProjectKeys>| weight(keys.n_bytes() + 200))
                .build(),
            gathering: Turns::new(),
        }
    }
}

impl Tracking {
    /// The keys of a run's stream, by name.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn history_keys(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
    ) -> Result<Vec<KeyInfo>> {
        let head = self.run_head(caller, path, Access::Read).await?;
        let mut found = self.keys_of_runs(&[(&head).into()], stream).await?;
        let keys = found.pop().expect("keys for each run")?;
        off_thread(move || keys.stats.infos().collect()).await
    }

    /// A page of the keys of a run's stream, by name.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn find_history_keys(
        &self,
        caller: &Caller,
        path: &RunPath,
        stream: Stream,
        filter: &KeyFilter,
    ) -> Result<KeyPage<KeyInfo>> {
        let keys = self.history_keys(caller, path, stream).await?;
        let filter = filter.clone();
        off_thread(move || filter.apply(keys, |key| &key.name)).await
    }

    /// A page of the history keys of all runs of a project, by name, the bin left out.
    ///
    /// In a project whose keys take long to gather, a list may be some seconds old.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn project_keys(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        filter: &KeyFilter,
    ) -> Result<FoundProjectKeys> {
        let project = self.get_project(caller, entity, project).await?.key;
        let keys = self.keys_of_project(project).await?;
        let faults = Arc::clone(&keys.gathered.faults);
        let filter = filter.clone();
        let page =
            off_thread(move || filter.apply(keys.gathered.keys.iter().cloned(), |key| &key.name))
                .await?;
        Ok(FoundProjectKeys { page, faults })
    }

    async fn keys_of_project(&self, project: ProjectKey) -> Result<Arc<ProjectKeys>> {
        let lists = &self.inner.key_lists;
        if let Some(known) = self.fresh_keys(project).await? {
            return Ok(known);
        }
        let _turn = lists.gathering.wait(project.0).await;
        if let Some(known) = self.fresh_keys(project).await? {
            return Ok(known);
        }
        let started = Instant::now();
        let revision = self.inner.meta.read().project_revision(project).await?;
        let gathered = self.gather_keys(project).await?;
        let gathered = Arc::new(ProjectKeys {
            revision: revision.filter(|_| gathered.faults.is_empty()),
            gathered_at: Instant::now(),
            took: started.elapsed(),
            gathered,
        });
        lists.projects.insert(project, Arc::clone(&gathered)).await;
        Ok(gathered)
    }

    /// The keys that were gathered of a project, if they are still those it has, or nearly so if gathering takes long.
    async fn fresh_keys(&self, project: ProjectKey) -> Result<Option<Arc<ProjectKeys>>> {
        let Some(known) = self.inner.key_lists.projects.get(&project).await else {
            return Ok(None);
        };
        if known.took > SLOW && known.gathered_at.elapsed() < known.took * STALE_FACTOR {
            return Ok(Some(known));
        }
        let revision = self.inner.meta.read().project_revision(project).await?;
        let is_fresh = revision.is_some() && revision == known.revision;
        Ok(is_fresh.then_some(known))
    }

    async fn gather_keys(&self, project: ProjectKey) -> Result<GatheredKeys> {
        let runs = self.inner.meta.read().logged_runs(project).await?;
        let asked: Vec<AskedRun> = runs.iter().map(Into::into).collect();
        let keys = self.keys_of_runs(&asked, Stream::History).await?;
        off_thread(move || {
            let mut found: BTreeMap<MetricName, ProjectKeyInfo> = BTreeMap::new();
            let mut faults = Vec::new();
            for (run, keys) in runs.iter().zip(keys) {
                let Some(keys) = set_aside(&run.run_id, keys, &mut faults)? else {
                    continue;
                };
                let definitions = Definitions::parse(run)?;
                for key in keys.stats.infos() {
                    add_key(&mut found, &key, &definitions);
                }
            }
            name_step_metrics(&mut found);
            Ok(GatheredKeys {
                keys: found.into_values().map(Arc::new).collect(),
                faults: Arc::new(faults),
            })
        })
        .await?
    }

    /// The keys of a stream of each run, or why they cannot be read.
    pub(crate) async fn keys_of_runs(
        &self,
        runs: &[AskedRun],
        stream: Stream,
    ) -> Result<Vec<Result<Arc<RunKeys>>>> {
        let lists = &self.inner.key_lists;
        let mut found: Vec<Option<Result<Arc<RunKeys>>>> = Vec::with_capacity(runs.len());
        let mut changed: Vec<(usize, Option<Arc<RunKeys>>)> = Vec::new();
        for (place, run) in runs.iter().enumerate() {
            found.push(match lists.runs.get(&(run.key, stream)).await {
                Some(known) if known.revision == run.revision => Some(Ok(known)),
                known => {
                    changed.push((place, known));
                    None
                }
            });
        }
        let keys: Vec<RunKey> = changed.iter().map(|&(place, _)| runs[place].key).collect();
        let db = self.inner.meta.read();
        let mut chains = db.chains(&keys, stream).await?;
        let views = chain::views_of_chains(&db, &keys, &chains, 0..u64::MAX).await?;
        let mut read = stream::iter(changed.into_iter().zip(views))
            .map(|((place, known), view)| {
                let run = runs[place];
                let chain = chains.remove(&run.key).unwrap_or_default();
                async move { (place, self.read_keys(run, stream, chain, view, known).await) }
            })
            .buffered(CONCURRENT_RUNS);
        while let Some((place, keys)) = read.next().await {
            let keys = keys.map(Arc::new);
            if let Ok(keys) = &keys {
                let run = (runs[place].key, stream);
                lists.runs.insert(run, Arc::clone(keys)).await;
            }
            found[place] = Some(keys);
        }
        let found = found.into_iter();
        Ok(found
            .map(|keys| keys.expect("each was known or read"))
            .collect())
    }

    async fn read_keys(
        &self,
        run: AskedRun,
        stream: Stream,
        chain: Vec<Piece>,
        view: View,
        known: Option<Arc<RunKeys>>,
    ) -> Result<RunKeys> {
        let engine = &self.inner.engine;
        let end_line = view
            .last()
            .map_or(0, |part| part.end_line.min(part.visible.end));
        let later = known.as_ref().and_then(|known| {
            let is_longer = known.chain == chain;
            let later = is_longer.then(|| lines_behind(&view, known.end_line))??;
            Some((known.stats.clone(), later))
        });
        let (stats, later) = later.unwrap_or_else(|| (KeyStats::default(), view));
        let stats = match engine.key_stats(stats, &later).await {
            Ok(stats) => stats,
            Err(error) if has_moved(&error) => {
                // Rows moved meanwhile: all of them anew, as they are now.
                self.read_view(run.key, stream, 0..end_line, |view| async move {
                    engine.key_stats(KeyStats::default(), &view).await
                })
                .await?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(RunKeys {
            revision: run.revision,
            chain,
            end_line,
            stats,
        })
    }
}

impl ProjectKeys {
    fn n_bytes(&self) -> usize {
        let of_key = |key: &Arc<ProjectKeyInfo>| {
            let kinds: usize = key.kinds.iter().map(|kind| kind.len() + 32).sum();
            size_of::<ProjectKeyInfo>() + key.name.as_str().len() + kinds
        };
        self.gathered.keys.iter().map(of_key).sum()
    }
}

/// The parts behind a line that was the end before; `None` if a part has lines on both sides of it, so that looking at
/// its index is quicker than at its rows.
fn lines_behind(view: &View, line: u64) -> Option<View> {
    let begins = |part: &Part| part.visible.start.max(part.first_line);
    let ends = |part: &Part| part.visible.end.min(part.end_line);
    let parts = view.iter().filter(|part| ends(part) > line);
    let parts: View = parts.cloned().collect();
    let is_cut = parts.first().is_some_and(|part| begins(part) < line);
    (!is_cut).then_some(parts)
}

fn add_key(
    found: &mut BTreeMap<MetricName, ProjectKeyInfo>,
    key: &KeyInfo,
    definitions: &Definitions,
) {
    let info = found
        .entry(key.name.clone())
        .or_insert_with(|| ProjectKeyInfo {
            name: key.name.clone(),
            kinds: Vec::new(),
            n_runs: 0,
            count: 0,
            definition: None,
            step_metric: None,
        });
    info.n_runs += 1;
    info.count += key.kinds.iter().map(|(_, count)| count).sum::<u64>();
    for kind in kinds(key) {
        if let Err(at) = info.kinds.binary_search(&kind) {
            info.kinds.insert(at, kind);
        }
    }
    if let Some(definition) = definitions.find(&key.name) {
        info.definition = Some(definition);
    }
}

/// A script names a step metric with plain dots; the key of that name says where they are borders.
fn name_step_metrics(found: &mut BTreeMap<MetricName, ProjectKeyInfo>) {
    let asked: HashSet<String> = found
        .values()
        .filter_map(|key| key.definition.as_ref()?.step_metric.clone())
        .collect();
    let names: HashMap<String, MetricName> = found
        .keys()
        .map(|name| (name.dotted(), name.clone()))
        .filter(|(dotted, _)| asked.contains(dotted))
        .collect();
    for key in found.values_mut() {
        let definition = key.definition.as_ref();
        let asked = definition.and_then(|definition| definition.step_metric.as_ref());
        key.step_metric = asked.map(|asked| match names.get(asked) {
            Some(name) => name.to_string(),
            None => asked.clone(),
        });
    }
}

/// The kinds of a key's values as people and panels tell them apart: `number`, `string`, `bool`, `json`, or the `_type`
/// of typed objects such as `image-file`.
pub fn kinds(key: &KeyInfo) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for (kind, _) in &key.kinds {
        let name = match kind {
            kind if kind.is_number() => "number",
            ValueKind::Json if !key.types.is_empty() => continue,
            kind => kind.as_str(),
        };
        if !kinds.iter().any(|known| known == name) {
            kinds.push(name.to_owned());
        }
    }
    kinds.extend(key.types.iter().cloned());
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, step_metric: Option<&str>) -> (MetricName, ProjectKeyInfo) {
        let definition = step_metric.map(|step| MetricDefinition {
            name: name.to_owned(),
            is_glob: false,
            step_metric: Some(step.to_owned()),
            hidden: false,
            summary: Vec::new(),
            goal: None,
        });
        let name = MetricName::from_stored(name);
        let info = ProjectKeyInfo {
            name: name.clone(),
            kinds: vec!["number".to_owned()],
            n_runs: 1,
            count: 1,
            definition,
            step_metric: None,
        };
        (name, info)
    }

    #[test]
    fn step_metrics_are_named_as_keys() {
        let mut keys = BTreeMap::from([
            key("accuracy", Some("never.logged")),
            key("loss", Some("my.epoch")),
            key("my\\.epoch", None),
        ]);
        name_step_metrics(&mut keys);
        let found: Vec<_> = keys.into_values().map(|key| key.step_metric).collect();
        let expected = [Some("never.logged"), Some("my\\.epoch"), None];
        assert_eq!(found, expected.map(|name| name.map(str::to_owned)));
    }

    #[test]
    fn only_lines_behind_are_looked_at_unless_a_part_is_cut() {
        let part = |lines: std::ops::Range<u64>| Part {
            source: ballast_history::PartSource::Chunk { key: 1, n_bytes: 1 },
            first_line: lines.start,
            end_line: lines.end,
            visible: lines,
            steps: None,
        };
        let view = vec![part(0..5), part(5..9), part(9..12)];
        assert_eq!(lines_behind(&view, 9), Some(vec![part(9..12)]));
        assert_eq!(lines_behind(&view, 12), Some(Vec::new()));
        assert_eq!(lines_behind(&view, 7), None);
    }
}
