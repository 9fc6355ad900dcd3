//! The first differences upstream: which of all differences may have caused the others.
//!
//! Nobody derives a setting, a line of code or a package from data, so what differs of a run is a cause. That a version
//! differs is a consequence where the runs that made it differ or something before them does, and a cause where nothing
//! does: it was put there as it is, or the same run did not give the same twice.

use ballast_model::json::Value;

use super::align::Pair;
use super::section::{Entry, EntryChange, Section, SectionKind};
use crate::lineage::{Node, NodeBody};

/// Most findings of a diff.
pub(super) const MAX_FINDINGS: usize = 500;
/// Most findings of one section of one pair of runs.
const MAX_OF_SECTION: usize = 50;
/// How many files a sentence names.
const NAMED_FILES: usize = 3;
/// Longest value in a sentence, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// A difference upstream.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Steps upstream, on the longest way.
    pub depth: usize,
    /// Whether nothing before it differs, so that it may be a cause and is no consequence.
    pub is_root: bool,
    /// What it is about.
    pub section: SectionKind,
    /// What differs.
    pub key: String,
    /// Which side has it.
    pub change: EntryChange,
    /// The value on the left.
    pub left: Option<Value>,
    /// The value on the right.
    pub right: Option<Value>,
    /// The run or version on the left.
    pub left_node: Option<Node>,
    /// The run or version on the right.
    pub right_node: Option<Node>,
    /// One sentence that says all of it.
    pub message: String,
    /// Which files differ, if it is about a version.
    pub files: Vec<Entry>,
}

/// What is known of a pair.
#[derive(Debug, Clone, Default)]
pub(super) struct Compared {
    /// The differences of the pair itself.
    pub(super) sections: Vec<Section>,
    pub(super) is_same: bool,
    pub(super) left: Option<Node>,
    pub(super) right: Option<Node>,
}

impl Compared {
    pub(super) fn n_different(&self) -> u64 {
        let counted = self.sections.iter();
        counted
            .filter(|section| section.kind != SectionKind::Summary)
            .map(|section| section.n_different)
            .sum()
    }
}

/// Which pairs differ, or have one before them that does.
pub(super) fn differing(pairs: &[Pair], compared: &[Compared]) -> Vec<bool> {
    let mut differs: Vec<bool> = pairs
        .iter()
        .zip(compared)
        .map(|(pair, found)| match pair.both() {
            None => true,
            Some(_) => !found.is_same && (found.n_different() > 0 || is_version(found)),
        })
        .collect();
    // A difference reaches what was made from it in as many rounds as it is steps away at most.
    loop {
        let mut changed = false;
        for index in (0..pairs.len()).rev() {
            if !differs[index] && pairs[index].sources.iter().any(|source| differs[*source]) {
                differs[index] = true;
                changed = true;
            }
        }
        if !changed {
            return differs;
        }
    }
}

fn is_version(compared: &Compared) -> bool {
    let node = compared.left.as_ref().or(compared.right.as_ref());
    node.is_some_and(|node| matches!(node.body, NodeBody::Artifact(_)))
}

/// All differences: causes first, the farthest upstream first; of one depth by how much they weigh.
pub(super) fn findings(pairs: &[Pair], compared: &[Compared]) -> Vec<Finding> {
    let differs = differing(pairs, compared);
    let mut found: Vec<Finding> = Vec::new();
    for ((pair, compared), differs_itself) in pairs.iter().zip(compared).zip(&differs) {
        if !differs_itself {
            continue;
        }
        if pair.both().is_none() {
            found.push(of_lone(pair, compared));
        } else if is_version(compared) {
            if !compared.is_same {
                let is_root = !pair.sources.iter().any(|source| differs[*source]);
                found.push(of_versions(pair, compared, is_root));
            }
        } else {
            found.extend(of_runs(pair, compared));
        }
    }
    found.sort_by(|a, b| {
        (b.is_root, b.depth)
            .cmp(&(a.is_root, a.depth))
            .then_with(|| weight(a).cmp(&weight(b)))
            .then_with(|| a.key.cmp(&b.key))
    });
    found.truncate(MAX_FINDINGS);
    found
}

/// What weighs more comes first: data, code, settings, packages, machine, chance and the rest.
fn weight(finding: &Finding) -> u8 {
    match finding.section {
        SectionKind::Files | SectionKind::Inputs => 0,
        SectionKind::Code | SectionKind::Git => 1,
        SectionKind::Config | SectionKind::Command if is_seed(&finding.key) => 5,
        SectionKind::Config | SectionKind::Command => 2,
        SectionKind::Packages => 3,
        SectionKind::Environment if matches!(finding.key.as_str(), "host" | "executable") => 5,
        SectionKind::Environment => 4,
        SectionKind::Metadata | SectionKind::Summary => 5,
    }
}

/// Whether a setting is the seed of chance: `seed`, `--random-seed`, `data.rng_seed`.
fn is_seed(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or_default();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| word.eq_ignore_ascii_case("seed"))
}

fn of_runs(pair: &Pair, compared: &Compared) -> Vec<Finding> {
    let who = runs(compared);
    let sections = compared
        .sections
        .iter()
        .filter(|section| !matches!(section.kind, SectionKind::Summary | SectionKind::Inputs));
    sections
        .flat_map(|section| {
            section
                .entries
                .iter()
                .take(MAX_OF_SECTION)
                .map(move |entry| (section.kind, entry))
        })
        .map(|(kind, entry)| Finding {
            depth: pair.depth,
            is_root: true,
            section: kind,
            key: entry.key.clone(),
            change: entry.change,
            left: entry.left.clone(),
            right: entry.right.clone(),
            left_node: compared.left.clone(),
            right_node: compared.right.clone(),
            message: sentence(kind, entry, &who),
            files: Vec::new(),
        })
        .collect()
}

/// What an entry of a section about runs says.
fn sentence(kind: SectionKind, entry: &Entry, who: &str) -> String {
    let key = &entry.key;
    let thing = match kind {
        SectionKind::Config => format!("config `{key}`"),
        SectionKind::Command if key.starts_with('-') => format!("option `{key}`"),
        SectionKind::Command => key.clone(),
        SectionKind::Git => format!("git {key}"),
        SectionKind::Code => format!("code file `{key}`"),
        SectionKind::Packages => format!("package `{key}`"),
        _ => format!("`{key}`"),
    };
    // Digests say nothing to people.
    let is_file =
        kind == SectionKind::Code || entry.left_text.is_some() || entry.right_text.is_some();
    let shown = |value: &Option<Value>| value.as_ref().map(shown).unwrap_or_default();
    match entry.change {
        EntryChange::Changed if is_file => format!("{thing} of {who} differs"),
        EntryChange::Changed => format!(
            "{thing} of {who} is {} on the left and {} on the right",
            shown(&entry.left),
            shown(&entry.right)
        ),
        EntryChange::Added if is_file => format!("{thing} of {who} is on the right only"),
        EntryChange::Removed if is_file => format!("{thing} of {who} is on the left only"),
        EntryChange::Added => format!(
            "{thing} of {who} is on the right only: {}",
            shown(&entry.right)
        ),
        EntryChange::Removed => format!(
            "{thing} of {who} is on the left only: {}",
            shown(&entry.left)
        ),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_text();
    let mut cut: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    format!("`{cut}`")
}

fn runs(compared: &Compared) -> String {
    let name = |node: &Option<Node>| match node.as_ref().map(|node| &node.body) {
        Some(NodeBody::Run(run)) => run.display_name.clone(),
        _ => String::new(),
    };
    let (left, right) = (name(&compared.left), name(&compared.right));
    if left == right {
        format!("run `{left}`")
    } else {
        format!("runs `{left}` and `{right}`")
    }
}

/// A version as people name it: `data:v3`.
fn version(node: Option<&Node>) -> Option<String> {
    match &node?.body {
        NodeBody::Artifact(version) => Some(format!(
            "{}:v{}",
            version.reference.collection_name, version.reference.version
        )),
        NodeBody::Run(_) => None,
    }
}

fn type_of(compared: &Compared) -> String {
    let node = compared.left.as_ref().or(compared.right.as_ref());
    match node.map(|node| &node.body) {
        Some(NodeBody::Artifact(version)) => version.reference.type_name.to_string(),
        _ => "run".to_owned(),
    }
}

fn of_versions(pair: &Pair, compared: &Compared, is_root: bool) -> Finding {
    let files = compared
        .sections
        .iter()
        .find(|section| section.kind == SectionKind::Files);
    let (left, right) = (
        version(compared.left.as_ref()),
        version(compared.right.as_ref()),
    );
    let what = files.map_or_else(String::new, |section| {
        format!(": {}", file_summary(section))
    });
    let why = match (is_root, pair.sources.is_empty()) {
        (true, true) => "",
        (true, false) => "; nothing that it was made from differs",
        (false, _) => "; what it was made from differs",
    };
    Finding {
        depth: pair.depth,
        is_root,
        section: SectionKind::Files,
        key: pair.name.clone(),
        change: EntryChange::Changed,
        message: format!(
            "{} `{}` is `{}` on the left and `{}` on the right{what}{why}",
            type_of(compared),
            pair.name,
            left.as_deref().unwrap_or_default(),
            right.as_deref().unwrap_or_default(),
        ),
        left: left.map(Value::from),
        right: right.map(Value::from),
        left_node: compared.left.clone(),
        right_node: compared.right.clone(),
        files: files.map_or_else(Vec::new, |section| {
            section
                .entries
                .iter()
                .take(MAX_OF_SECTION)
                .cloned()
                .collect()
        }),
    }
}

/// How many files differ, and the first of them.
fn file_summary(section: &Section) -> String {
    let n = section.n_different;
    let plural = if n == 1 { "" } else { "s" };
    let names: Vec<String> = section
        .entries
        .iter()
        .take(NAMED_FILES)
        .map(|entry| {
            let sign = match entry.change {
                EntryChange::Added => "+",
                EntryChange::Removed => "-",
                EntryChange::Changed => "",
            };
            format!("`{sign}{}`", entry.key)
        })
        .collect();
    let more = if n > names.len() as u64 { ", …" } else { "" };
    format!(
        "{n} file{plural} differ{} ({}{more})",
        if n == 1 { "s" } else { "" },
        names.join(", ")
    )
}

fn of_lone(pair: &Pair, compared: &Compared) -> Finding {
    let (node, side, change) = match (&compared.left, &compared.right) {
        (Some(node), _) => (Some(node), "left", EntryChange::Removed),
        (None, node) => (node.as_ref(), "right", EntryChange::Added),
    };
    let named = version(node);
    let message = match &named {
        Some(named) => format!("{} `{named}` is used on the {side} only", type_of(compared)),
        None => format!(
            "{} is known on the {side} only: {}",
            pair.name,
            runs_of_lone(node)
        ),
    };
    let value = named.map(Value::from);
    let is_left = change == EntryChange::Removed;
    Finding {
        depth: pair.depth,
        is_root: true,
        section: SectionKind::Inputs,
        key: pair.name.clone(),
        change,
        left: value.clone().filter(|_| is_left),
        right: value.filter(|_| !is_left),
        left_node: compared.left.clone(),
        right_node: compared.right.clone(),
        message,
        files: Vec::new(),
    }
}

fn runs_of_lone(node: Option<&Node>) -> String {
    match node.map(|node| &node.body) {
        Some(NodeBody::Run(run)) => format!("`{}`", run.display_name),
        _ => String::new(),
    }
}
