//! What changed? Two runs or two versions, compared as a whole: what they are, and everything that they were made from.
//!
//! The comparisons themselves are pure and have a module each; this one fetches what they compare.
//!
//! | question | module |
//! |---|---|
//! | how do two sorted lists differ? | `merge` |
//! | what is there to compare of a run? | `facts` |
//! | what differs between two runs or versions? | [`section`](Section) |
//! | which parts of two lineages belong together? | `align` |
//! | which differences came first? | [`findings`](Finding) |
//!
//! Files are compared by their digests and never read. Everything is bounded: lists are cut and say so.

mod align;
mod facts;
mod findings;
mod merge;
mod section;

use std::collections::HashMap;

use ballast_meta::artifacts::{ArtifactRecord, ArtifactRole};
use ballast_model::RunPath;
use ballast_model::json::{Map, Value};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

pub use findings::Finding;
pub use section::{Entry, EntryChange, Section, SectionKind};

use self::align::{Pair, Upstream};
use self::facts::{Fact, Facts};
use self::findings::{Compared, differing, findings};
use self::merge::{Change, merge};
use crate::artifacts::{CollectionPath, Listed, ShortVersion, VersionPath};
use crate::files::FileListing;
use crate::lineage::{Extent, Node, NodeBody, NodeKey, Subject};
use crate::runs::Run;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Most nodes of each lineage that are laid over those of the other.
const MAX_UPSTREAM: usize = 5000;
/// How many differing runs and versions upstream are compared in detail.
const MAX_COMPARED: usize = 200;
/// Most saved files of code of a run that are compared.
const MAX_CODE_FILES: usize = 10_000;
/// Most versions of code that a run may have logged, of which the last counts.
const MAX_LOGGED: u64 = 1000;
/// The type of versions that are code of a run.
const CODE_TYPE: &str = "code";
/// The folder of a run's files in which its client saves code.
const CODE_FOLDER: &str = "code/";
/// What was changed since the commit that was checked out.
const PATCH_FILE: &str = "diff.patch";

/// Where a text is that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSource {
    /// In a file of a run.
    Run {
        /// The run.
        run: RunPath,
        /// The path of the file.
        path: String,
    },
    /// In a file of a version.
    Version {
        /// The version.
        version: VersionPath,
        /// The path of the file.
        path: String,
    },
}

/// How the two sides of a part of the lineages are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlignmentState {
    /// The same run, the same content, or runs between which nothing differs.
    Same,
    /// They differ, or something before them does.
    Changed,
    /// The right side has no such thing.
    OnlyLeft,
    /// The left side has no such thing.
    OnlyRight,
}

/// A run or version of one lineage, and what belongs to it in the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Steps upstream, on the longest way.
    pub depth: usize,
    /// What makes them belong together: what a version is used as, its collection or its type.
    pub name: String,
    /// The left side.
    pub left: Option<Node>,
    /// The right side.
    pub right: Option<Node>,
    /// How they are to each other.
    pub state: AlignmentState,
    /// How much differs between the two themselves.
    pub n_differences: u64,
}

/// Everything that differs between two runs or versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The left side.
    pub left: Node,
    /// The right side.
    pub right: Node,
    /// All differences: causes first, the farthest upstream first.
    pub first_differences: Vec<Finding>,
    /// What differs between the two themselves; of versions also between the runs that made them.
    pub sections: Vec<Section>,
    /// The two lineages laid over each other, nearest first.
    pub lineage: Vec<Alignment>,
    /// Whether the lineages go farther than they were compared.
    pub truncated: bool,
}

impl Tracking {
    /// Compares two runs or two versions with everything that they were made from.
    ///
    /// # Errors
    /// As [`Tracking::lineage`]; [`TrackingError::Invalid`] for a run and a version.
    pub async fn diff(&self, caller: &Caller, left: &Subject, right: &Subject) -> Result<Diff> {
        let keys = (
            self.node_of(caller, left).await?,
            self.node_of(caller, right).await?,
        );
        for key in [keys.0, keys.1] {
            if let NodeKey::Artifact(artifact) = key {
                self.version_for(caller, artifact, Access::Read).await?;
            }
        }
        if matches!(keys.0, NodeKey::Run(_)) != matches!(keys.1, NodeKey::Run(_)) {
            return Err(TrackingError::Invalid(format!(
                "`{left}` and `{right}` are a run and a version; compare two runs, or two versions"
            )));
        }
        let extent = Extent {
            up: usize::MAX,
            down: 0,
            limit: MAX_UPSTREAM,
        };
        let mut upstream = Upstream::default();
        let mut truncated = false;
        for key in [keys.0, keys.1] {
            let lineage = self.lineage_of(caller, key, extent).await?;
            truncated |= lineage.truncated;
            upstream.add(lineage);
        }
        let (pairs, is_cut) = upstream.align(keys.0, keys.1);
        truncated |= is_cut;
        let mut compared = Vec::with_capacity(pairs.len());
        let mut n_compared = 0;
        for pair in &pairs {
            let node = |key: Option<NodeKey>| {
                let found = upstream.node(key?).cloned();
                found.map(|node| Node {
                    depth: -(pair.depth as i64),
                    ..node
                })
            };
            let mut found = Compared {
                left: node(pair.left),
                right: node(pair.right),
                ..Compared::default()
            };
            if let Some((left, right)) = pair.both() {
                found.is_same = upstream.is_same(left, right);
                // The two themselves are compared even if their contents are the same.
                if !found.is_same || (pair.depth == 0 && left != right) {
                    n_compared += 1;
                    if n_compared > MAX_COMPARED {
                        truncated = true;
                    } else {
                        found.sections = self.compare(caller, left, right).await?;
                    }
                }
            }
            compared.push(found);
        }
        add_inputs(&pairs, &mut compared);
        let sections = sections_of(&pairs, &compared);
        let differs = differing(&pairs, &compared);
        let first_differences = findings(&pairs, &compared);
        let gone = || TrackingError::not_found("run or version", left);
        let (left, right) = (compared[0].left.clone(), compared[0].right.clone());
        let mut lineage: Vec<Alignment> = pairs
            .into_iter()
            .zip(compared)
            .zip(differs)
            .map(|((pair, found), differs)| Alignment {
                depth: pair.depth,
                name: pair.name,
                state: match (pair.left, pair.right) {
                    (Some(_), None) => AlignmentState::OnlyLeft,
                    (None, _) => AlignmentState::OnlyRight,
                    _ if differs => AlignmentState::Changed,
                    _ => AlignmentState::Same,
                },
                n_differences: found.n_different(),
                left: found.left,
                right: found.right,
            })
            .collect();
        lineage.sort_by_key(|alignment| alignment.depth);
        Ok(Diff {
            left: left.ok_or_else(gone)?,
            right: right.ok_or_else(gone)?,
            first_differences,
            sections,
            lineage,
            truncated,
        })
    }

    /// Compares a pair of one kind.
    async fn compare(
        &self,
        caller: &Caller,
        left: NodeKey,
        right: NodeKey,
    ) -> Result<Vec<Section>> {
        match (left, right) {
            (NodeKey::Run(left), NodeKey::Run(right)) => {
                let (Some(left), Some(right)) = (
                    self.lookup_run_by_key(caller, left).await?,
                    self.lookup_run_by_key(caller, right).await?,
                ) else {
                    return Ok(Vec::new());
                };
                self.compare_runs(caller, &left, &right).await
            }
            (NodeKey::Artifact(left), NodeKey::Artifact(right)) => {
                let (left, right) = (
                    self.version_for(caller, left, Access::Read).await,
                    self.version_for(caller, right, Access::Read).await,
                );
                let (left, right) = match (left, right) {
                    // What is only listed to the caller somewhere upstream is not compared.
                    (Err(TrackingError::Forbidden(_)), _)
                    | (_, Err(TrackingError::Forbidden(_))) => {
                        return Ok(Vec::new());
                    }
                    (left, right) => (left?, right?),
                };
                let metadata = Section::of_facts(
                    SectionKind::Metadata,
                    metadata_facts(&left),
                    metadata_facts(&right),
                );
                let files = self.compare_files(&left, &right).await?;
                Ok(vec![files, metadata])
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn compare_runs(&self, caller: &Caller, left: &Run, right: &Run) -> Result<Vec<Section>> {
        let mut git = (facts::git(left), facts::git(right));
        git.0.extend(self.patch_fact(caller, left).await?);
        git.1.extend(self.patch_fact(caller, right).await?);
        let code = (
            self.code_facts(caller, left).await?,
            self.code_facts(caller, right).await?,
        );
        let section = Section::of_facts;
        Ok(vec![
            section(
                SectionKind::Config,
                facts::of_map(&left.config),
                facts::of_map(&right.config),
            ),
            section(
                SectionKind::Summary,
                facts::summary(&left.summary),
                facts::summary(&right.summary),
            ),
            section(
                SectionKind::Command,
                facts::command(left),
                facts::command(right),
            ),
            section(SectionKind::Git, merge::sorted(git.0), merge::sorted(git.1)),
            section(SectionKind::Code, code.0, code.1),
            section(
                SectionKind::Environment,
                facts::environment(left),
                facts::environment(right),
            ),
            section(
                SectionKind::Packages,
                facts::packages(left),
                facts::packages(right),
            ),
        ])
    }

    /// What was changed in the working tree since the commit, by digest.
    async fn patch_fact(&self, caller: &Caller, run: &Run) -> Result<Option<(String, Fact)>> {
        let listing = FileListing {
            paths: Some(vec![PATCH_FILE.to_owned()]),
            limit: 1,
            ..FileListing::default()
        };
        let files = self.run_file_facts(caller, run, &listing).await?;
        Ok(files
            .into_iter()
            .next()
            .map(|(_, fact)| ("patch".to_owned(), fact)))
    }

    /// Saved code of a run by path: its files below `code/`, and the version of code that it logged last.
    async fn code_facts(&self, caller: &Caller, run: &Run) -> Result<Facts> {
        let listing = FileListing {
            prefix: Some(CODE_FOLDER.to_owned()),
            limit: MAX_CODE_FILES,
            ..FileListing::default()
        };
        let mut code: Facts = self
            .run_file_facts(caller, run, &listing)
            .await?
            .into_iter()
            .map(|(path, fact)| (path[CODE_FOLDER.len()..].to_owned(), fact))
            .collect();
        let db = self.inner.meta.read();
        let logged = db
            .artifact_keys_of_run(run.key, ArtifactRole::Logged, MAX_LOGGED)
            .await?;
        let mut versions = db.artifact_references(&logged).await?;
        versions.retain(|version| {
            version.type_name.as_str() == CODE_TYPE
                && caller.may_read(version.entity, version.project)
        });
        versions.sort_by_key(|version| version.key);
        if let Some(version) = versions.pop() {
            let artifact = self.version_for(caller, version.key, Access::Read).await?;
            let path = version_path(&ShortVersion {
                reference: version,
                aliases: Vec::new(),
            });
            let files = self.file_list(&artifact).await?;
            let entries: Vec<_> = files.entries_from("").take(MAX_CODE_FILES).collect();
            let sizes = self
                .content_sizes(&artifact, stored(entries.iter().map(|(_, listed)| *listed)))
                .await?;
            code.extend(entries.into_iter().map(|(file, listed)| {
                let fact = file_fact(&path, file, listed, &sizes);
                (file.to_owned(), fact)
            }));
        }
        Ok(merge::sorted(code))
    }

    async fn run_file_facts(
        &self,
        caller: &Caller,
        run: &Run,
        listing: &FileListing,
    ) -> Result<Facts> {
        let path = run.path();
        let files = self.list_files(caller, &path, listing).await?;
        Ok(files
            .into_iter()
            .map(|file| {
                // A file whose digest is not known differs from every other one but itself.
                let digest = file
                    .md5
                    .unwrap_or_else(|| format!("{}@{}", file.key, file.updated_at));
                let fact = Fact {
                    value: digest.into(),
                    text: Some(TextSource::Run {
                        run: path.clone(),
                        path: file.path.to_string(),
                    }),
                    size_bytes: Some(file.size_bytes),
                };
                (file.path.to_string(), fact)
            })
            .collect())
    }

    /// Compares the files of two versions by their digests.
    async fn compare_files(
        &self,
        left: &ArtifactRecord,
        right: &ArtifactRecord,
    ) -> Result<Section> {
        let (left_list, right_list) = (self.file_list(left).await?, self.file_list(right).await?);
        let (mut n_same, mut n_different) = (0, 0);
        let mut differing: Vec<(&str, Option<Listed<'_>>, Option<Listed<'_>>)> = Vec::new();
        let (one, other) = (left_list.entries_from(""), right_list.entries_from(""));
        for change in merge(one, other, is_same_content) {
            let entry = match change {
                Change::Same => {
                    n_same += 1;
                    continue;
                }
                Change::Added(path, new) => (path, None, Some(new)),
                Change::Removed(path, old) => (path, Some(old), None),
                Change::Changed(path, old, new) => (path, Some(old), Some(new)),
            };
            n_different += 1;
            if differing.len() < section::MAX_ENTRIES {
                differing.push(entry);
            }
        }
        let left_sizes = self
            .content_sizes(
                left,
                stored(differing.iter().filter_map(|(_, left, _)| *left)),
            )
            .await?;
        let right_sizes = self
            .content_sizes(
                right,
                stored(differing.iter().filter_map(|(_, _, right)| *right)),
            )
            .await?;
        let (left_path, right_path) = (own_path(left), own_path(right));
        Ok(Section {
            kind: SectionKind::Files,
            n_same,
            n_different,
            truncated: n_different > differing.len() as u64,
            entries: differing
                .into_iter()
                .map(|(path, old, new)| {
                    let old = old.map(|old| file_fact(&left_path, path, old, &left_sizes));
                    let new = new.map(|new| file_fact(&right_path, path, new, &right_sizes));
                    Entry::new(path.to_owned(), old, new)
                })
                .collect(),
        })
    }
}

/// What is shown of the two themselves: of versions also what differs between the runs that made them.
fn sections_of(pairs: &[Pair], compared: &[Compared]) -> Vec<Section> {
    let mut sections = compared[0].sections.clone();
    if let Some(NodeKey::Artifact(_)) = pairs[0].left {
        let makers = pairs[0].sources.iter();
        sections.extend(makers.flat_map(|maker| compared[*maker].sections.clone()));
    }
    sections
}

/// Adds to pairs of runs what differs among their inputs, down to the files.
fn add_inputs(pairs: &[Pair], compared: &mut [Compared]) {
    for index in 0..pairs.len() {
        let Some((NodeKey::Run(left), NodeKey::Run(right))) = pairs[index].both() else {
            continue;
        };
        if left == right {
            continue;
        }
        let mut section = Section::new(SectionKind::Inputs);
        for source in pairs[index].sources.clone() {
            let (pair, found) = (&pairs[source], &compared[source]);
            if found.is_same {
                section.n_same += 1;
                continue;
            }
            let side = |node: &Option<Node>| {
                let NodeBody::Artifact(version) = &node.as_ref()?.body else {
                    return None;
                };
                Some(Fact {
                    value: version_path(version).to_string().into(),
                    text: None,
                    size_bytes: Some(version.reference.size_bytes),
                })
            };
            let (left, right) = (side(&found.left), side(&found.right));
            if left.is_none() && right.is_none() {
                continue;
            }
            section.push(Entry::new(pair.name.clone(), left, right));
            let files = found
                .sections
                .iter()
                .filter(|section| section.kind == SectionKind::Files);
            for files in files {
                section.truncated |= files.truncated;
                for entry in &files.entries {
                    section.push(Entry {
                        key: format!("{}/{}", pair.name, entry.key),
                        ..entry.clone()
                    });
                }
            }
        }
        compared[index].sections.push(section);
    }
}

fn metadata_facts(artifact: &ArtifactRecord) -> Facts {
    let text = artifact.metadata.as_deref().unwrap_or_default();
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(metadata)) => facts::of_map(&metadata),
        // Metadata is checked when it is stored; without any there is nothing to parse.
        _ => facts::of_map(&Map::new()),
    }
}

fn is_same_content(left: &Listed<'_>, right: &Listed<'_>) -> bool {
    match (left, right) {
        (Listed::Stored(left), Listed::Stored(right)) => left == right,
        (Listed::Reference(left), Listed::Reference(right)) => {
            left.digest == right.digest && left.target == right.target
        }
        _ => false,
    }
}

/// The MD5s of those entries that are stored here.
fn stored<'a>(entries: impl Iterator<Item = Listed<'a>>) -> Vec<[u8; 16]> {
    entries
        .filter_map(|listed| match listed {
            Listed::Stored(md5) => Some(*md5),
            Listed::Reference(_) => None,
        })
        .collect()
}

fn file_fact(
    version: &VersionPath,
    path: &str,
    listed: Listed<'_>,
    sizes: &HashMap<[u8; 16], u64>,
) -> Fact {
    match listed {
        Listed::Stored(md5) => Fact {
            value: BASE64_STANDARD.encode(md5).into(),
            text: Some(TextSource::Version {
                version: version.clone(),
                path: path.to_owned(),
            }),
            size_bytes: sizes.get(md5).copied(),
        },
        Listed::Reference(reference) => Fact {
            value: format!("{} at {}", reference.digest, reference.target).into(),
            text: None,
            size_bytes: reference.size_bytes,
        },
    }
}

/// Where a version is in its own collection.
fn own_path(artifact: &ArtifactRecord) -> VersionPath {
    VersionPath {
        collection: CollectionPath {
            entity: artifact.collection.entity_name.clone(),
            project: artifact.collection.project_name.clone(),
            collection: artifact.collection.name.clone(),
        },
        version: format!("v{}", artifact.version.unwrap_or_default()),
    }
}

fn version_path(version: &ShortVersion) -> VersionPath {
    let found = &version.reference;
    VersionPath {
        collection: CollectionPath {
            entity: found.entity_name.clone(),
            project: found.project_name.clone(),
            collection: found.collection_name.clone(),
        },
        version: format!("v{}", found.version),
    }
}
