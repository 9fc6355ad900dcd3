use ballast_model::json::Value;
use ballast_tracking::diff::{
    Alignment, AlignmentState, Diff, Entry, EntryChange, Finding, Section, SectionKind, TextSource,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::lineage::NodeBody;
use crate::routes::API_ROOT;

/// What is escaped in an address: everything but what is common in names and means nothing there.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Which side has it.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DiffChange)]
pub(crate) enum ChangeName {
    /// Only the right side.
    Added,
    /// Only the left side.
    Removed,
    /// Both, with different values.
    Changed,
}

impl From<EntryChange> for ChangeName {
    fn from(change: EntryChange) -> Self {
        match change {
            EntryChange::Added => Self::Added,
            EntryChange::Removed => Self::Removed,
            EntryChange::Changed => Self::Changed,
        }
    }
}

/// What a section is about.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DiffSectionName)]
pub(crate) enum SectionName {
    /// Inputs of the run.
    Config,
    /// Last or aggregated values of the run.
    Summary,
    /// Program and arguments.
    Command,
    /// `commit`, `remote`, and `patch`: what was changed since the commit.
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

impl From<SectionKind> for SectionName {
    fn from(kind: SectionKind) -> Self {
        match kind {
            SectionKind::Config => Self::Config,
            SectionKind::Summary => Self::Summary,
            SectionKind::Command => Self::Command,
            SectionKind::Git => Self::Git,
            SectionKind::Code => Self::Code,
            SectionKind::Environment => Self::Environment,
            SectionKind::Packages => Self::Packages,
            SectionKind::Inputs => Self::Inputs,
            SectionKind::Metadata => Self::Metadata,
            SectionKind::Files => Self::Files,
        }
    }
}

/// A difference.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DiffEntry)]
pub(crate) struct EntryBody {
    /// What differs, unique in the section. Of an input's file: the input's name, `/`, and the path.
    #[schema(example = "optimizer.lr")]
    key: String,
    /// Which side has it.
    change: ChangeName,
    /// The value on the left; of a file its digest; null if the left side does not have it.
    #[schema(value_type = Option<serde_json::Value>)]
    left: Option<Value>,
    /// The value on the right.
    #[schema(value_type = Option<serde_json::Value>)]
    right: Option<Value>,
    /// Address of the file on the left.
    left_text_url: Option<String>,
    /// Address of the file on the right.
    right_text_url: Option<String>,
    /// Size of the file on the left.
    left_size_bytes: Option<u64>,
    /// Size of the file on the right.
    right_size_bytes: Option<u64>,
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> Self {
        Self {
            key: entry.key,
            change: entry.change.into(),
            left: entry.left,
            right: entry.right,
            left_text_url: entry.left_text.as_ref().map(address),
            right_text_url: entry.right_text.as_ref().map(address),
            left_size_bytes: entry.left_size_bytes,
            right_size_bytes: entry.right_size_bytes,
        }
    }
}

fn address(source: &TextSource) -> String {
    let (kind, names, path) = match source {
        TextSource::Run { run, path } => {
            let names = [run.entity.as_str(), run.project.as_str(), run.run.as_str()];
            ("runs", names.to_vec(), path)
        }
        TextSource::Version { version, path } => {
            let collection = &version.collection;
            let names = [
                collection.entity.as_str(),
                collection.project.as_str(),
                collection.collection.as_str(),
                version.version.as_str(),
            ];
            ("artifacts", names.to_vec(), path)
        }
    };
    let mut address = format!("{API_ROOT}/{kind}");
    for part in names.into_iter().chain(["files"]).chain(path.split('/')) {
        address.push('/');
        address.extend(utf8_percent_encode(part, ESCAPED));
    }
    address
}

/// Differences of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DiffSection)]
pub(crate) struct SectionBody {
    /// What they are about.
    name: SectionName,
    /// How many things are the same on both sides.
    n_same: u64,
    /// How many differ.
    n_different: u64,
    /// What differs, by key.
    entries: Vec<EntryBody>,
    /// Whether more differs than is listed.
    truncated: bool,
}

impl From<Section> for SectionBody {
    fn from(section: Section) -> Self {
        Self {
            name: section.kind.into(),
            n_same: section.n_same,
            n_different: section.n_different,
            entries: section.entries.into_iter().map(Into::into).collect(),
            truncated: section.truncated,
        }
    }
}

/// A difference upstream.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DiffFinding)]
pub(crate) struct FindingBody {
    /// Steps upstream, on the longest way.
    depth: usize,
    /// Whether nothing before it differs, so that it may be a cause and is no consequence.
    is_root: bool,
    /// What it is about.
    section: SectionName,
    /// What differs.
    key: String,
    /// Which side has it.
    change: ChangeName,
    /// The value on the left.
    #[schema(value_type = Option<serde_json::Value>)]
    left: Option<Value>,
    /// The value on the right.
    #[schema(value_type = Option<serde_json::Value>)]
    right: Option<Value>,
    /// The run or version on the left.
    left_node: Option<NodeBody>,
    /// The run or version on the right.
    right_node: Option<NodeBody>,
    /// One sentence that says all of it.
    #[schema(
        example = "config `lr` of run `brisk-otter-41` is `0.1` on the left and `0.2` on the right"
    )]
    message: String,
    /// Which files differ, if it is about a version; the first of them.
    files: Vec<EntryBody>,
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> Self {
        Self {
            depth: finding.depth,
            is_root: finding.is_root,
            section: finding.section.into(),
            key: finding.key,
            change: finding.change.into(),
            left: finding.left,
            right: finding.right,
            left_node: finding.left_node.map(Into::into),
            right_node: finding.right_node.map(Into::into),
            message: finding.message,
            files: finding.files.into_iter().map(Into::into).collect(),
        }
    }
}

/// How the two sides of a part of the lineages are to each other.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlignmentState)]
pub(crate) enum AlignmentStateName {
    /// The same run, the same content, or runs between which nothing differs.
    Same,
    /// They differ, or something before them does.
    Changed,
    /// The right side has no such thing.
    OnlyLeft,
    /// The left side has no such thing.
    OnlyRight,
}

impl From<AlignmentState> for AlignmentStateName {
    fn from(state: AlignmentState) -> Self {
        match state {
            AlignmentState::Same => Self::Same,
            AlignmentState::Changed => Self::Changed,
            AlignmentState::OnlyLeft => Self::OnlyLeft,
            AlignmentState::OnlyRight => Self::OnlyRight,
        }
    }
}

/// A run or version of one lineage, and what belongs to it in the other.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DiffAlignment)]
pub(crate) struct AlignmentBody {
    /// Steps upstream, on the longest way.
    depth: usize,
    /// What makes them belong together: what a version is used as, its collection or its type.
    name: String,
    /// The left side.
    left: Option<NodeBody>,
    /// The right side.
    right: Option<NodeBody>,
    /// How they are to each other.
    state: AlignmentStateName,
    /// How much differs between the two themselves, summaries aside.
    n_differences: u64,
}

impl From<Alignment> for AlignmentBody {
    fn from(alignment: Alignment) -> Self {
        Self {
            depth: alignment.depth,
            name: alignment.name,
            left: alignment.left.map(Into::into),
            right: alignment.right.map(Into::into),
            state: alignment.state.into(),
            n_differences: alignment.n_differences,
        }
    }
}

/// Everything that differs between two runs or versions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Diff)]
pub(crate) struct DiffBody {
    /// The left side.
    left: NodeBody,
    /// The right side.
    right: NodeBody,
    /// All differences: causes first, the farthest upstream first.
    first_differences: Vec<FindingBody>,
    /// What differs between the two themselves; of versions also between the runs that made them.
    sections: Vec<SectionBody>,
    /// The two lineages laid over each other, nearest first.
    lineage: Vec<AlignmentBody>,
    /// Whether the lineages go farther than they were compared.
    truncated: bool,
}

impl From<Diff> for DiffBody {
    fn from(diff: Diff) -> Self {
        Self {
            left: diff.left.into(),
            right: diff.right.into(),
            first_differences: diff.first_differences.into_iter().map(Into::into).collect(),
            sections: diff.sections.into_iter().map(Into::into).collect(),
            lineage: diff.lineage.into_iter().map(Into::into).collect(),
            truncated: diff.truncated,
        }
    }
}

#[cfg(test)]
mod tests {
    use ballast_model::{CollectionName, EntityName, ProjectName, RunPath};
    use ballast_tracking::artifacts::{CollectionPath, VersionPath};

    use super::*;

    #[test]
    fn texts_have_addresses_of_ours() {
        let run = TextSource::Run {
            run: RunPath::new("ada", "my project", "one").expect("valid"),
            path: "code/a b/größe.py".to_owned(),
        };
        assert_eq!(
            address(&run),
            "/api/v1/runs/ada/my%20project/one/files/code/a%20b/gr%C3%B6%C3%9Fe.py"
        );
        let version = TextSource::Version {
            version: VersionPath {
                collection: CollectionPath {
                    entity: EntityName::new("ada").expect("valid"),
                    project: ProjectName::new("vision").expect("valid"),
                    collection: CollectionName::new("data").expect("valid"),
                },
                version: "v3".to_owned(),
            },
            path: "x.csv".to_owned(),
        };
        assert_eq!(
            address(&version),
            "/api/v1/artifacts/ada/vision/data/v3/files/x.csv"
        );
    }
}
