//! `ballast diff`: what changed between two runs or two versions, from the operator's shell.

use std::fmt::Write as _;

use ballast_model::json::Value;
use ballast_tracking::Tracking;
use ballast_tracking::diff::{
    Alignment, AlignmentState, Diff, Entry, EntryChange, Finding, Section,
};
use ballast_tracking::lineage::{Node, NodeBody, Subject};

use super::Outcome;
use super::user::operator;
use crate::config::Config;
use crate::failure::Failure;
use crate::printer;
use crate::stores::Stores;

/// How many entries of a section are printed.
const SHOWN_ENTRIES: usize = 40;
/// Longest value that is printed, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// Compares and prints.
pub(crate) async fn run(config: Config, left: String, right: String, json: bool) -> Outcome {
    let (left, right) = (parse(&left)?, parse(&right)?);
    let stores = Stores::open_existing(&config, []).await?;
    let compared = compare(&config, &stores.tracking, &left, &right).await;
    stores.meta.close().await;
    let diff = compared?;
    let text = if json {
        ballast_server::diff_json(diff)
    } else {
        in_words(&diff)
    };
    printer::data(text.trim_end());
    Ok(())
}

fn parse(text: &str) -> Result<Subject, Failure> {
    text.parse::<Subject>().map_err(Failure::expected)
}

async fn compare(
    config: &Config,
    tracking: &Tracking,
    left: &Subject,
    right: &Subject,
) -> Result<Diff, Failure> {
    let operator = operator(config, tracking).await?;
    let owner = tracking.act_in(&operator, left.entity()).await?;
    Ok(tracking.diff(&owner, left, right).await?)
}

/// The diff as text for a terminal.
fn in_words(diff: &Diff) -> String {
    let mut text = format!(
        "left   {}\nright  {}\n",
        full_name(&diff.left),
        full_name(&diff.right)
    );
    let (causes, consequences): (Vec<&Finding>, Vec<&Finding>) = diff
        .first_differences
        .iter()
        .partition(|found| found.is_root);
    if causes.is_empty() && consequences.is_empty() {
        text.push_str("\nNothing that they were made from differs.\n");
    }
    for (title, findings) in [
        ("First differences, farthest upstream first", causes),
        ("What follows from them", consequences),
    ] {
        if !findings.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for finding in findings {
            let _ = writeln!(text, "  {:<9} {}", steps(finding.depth), finding.message);
        }
    }
    for section in &diff.sections {
        if section.n_different > 0 {
            add_section(&mut text, section);
        }
    }
    add_lineage(&mut text, &diff.lineage);
    if diff.truncated {
        text.push_str("\nThe lineages go farther than they were compared.\n");
    }
    text
}

fn steps(depth: usize) -> String {
    match depth {
        0 => "here".to_owned(),
        1 => "1 step".to_owned(),
        n => format!("{n} steps"),
    }
}

fn full_name(node: &Node) -> String {
    match &node.body {
        NodeBody::Run(run) => format!(
            "run {}/{}/{} ({})",
            run.entity_name, run.project_name, run.run_id, run.display_name
        ),
        NodeBody::Artifact(version) => {
            let found = &version.reference;
            format!(
                "{} {}/{}/{}:v{}",
                found.type_name,
                found.entity_name,
                found.project_name,
                found.collection_name,
                found.version
            )
        }
    }
}

fn short_name(node: Option<&Node>) -> String {
    match node.map(|node| &node.body) {
        Some(NodeBody::Run(run)) => run.display_name.clone(),
        Some(NodeBody::Artifact(version)) => format!(
            "{}:v{}",
            version.reference.collection_name, version.reference.version
        ),
        None => "-".to_owned(),
    }
}

fn add_section(text: &mut String, section: &Section) {
    let _ = writeln!(
        text,
        "\n{}: {} different, {} the same",
        section.kind.as_str(),
        section.n_different,
        section.n_same
    );
    let shown = section.entries.iter().take(SHOWN_ENTRIES);
    let width = shown.clone().map(|entry| entry.key.chars().count()).max();
    for entry in shown {
        let _ = writeln!(text, "  {}", line(entry, width.unwrap_or_default().min(48)));
    }
    let n_left = section.n_different.saturating_sub(SHOWN_ENTRIES as u64);
    if n_left > 0 {
        let _ = writeln!(text, "  … and {n_left} more");
    }
}

fn line(entry: &Entry, width: usize) -> String {
    let key = format!("{:<width$}", entry.key);
    // Of a file the value is its digest, which says nothing to people.
    let is_file = entry.left_text.is_some() || entry.right_text.is_some();
    let left = side(
        entry.left.as_ref(),
        entry.left_size_bytes.filter(|_| is_file),
    );
    let right = side(
        entry.right.as_ref(),
        entry.right_size_bytes.filter(|_| is_file),
    );
    match entry.change {
        EntryChange::Changed => format!("~ {key}  {left} → {right}"),
        EntryChange::Added => format!("+ {key}  {right}"),
        EntryChange::Removed => format!("- {key}  {left}"),
    }
}

/// A value, or the size of a file.
fn side(value: Option<&Value>, size_bytes: Option<u64>) -> String {
    if let Some(size) = size_bytes {
        return format!("{size} bytes");
    }
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_text(),
        None => String::new(),
    };
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn add_lineage(text: &mut String, lineage: &[Alignment]) {
    text.push_str("\nlineage\n");
    let width = lineage.iter().map(|part| part.name.chars().count()).max();
    let width = width.unwrap_or_default();
    for part in lineage {
        let state = match part.state {
            AlignmentState::Same => "same",
            AlignmentState::Changed => "changed",
            AlignmentState::OnlyLeft => "only left",
            AlignmentState::OnlyRight => "only right",
        };
        let (left, right) = (
            short_name(part.left.as_ref()),
            short_name(part.right.as_ref()),
        );
        let names = if left == right {
            left
        } else {
            format!("{left} → {right}")
        };
        let _ = writeln!(
            text,
            "  {:<9} {:<width$}  {state:<10}  {names}",
            steps(part.depth),
            part.name
        );
    }
}
