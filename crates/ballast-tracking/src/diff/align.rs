//! Laying two lineages over each other: which run and which version of one belongs to which of the other.
//!
//! Both are walked upstream together from the two things that are compared. Two runs belong together if versions that
//! belong together were made by them; the inputs of two runs belong together if the runs used them as the same, or they are
//! of the same collection, or each is the only one of its type that is left. Where both sides have the very same run or the
//! same content, there is nothing to find behind it.

use std::collections::{HashMap, HashSet};

use ballast_model::{ArtifactKey, RunKey};

use crate::lineage::{Edge, Lineage, Node, NodeBody, NodeKey};

/// Most pairs that are laid together.
pub(super) const MAX_PAIRS: usize = 1000;

/// What is upstream of the two things that are compared.
#[derive(Debug, Default)]
pub(super) struct Upstream {
    nodes: HashMap<NodeKey, Node>,
    inputs: HashMap<RunKey, Vec<Input>>,
    makers: HashMap<ArtifactKey, RunKey>,
}

/// A version that a run used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) artifact: ArtifactKey,
    pub(super) used_as: Option<String>,
}

/// A run or version of one side and what belongs to it on the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// Steps upstream, on the longest way without turning in circles.
    pub(super) depth: usize,
    /// What makes them belong together.
    pub(super) name: String,
    pub(super) left: Option<NodeKey>,
    pub(super) right: Option<NodeKey>,
    /// The pairs right before this one.
    pub(super) sources: Vec<usize>,
}

impl Pair {
    pub(super) fn both(&self) -> Option<(NodeKey, NodeKey)> {
        self.left.zip(self.right)
    }
}

impl Upstream {
    pub(super) fn add(&mut self, lineage: Lineage) {
        for node in lineage.nodes {
            self.nodes.entry(node.key).or_insert(node);
        }
        for Edge { from, to, used_as } in lineage.edges {
            match (from, to) {
                (NodeKey::Artifact(artifact), NodeKey::Run(run)) => {
                    let input = Input { artifact, used_as };
                    let inputs = self.inputs.entry(run).or_default();
                    if !inputs.contains(&input) {
                        inputs.push(input);
                    }
                }
                (NodeKey::Run(run), NodeKey::Artifact(artifact)) => {
                    // Of several runs that made the same, the first made it.
                    let maker = self.makers.entry(artifact).or_insert(run);
                    *maker = run.min(*maker);
                }
                _ => {}
            }
        }
    }

    pub(super) fn node(&self, key: NodeKey) -> Option<&Node> {
        self.nodes.get(&key)
    }

    pub(super) fn maker(&self, artifact: ArtifactKey) -> Option<RunKey> {
        self.makers.get(&artifact).copied()
    }

    /// What two versions have in common if they are the same content.
    fn digest(&self, key: ArtifactKey) -> Option<&str> {
        match &self.node(NodeKey::Artifact(key))?.body {
            NodeBody::Artifact(version) => Some(&version.reference.digest),
            NodeBody::Run(_) => None,
        }
    }

    /// Whether two nodes are the same run, or versions of the same content.
    pub(super) fn is_same(&self, left: NodeKey, right: NodeKey) -> bool {
        match (left, right) {
            (NodeKey::Artifact(left), NodeKey::Artifact(right)) => {
                left == right
                    || self
                        .digest(left)
                        .is_some_and(|digest| self.digest(right) == Some(digest))
            }
            (left, right) => left == right,
        }
    }

    /// The collection of a version with all names on the way to it, its type, and its number.
    fn place(&self, key: ArtifactKey) -> (String, String, u64) {
        match self.node(NodeKey::Artifact(key)).map(|node| &node.body) {
            Some(NodeBody::Artifact(version)) => {
                let found = &version.reference;
                let place = format!(
                    "{}/{}/{}",
                    found.entity_name, found.project_name, found.collection_name
                );
                (place, found.type_name.to_string(), found.version)
            }
            _ => (String::new(), String::new(), 0),
        }
    }

    /// Lays the lineages of `left` and `right` over each other. The first pair is the two themselves. The flag tells
    /// whether there would be more pairs than [`MAX_PAIRS`].
    pub(super) fn align(&self, left: NodeKey, right: NodeKey) -> (Vec<Pair>, bool) {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut known: HashMap<(Option<NodeKey>, Option<NodeKey>), usize> = HashMap::new();
        let mut truncated = false;
        let name = match left {
            NodeKey::Run(_) => "run".to_owned(),
            NodeKey::Artifact(artifact) => self.collection_name(artifact),
        };
        pairs.push(Pair::new(name, Some(left), Some(right)));
        known.insert((Some(left), Some(right)), 0);
        let mut next = 0;
        while next < pairs.len() {
            for source in self.sources_of(&pairs[next]) {
                let key = (source.left, source.right);
                let index = match known.get(&key) {
                    Some(index) => *index,
                    None if pairs.len() == MAX_PAIRS => {
                        truncated = true;
                        continue;
                    }
                    None => {
                        known.insert(key, pairs.len());
                        pairs.push(source);
                        pairs.len() - 1
                    }
                };
                if !pairs[next].sources.contains(&index) {
                    pairs[next].sources.push(index);
                }
            }
            next += 1;
        }
        set_depths(&mut pairs);
        (pairs, truncated)
    }

    fn collection_name(&self, artifact: ArtifactKey) -> String {
        let (place, _, _) = self.place(artifact);
        place.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The pairs before one.
    fn sources_of(&self, pair: &Pair) -> Vec<Pair> {
        match pair.both() {
            Some((left, right)) if self.is_same(left, right) => Vec::new(),
            Some((NodeKey::Run(left), NodeKey::Run(right))) => {
                let inputs = |run| self.inputs.get(&run).cloned().unwrap_or_default();
                self.align_inputs(inputs(left), inputs(right))
            }
            Some((NodeKey::Artifact(left), NodeKey::Artifact(right))) => {
                let makers = (self.maker(left), self.maker(right));
                match makers {
                    (None, None) => Vec::new(),
                    (left, right) => {
                        let name = format!("run that made {}", pair.name);
                        vec![Pair::new(
                            name,
                            left.map(NodeKey::Run),
                            right.map(NodeKey::Run),
                        )]
                    }
                }
            }
            // What only one side has is a difference as a whole.
            _ => Vec::new(),
        }
    }

    /// Finds which inputs of two runs belong together.
    fn align_inputs(&self, left: Vec<Input>, right: Vec<Input>) -> Vec<Pair> {
        let mut left = self.in_order(left);
        let mut right = self.in_order(right);
        let mut pairs = Vec::new();
        let mut take = |left: &mut Vec<Input>, right: &mut Vec<Input>, rule: &Rule<'_>| {
            let mut index = 0;
            while index < left.len() {
                let found = right
                    .iter()
                    .position(|other| (rule.belong)(&left[index], other));
                match found {
                    Some(other) => {
                        let (one, other) = (left.remove(index), right.remove(other));
                        pairs.push(Pair::new(
                            (rule.name)(&one),
                            Some(NodeKey::Artifact(one.artifact)),
                            Some(NodeKey::Artifact(other.artifact)),
                        ));
                    }
                    None => index += 1,
                }
            }
        };
        let name = |input: &Input| self.input_name(input);
        let is_same = |a: &Input, b: &Input| a.artifact == b.artifact;
        let is_used_alike = |a: &Input, b: &Input| a.used_as.is_some() && a.used_as == b.used_as;
        let is_of_one_collection =
            |a: &Input, b: &Input| self.place(a.artifact).0 == self.place(b.artifact).0;
        let rules: [&Belonging<'_>; 3] = [&is_same, &is_used_alike, &is_of_one_collection];
        for belong in rules {
            let rule = Rule {
                belong,
                name: &name,
            };
            take(&mut left, &mut right, &rule);
        }
        let lone = |inputs: &[Input]| -> HashSet<String> {
            let mut counts: HashMap<String, usize> = HashMap::new();
            for input in inputs {
                *counts.entry(self.place(input.artifact).1).or_default() += 1;
            }
            let lone = counts.into_iter().filter(|(_, count)| *count == 1);
            lone.map(|(name, _)| name).collect()
        };
        let lone: HashSet<String> = lone(&left).intersection(&lone(&right)).cloned().collect();
        let is_lone_of_type = |a: &Input, b: &Input| {
            let name = self.place(a.artifact).1;
            lone.contains(&name) && name == self.place(b.artifact).1
        };
        let rule = Rule {
            belong: &is_lone_of_type,
            name: &|input| self.place(input.artifact).1,
        };
        take(&mut left, &mut right, &rule);
        let only_left = left.iter().map(|input| {
            let key = Some(NodeKey::Artifact(input.artifact));
            Pair::new(name(input), key, None)
        });
        let only_right = right.iter().map(|input| {
            let key = Some(NodeKey::Artifact(input.artifact));
            Pair::new(name(input), None, key)
        });
        pairs.extend(only_left.chain(only_right));
        pairs
    }

    /// Inputs by collection and number, so that the same two runs are always laid together alike.
    fn in_order(&self, mut inputs: Vec<Input>) -> Vec<Input> {
        inputs.sort_by_cached_key(|input| {
            let (place, _, version) = self.place(input.artifact);
            (place, version, input.artifact)
        });
        inputs.dedup_by_key(|input| input.artifact);
        inputs
    }

    fn input_name(&self, input: &Input) -> String {
        let used_as = input.used_as.clone();
        used_as.unwrap_or_else(|| self.collection_name(input.artifact))
    }
}

/// Whether two inputs belong together.
type Belonging<'a> = dyn Fn(&Input, &Input) -> bool + 'a;

/// When two inputs belong together, and what that is called.
struct Rule<'a> {
    belong: &'a Belonging<'a>,
    name: &'a dyn Fn(&Input) -> String,
}

impl Pair {
    fn new(name: String, left: Option<NodeKey>, right: Option<NodeKey>) -> Self {
        Self {
            depth: 0,
            name,
            left,
            right,
            sources: Vec::new(),
        }
    }
}

/// Sets the depth of each pair to the longest way from the first one, so that a cause is always deeper than what follows
/// from it. Ways back to a pair that is on the way already do not count.
fn set_depths(pairs: &mut [Pair]) {
    let order = sources_last(pairs);
    let mut place = vec![0; pairs.len()];
    for (position, index) in order.iter().enumerate() {
        place[*index] = position;
    }
    for index in order {
        let depth = pairs[index].depth + 1;
        for source in pairs[index].sources.clone() {
            if place[source] > place[index] {
                pairs[source].depth = pairs[source].depth.max(depth);
            }
        }
    }
}

/// An order in which each pair comes before its sources, cycles aside.
fn sources_last(pairs: &[Pair]) -> Vec<usize> {
    let mut seen = vec![false; pairs.len()];
    let mut finished = Vec::with_capacity(pairs.len());
    let mut path: Vec<(usize, usize)> = Vec::new();
    if !pairs.is_empty() {
        seen[0] = true;
        path.push((0, 0));
    }
    while let Some((index, next)) = path.last_mut() {
        let Some(source) = pairs[*index].sources.get(*next) else {
            finished.push(*index);
            path.pop();
            continue;
        };
        *next += 1;
        if !seen[*source] {
            seen[*source] = true;
            path.push((*source, 0));
        }
    }
    finished.reverse();
    finished
}
