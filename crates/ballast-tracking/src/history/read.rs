//! Reading keys.

use std::collections::BTreeMap;

use ballast_history::{KeyInfo, View};
use ballast_meta::Stream;
use ballast_model::{EntityName, MetricDefinition, MetricName, ProjectName, RunKey, RunPath};
use futures::{StreamExt as _, stream};

use super::faults::{RunFault, set_aside};
use crate::runs::Run;
use crate::{Caller, Result, Tracking};

/// How many runs are read at the same time.
pub(super) const CONCURRENT_RUNS: usize = 4;

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
}

/// The keys of a project, as far as the rows of its runs are sound.
#[derive(Debug)]
pub struct ProjectKeys {
    /// The keys, by name.
    pub keys: Vec<ProjectKeyInfo>,
    /// The runs that could not be read and count in no key.
    pub faults: Vec<RunFault>,
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
        let run = self.run_key(caller, path).await?;
        self.keys_of(run, stream).await
    }

    async fn keys_of(&self, run: RunKey, stream: Stream) -> Result<Vec<KeyInfo>> {
        let engine = &self.inner.engine;
        self.read_view(run, stream, 0..u64::MAX, |view| async move {
            engine.keys(&view).await
        })
        .await
    }

    /// The history keys of all runs of a project, by name, the bin left out. Runs whose rows are damaged are set aside.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`](crate::TrackingError::NotFound) if the project does not exist or is not the caller's.
    pub async fn project_keys(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
    ) -> Result<ProjectKeys> {
        let project = self.get_project(caller, entity, project).await?;
        let records = self.inner.meta.read().all_runs(project.key).await?;
        let runs = self.runs_of(&project, records).await?;
        let run_keys: Vec<RunKey> = runs.iter().map(|run| run.key).collect();
        let views = self.views(&run_keys, Stream::History).await?;
        let keys_of_runs: Vec<Result<Vec<KeyInfo>>> = stream::iter(run_keys.into_iter().zip(views))
            .map(|(run, view)| {
                let engine = &self.inner.engine;
                let read = move |view: View| async move { engine.keys(&view).await };
                self.read_known_view(run, Stream::History, view, read)
            })
            .buffered(CONCURRENT_RUNS)
            .collect()
            .await;
        let mut faults = Vec::new();
        let mut found: BTreeMap<MetricName, ProjectKeyInfo> = BTreeMap::new();
        for (run, keys) in runs.iter().zip(keys_of_runs) {
            let Some(keys) = set_aside(&run.id, keys, &mut faults)? else {
                continue;
            };
            let definitions = Definitions::of(run);
            for key in keys {
                let info = found
                    .entry(key.name.clone())
                    .or_insert_with(|| ProjectKeyInfo {
                        name: key.name.clone(),
                        kinds: Vec::new(),
                        n_runs: 0,
                        count: 0,
                        definition: None,
                    });
                info.n_runs += 1;
                info.count += key.kinds.iter().map(|(_, count)| count).sum::<u64>();
                info.kinds.extend(kinds(&key));
                info.kinds.sort();
                info.kinds.dedup();
                if let Some(definition) = definitions.find(&key.name) {
                    info.definition = Some(definition);
                }
            }
        }
        let keys = found.into_values().collect();
        Ok(ProjectKeys { keys, faults })
    }
}

/// The kinds of a key's values as people and panels tell them apart: `number`, `string`, `bool`, `json`, or the `_type`
/// of typed objects such as `image-file`.
pub fn kinds(key: &KeyInfo) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for (kind, _) in &key.kinds {
        let name = match kind {
            kind if kind.is_number() => "number",
            ballast_history::ValueKind::Json if !key.types.is_empty() => continue,
            kind => kind.as_str(),
        };
        if !kinds.iter().any(|known| known == name) {
            kinds.push(name.to_owned());
        }
    }
    kinds.extend(key.types.iter().cloned());
    kinds
}

/// What a run declares about its metrics: exact names before globs, later declarations before earlier ones.
struct Definitions<'a> {
    run: &'a Run,
}

impl<'a> Definitions<'a> {
    fn of(run: &'a Run) -> Self {
        Self { run }
    }

    fn find(&self, name: &MetricName) -> Option<MetricDefinition> {
        let dotted = name.dotted();
        let mut definitions = self.run.metric_definitions.iter().rev();
        let exact = definitions
            .clone()
            .find(|definition| !definition.is_glob && definition.name == dotted);
        let found = exact.or_else(|| {
            definitions
                .find(|definition| definition.is_glob && glob_matches(&definition.name, &dotted))
        })?;
        Some(MetricDefinition {
            name: dotted,
            is_glob: false,
            ..found.clone()
        })
    }
}

/// Whether a pattern, in which `*` stands for any text, matches all of `text`.
fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (pattern, text) in [
            ("val/*", "val/loss"),
            ("*", ""),
            ("a*b*c", "a-b-b-c"),
            ("x", "x"),
            ("*loss", "loss"),
        ] {
            assert!(glob_matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("val/*", "train/loss"),
            ("x", "xy"),
            ("a*b", "a-bc"),
            ("ab*ba", "aba"),
            ("", "x"),
        ] {
            assert!(!glob_matches(pattern, text), "{pattern} {text}");
        }
    }
}
