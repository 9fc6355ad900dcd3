//! Lineage: which runs and versions something was made from, and what was made from it.
//!
//! The graph has runs and versions as nodes; an edge goes with the data, from a version to the run that used it and from a
//! run to the version that it made. The metadata database walks it from run to run; what of it a caller gets to see is
//! decided here: the walk is done once more over the edges that were read, through visible nodes only, so that nothing can
//! be learnt from what lies behind a hidden one.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::str::FromStr;

use ballast_meta::artifacts::{
    ArtifactReference, ArtifactRole, Direction, LineageEdge, LineageStart, RunReference,
};
use ballast_model::{
    ArtifactKey, CollectionName, EntityName, NameError, ProjectName, RunKey, RunPath,
};
use thiserror::Error;

use crate::artifacts::{CollectionPath, ShortVersion, VersionPath};
use crate::{Access, Caller, Result, Tracking};

/// Most nodes of an answer.
pub const MAX_NODES: usize = 100_000;
/// Most edges that are read for an answer.
const MAX_EDGES: usize = 400_000;

/// A run or a version, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A run.
    Run(RunPath),
    /// A version.
    Version(VersionPath),
}

impl Subject {
    /// The owner of the project.
    pub fn entity(&self) -> &EntityName {
        match self {
            Self::Run(path) => &path.entity,
            Self::Version(path) => &path.collection.entity,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(path) => path.fmt(f),
            Self::Version(path) => path.fmt(f),
        }
    }
}

/// A text that names neither a run nor a version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// It does not have the parts of either.
    #[error(
        "`{0}` names nothing: expected `entity/project/run` or `entity/project/collection:version`"
    )]
    Shape(String),
    /// One of its parts cannot be a name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let shown = || SubjectError::Shape(text.chars().take(200).collect());
        let parts: Vec<&str> = text.split('/').collect();
        let [entity, project, name] = parts.as_slice() else {
            return Err(shown());
        };
        match name.split_once(':') {
            None => Ok(Self::Run(RunPath::new(entity, project, name)?)),
            Some((_, "")) => Err(shown()),
            Some((collection, version)) => Ok(Self::Version(VersionPath {
                collection: CollectionPath {
                    entity: EntityName::new(*entity)?,
                    project: ProjectName::new(*project)?,
                    collection: CollectionName::new(collection)?,
                },
                version: version.to_owned(),
            })),
        }
    }
}

/// A node of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKey {
    /// A run.
    Run(RunKey),
    /// A version.
    Artifact(ArtifactKey),
}

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(key) => write!(f, "r{key}"),
            Self::Artifact(key) => write!(f, "a{key}"),
        }
    }
}

/// How much of a lineage to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Steps against the flow of data; from a run to a version or back is one step.
    pub up: usize,
    /// Steps with the flow of data.
    pub down: usize,
    /// At most so many nodes; the farthest are left out. At most [`MAX_NODES`].
    pub limit: usize,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeBody {
    /// A run.
    Run(RunReference),
    /// A version.
    Artifact(ShortVersion),
}

/// A node of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Which node it is.
    pub key: NodeKey,
    /// Steps from the focus; negative against the flow of data.
    pub depth: i64,
    /// What it is.
    pub body: NodeBody,
    /// How many nodes that it was made from are not in the answer.
    pub n_hidden_up: u64,
    /// How many nodes that were made from it are not in the answer.
    pub n_hidden_down: u64,
}

/// An edge, in the direction in which data went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where the data came from.
    pub from: NodeKey,
    /// Where it went.
    pub to: NodeKey,
    /// What the run's script called the version that it used.
    pub used_as: Option<String>,
}

/// The surroundings of a run or version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The node that was asked for.
    pub focus: NodeKey,
    /// The nodes, nearest first: the focus, then those before it and behind it by distance.
    pub nodes: Vec<Node>,
    /// The edges between them.
    pub edges: Vec<Edge>,
    /// Whether there is more within the depth that was asked for than the limit lets in.
    pub truncated: bool,
    /// How many neighbours of these nodes the caller may not see.
    pub n_forbidden: u64,
}

impl Tracking {
    /// What a run or version was made from, and what was made from it. Runs in the bin and deleted versions are left out,
    /// and so is what can be reached through them only.
    ///
    /// # Errors
    /// As [`Tracking::get_run`] and [`Tracking::membership_at`].
    pub async fn lineage(
        &self,
        caller: &Caller,
        subject: &Subject,
        extent: Extent,
    ) -> Result<Lineage> {
        let focus = self.node_of(caller, subject).await?;
        self.lineage_of(caller, focus, extent).await
    }

    /// The node that a subject names.
    pub(crate) async fn node_of(&self, caller: &Caller, subject: &Subject) -> Result<NodeKey> {
        Ok(match subject {
            Subject::Run(path) => NodeKey::Run(self.run_key(caller, path, Access::Read).await?),
            Subject::Version(path) => {
                NodeKey::Artifact(self.membership_at(caller, path).await?.artifact.key)
            }
        })
    }

    /// [`Tracking::lineage`] of a node that the caller may see.
    pub(crate) async fn lineage_of(
        &self,
        caller: &Caller,
        focus: NodeKey,
        extent: Extent,
    ) -> Result<Lineage> {
        let limit = extent.limit.clamp(1, MAX_NODES);
        let up = self
            .walk_lineage(focus, Direction::Up, extent.up, limit)
            .await?;
        let down = self
            .walk_lineage(focus, Direction::Down, extent.down, limit)
            .await?;

        let mut bodies = self.lineage_bodies(caller, &[&up, &down], focus).await?;
        let is_visible = |key: &NodeKey| match bodies.get(key) {
            Some(NodeBody::Run(run)) => caller.may_read(run.entity, run.project),
            Some(NodeBody::Artifact(version)) => {
                caller.may_list(version.reference.entity, version.reference.project)
            }
            None => false,
        };
        let mut depths = HashMap::from([(focus, 0)]);
        let mut order = vec![focus];
        let reached_up = up.reach(focus, Direction::Up, extent.up, &is_visible);
        let reached_down = down.reach(focus, Direction::Down, extent.down, &is_visible);
        let mut truncated = up.is_cut_within(&reached_up) || down.is_cut_within(&reached_down);
        let mut reached: Vec<(NodeKey, i64)> = reached_up
            .into_iter()
            .map(|(key, depth)| (key, -depth))
            .chain(reached_down)
            .collect();
        reached.sort_by_key(|(_, depth)| depth.abs());
        for (key, depth) in reached {
            // A cycle leads to a node from both sides; the nearer side counts.
            if depths.contains_key(&key) {
                continue;
            }
            if order.len() == limit {
                truncated = true;
                break;
            }
            depths.insert(key, depth);
            order.push(key);
        }

        let mut edges: Vec<Edge> = Vec::new();
        let mut seen: HashSet<(NodeKey, NodeKey)> = HashSet::new();
        let mut neighbours: HashMap<NodeKey, (u64, u64)> = HashMap::new();
        let mut forbidden: HashSet<NodeKey> = HashSet::new();
        for edge in up.edges.into_iter().chain(down.edges) {
            let (from, to) = ends(&edge);
            if !seen.insert((from, to)) {
                continue;
            }
            let (has_from, has_to) = (depths.contains_key(&from), depths.contains_key(&to));
            for (inside, key, has_key) in [(has_from, to, has_to), (has_to, from, has_from)] {
                let is_hidden = inside && !has_key && bodies.contains_key(&key);
                if is_hidden && !is_visible(&key) {
                    forbidden.insert(key);
                }
            }
            if let NodeKey::Run(_) = from
                && has_from
                && !has_to
            {
                neighbours.entry(from).or_default().1 += 1;
            }
            if let NodeKey::Run(_) = to
                && has_to
                && !has_from
            {
                neighbours.entry(to).or_default().0 += 1;
            }
            if has_from && has_to {
                edges.push(Edge {
                    from,
                    to,
                    used_as: edge.used_as,
                });
            }
        }
        self.count_runs_around(&order, &edges, &mut neighbours)
            .await?;
        let nodes = order
            .into_iter()
            .filter_map(|key| {
                let (n_hidden_up, n_hidden_down) =
                    neighbours.get(&key).copied().unwrap_or_default();
                Some(Node {
                    key,
                    depth: depths[&key],
                    body: bodies.remove(&key)?,
                    n_hidden_up,
                    n_hidden_down,
                })
            })
            .collect();
        Ok(Lineage {
            focus,
            nodes,
            edges,
            truncated,
            n_forbidden: forbidden.len() as u64,
        })
    }

    /// Reads the edges around the runs in one direction.
    async fn walk_lineage(
        &self,
        focus: NodeKey,
        direction: Direction,
        depth: usize,
        limit: usize,
    ) -> Result<Walk> {
        let start = match focus {
            NodeKey::Run(run) => LineageStart::Run(run),
            NodeKey::Artifact(artifact) => LineageStart::Artifact(artifact),
        };
        if depth == 0 {
            // The neighbours of the focus are counted all the same.
            let runs = match focus {
                NodeKey::Run(run) => vec![run],
                NodeKey::Artifact(_) => Vec::new(),
            };
            let db = self.inner.meta.read();
            let edges = db.edges_of_runs(&runs, MAX_EDGES).await?;
            return Ok(Walk {
                edges,
                cut_at: None,
            });
        }
        let db = self.inner.meta.read();
        // As many runs as nodes are asked for are enough: of any two runs the nearer comes first.
        let mut runs = db.lineage_runs(start, direction, limit as u64 + 1).await?;
        let is_cut = runs.len() > limit;
        runs.truncate(limit);
        let edges = db.edges_of_runs(&runs, MAX_EDGES).await?;
        let cut_at = if edges.len() == MAX_EDGES {
            edges.last().map(|edge| edge.run)
        } else {
            runs.last().copied().filter(|_| is_cut)
        };
        Ok(Walk { edges, cut_at })
    }

    /// What the nodes at the ends of edges are; those that are gone are missing. A version that the caller meets by a
    /// link only is named as the link does.
    async fn lineage_bodies(
        &self,
        caller: &Caller,
        walks: &[&Walk],
        focus: NodeKey,
    ) -> Result<HashMap<NodeKey, NodeBody>> {
        let mut keys: HashSet<NodeKey> = HashSet::from([focus]);
        for edge in walks.iter().flat_map(|walk| &walk.edges) {
            keys.insert(NodeKey::Run(edge.run));
            keys.insert(NodeKey::Artifact(edge.artifact));
        }
        let (mut runs, mut artifacts) = (Vec::new(), Vec::new());
        for key in keys {
            match key {
                NodeKey::Run(run) => runs.push(run),
                NodeKey::Artifact(artifact) => artifacts.push(artifact),
            }
        }
        runs.sort_unstable();
        artifacts.sort_unstable();
        let db = self.inner.meta.read();
        let mut bodies = HashMap::with_capacity(runs.len() + artifacts.len());
        for run in db.run_references(&runs).await? {
            bodies.insert(NodeKey::Run(run.key), NodeBody::Run(run));
        }
        let mut references: Vec<ArtifactReference> = db.artifact_references(&artifacts).await?;
        let elsewhere: Vec<ArtifactKey> = references
            .iter()
            .filter(|found| !caller.may_list(found.entity, found.project))
            .map(|found| found.key)
            .collect();
        let met = self.memberships_met_by(caller, &elsewhere).await?;
        for reference in &mut references {
            if let Some(link) = met.get(&reference.key) {
                *reference = link.into();
            }
        }
        for version in self.with_aliases(references).await? {
            let key = NodeKey::Artifact(version.reference.key);
            bodies.insert(key, NodeBody::Artifact(version));
        }
        Ok(bodies)
    }

    /// Adds to `hidden` how many runs before and behind each version are not in the answer.
    async fn count_runs_around(
        &self,
        nodes: &[NodeKey],
        edges: &[Edge],
        hidden: &mut HashMap<NodeKey, (u64, u64)>,
    ) -> Result<()> {
        let mut artifacts: Vec<ArtifactKey> = nodes
            .iter()
            .filter_map(|key| match key {
                NodeKey::Artifact(artifact) => Some(*artifact),
                NodeKey::Run(_) => None,
            })
            .collect();
        artifacts.sort_unstable();
        let counts = self
            .inner
            .meta
            .read()
            .use_counts_of_artifacts(&artifacts)
            .await?;
        let mut shown: HashMap<NodeKey, (u64, u64)> = HashMap::new();
        for edge in edges {
            shown.entry(edge.to).or_default().0 += 1;
            shown.entry(edge.from).or_default().1 += 1;
        }
        for artifact in artifacts {
            let key = NodeKey::Artifact(artifact);
            let counts = counts.get(&artifact).copied().unwrap_or_default();
            let (n_up, n_down) = shown.get(&key).copied().unwrap_or_default();
            let found = (
                counts.n_logged_by.saturating_sub(n_up),
                counts.n_used_by.saturating_sub(n_down),
            );
            hidden.insert(key, found);
        }
        Ok(())
    }
}

/// The two ends of an edge, in the direction in which data went.
fn ends(edge: &LineageEdge) -> (NodeKey, NodeKey) {
    let (run, artifact) = (NodeKey::Run(edge.run), NodeKey::Artifact(edge.artifact));
    match edge.role {
        ArtifactRole::Used => (artifact, run),
        ArtifactRole::Logged => (run, artifact),
    }
}

/// What was read in one direction.
struct Walk {
    edges: Vec<LineageEdge>,
    /// The farthest run, if there are more behind it.
    cut_at: Option<RunKey>,
}

impl Walk {
    /// Whether what was not read may be as near as what was reached.
    fn is_cut_within(&self, reached: &[(NodeKey, i64)]) -> bool {
        self.cut_at
            .is_some_and(|run| reached.iter().any(|(key, _)| *key == NodeKey::Run(run)))
    }

    /// The visible nodes within `depth` steps of `focus`, with their distance, nearest first; `focus` is left out.
    fn reach(
        &self,
        focus: NodeKey,
        direction: Direction,
        depth: usize,
        is_visible: &impl Fn(&NodeKey) -> bool,
    ) -> Vec<(NodeKey, i64)> {
        let mut next: HashMap<NodeKey, Vec<NodeKey>> = HashMap::new();
        for edge in &self.edges {
            let (from, to) = ends(edge);
            let (near, far) = match direction {
                Direction::Up => (to, from),
                Direction::Down => (from, to),
            };
            next.entry(near).or_default().push(far);
        }
        let mut reached = Vec::new();
        let mut seen = HashSet::from([focus]);
        let mut waiting = VecDeque::from([(focus, 0)]);
        while let Some((key, distance)) = waiting.pop_front() {
            if distance as usize == depth {
                continue;
            }
            for far in next.get(&key).into_iter().flatten() {
                if is_visible(far) && seen.insert(*far) {
                    reached.push((*far, distance + 1));
                    waiting.push_back((*far, distance + 1));
                }
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(run: i64, role: ArtifactRole, artifact: i64) -> LineageEdge {
        LineageEdge {
            run: RunKey(run),
            artifact: ArtifactKey(artifact),
            role,
            used_as: None,
        }
    }

    fn reach(edges: Vec<LineageEdge>, focus: NodeKey, depth: usize, hidden: &[NodeKey]) -> String {
        let walk = Walk {
            edges,
            cut_at: None,
        };
        let is_visible = |key: &NodeKey| !hidden.contains(key);
        let reached = walk.reach(focus, Direction::Down, depth, &is_visible);
        let texts = reached.iter().map(|(key, depth)| format!("{key}@{depth}"));
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn subjects_are_runs_or_versions() {
        for text in ["ada/vision/one", "ada/vision/net:best", "ada/vision/net:v3"] {
            let subject: Subject = text.parse().expect("a subject");
            assert_eq!(subject.to_string(), text);
        }
        for text in [
            "",
            "one",
            "ada/vision",
            "a/b/c/d",
            "ada/vision/net:",
            "a b/c/d",
        ] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }

    #[test]
    fn nodes_are_reached_once_by_the_shortest_way() {
        use ArtifactRole::{Logged, Used};
        // a1 → r1 → a2 → r2 → a3, and a1 → r2; r2 makes a1 again.
        let edges = vec![
            edge(1, Used, 1),
            edge(1, Logged, 2),
            edge(2, Used, 2),
            edge(2, Used, 1),
            edge(2, Logged, 3),
            edge(2, Logged, 1),
        ];
        let focus = NodeKey::Artifact(ArtifactKey(1));
        let all = "r1@1 r2@1 a2@2 a3@2";
        assert_eq!(reach(edges.clone(), focus, 99, &[]), all);
        assert_eq!(reach(edges.clone(), focus, 1, &[]), "r1@1 r2@1");
        assert_eq!(reach(edges.clone(), focus, 0, &[]), "");
        let run = NodeKey::Run(RunKey(2));
        assert_eq!(reach(edges, focus, 99, &[run]), "r1@1 a2@2");
    }
}
