//! Parts of a diff.

use ballast_model::json::Value;

use super::TextSource;
use super::facts::{Fact, Facts};
use super::merge::{Change, is_same_value, merge};

/// Most entries of a section.
pub(super) const MAX_ENTRIES: usize = 1000;

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Inputs of the run.
    Config,
    /// Last or aggregated values of the run.
    Summary,
    /// Program and arguments.
    Command,
    /// Commit, remote, and what was changed since the commit.
    Git,
    /// Saved files of code.
    Code,
    /// Python, system and machine.
    Environment,
    /// Installed packages.
    Packages,
    /// Versions that the run used, and which of their files differ.
    Inputs,
    /// What the maker says of the version.
    Metadata,
    /// Files of the version.
    Files,
}

impl SectionKind {
    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Summary => "summary",
            Self::Command => "command",
            Self::Git => "git",
            Self::Code => "code",
            Self::Environment => "environment",
            Self::Packages => "packages",
            Self::Inputs => "inputs",
            Self::Metadata => "metadata",
            Self::Files => "files",
        }
    }
}

/// Which side has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryChange {
    /// Only the right side.
    Added,
    /// Only the left side.
    Removed,
    /// Both, with different values.
    Changed,
}

/// A difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What differs, unique in the section.
    pub key: String,
    /// Which side has it.
    pub change: EntryChange,
    /// The value on the left; of a file its digest.
    pub left: Option<Value>,
    /// The value on the right.
    pub right: Option<Value>,
    /// Where the text on the left can be read.
    pub left_text: Option<TextSource>,
    /// Where the text on the right can be read.
    pub right_text: Option<TextSource>,
    /// The size of the file on the left.
    pub left_size_bytes: Option<u64>,
    /// The size of the file on the right.
    pub right_size_bytes: Option<u64>,
}

/// Differences of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What they are about.
    pub kind: SectionKind,
    /// How many things are the same on both sides.
    pub n_same: u64,
    /// How many differ.
    pub n_different: u64,
    /// What differs, by key.
    pub entries: Vec<Entry>,
    /// Whether more differs than is listed.
    pub truncated: bool,
}

impl Section {
    pub(super) fn new(kind: SectionKind) -> Self {
        Self {
            kind,
            n_same: 0,
            n_different: 0,
            entries: Vec::new(),
            truncated: false,
        }
    }

    /// Compares two lists of facts.
    pub(super) fn of_facts(kind: SectionKind, left: Facts, right: Facts) -> Self {
        let mut section = Self::new(kind);
        let is_same = |a: &Fact, b: &Fact| is_same_value(&a.value, &b.value);
        for change in merge(left, right, is_same) {
            match change {
                Change::Same => section.n_same += 1,
                Change::Added(key, new) => section.push(Entry::new(key, None, Some(new))),
                Change::Removed(key, old) => section.push(Entry::new(key, Some(old), None)),
                Change::Changed(key, old, new) => {
                    section.push(Entry::new(key, Some(old), Some(new)));
                }
            }
        }
        section
    }

    /// Adds a difference, unless there are too many to list.
    pub(super) fn push(&mut self, entry: Entry) {
        self.n_different += 1;
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push(entry);
        } else {
            self.truncated = true;
        }
    }
}

impl Entry {
    /// # Panics
    /// If neither side has it.
    pub(super) fn new(key: String, left: Option<Fact>, right: Option<Fact>) -> Self {
        let change = match (&left, &right) {
            (Some(_), Some(_)) => EntryChange::Changed,
            (Some(_), None) => EntryChange::Removed,
            (None, Some(_)) => EntryChange::Added,
            (None, None) => panic!("an entry is on one side at least"),
        };
        let split = |fact: Option<Fact>| match fact {
            Some(fact) => (Some(fact.value), fact.text, fact.size_bytes),
            None => (None, None, None),
        };
        let (left, left_text, left_size_bytes) = split(left);
        let (right, right_text, right_size_bytes) = split(right);
        Self {
            key,
            change,
            left,
            right,
            left_text,
            right_text,
            left_size_bytes,
            right_size_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use ballast_model::json::Map;

    use super::super::facts::of_map;
    use super::*;

    fn facts(text: &str) -> Facts {
        match Value::parse(text.as_bytes()) {
            Ok(Value::Map(map)) => of_map(&map),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_section_counts_and_lists_what_differs() {
        let left = facts(r#"{"lr":0.1,"net":{"depth":3,"width":8},"old":true}"#);
        let right = facts(r#"{"net":{"depth":3,"width":16},"lr":0.1,"new":null}"#);
        let section = Section::of_facts(SectionKind::Config, left, right);
        assert_eq!((section.n_same, section.n_different), (2, 3));
        let entries: Vec<_> = section
            .entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.change))
            .collect();
        assert_eq!(
            entries,
            [
                ("net.width", EntryChange::Changed),
                ("new", EntryChange::Added),
                ("old", EntryChange::Removed),
            ]
        );
        assert!(!section.truncated);
    }

    #[test]
    fn a_long_section_is_cut_and_says_so() {
        let many: Map = (0..MAX_ENTRIES as i64 + 5)
            .map(|n| (format!("k{n}"), Value::Int(n)))
            .collect();
        let section = Section::of_facts(SectionKind::Config, of_map(&many), Vec::new());
        assert_eq!(section.entries.len(), MAX_ENTRIES);
        assert_eq!(section.n_different, MAX_ENTRIES as u64 + 5);
        assert!(section.truncated);
    }
}
