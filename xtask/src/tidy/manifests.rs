//! What every `Cargo.toml` must say.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::environment::Workspace;

const LICENSE: &str = "Apache-2.0";

/// A package of the workspace, as cargo sees it.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) license: String,
    pub(super) description: String,
    pub(super) manifest: PathBuf,
    pub(super) dependencies: Vec<Dependency>,
}

/// One entry of a package's dependency tables.
#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: DependencyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DependencyKind {
    Normal,
    Build,
    Dev,
}

/// Reads the packages out of `cargo metadata`.
///
/// # Errors
/// If the document does not have the shape that cargo documents.
pub(super) fn packages(workspace: &Workspace) -> Result<Vec<Package>> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = workspace.metadata["packages"]
        .as_array()
        .context("`cargo metadata` lists no packages")?;
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"]
                .as_array()
                .context("`cargo metadata` lists no dependencies")?;
            Ok(Package {
                name: text(&package["name"]),
                license: text(&package["license"]),
                description: text(&package["description"]),
                manifest: PathBuf::from(text(&package["manifest_path"])),
                dependencies: dependencies
                    .iter()
                    .map(|dependency| Dependency {
                        name: text(&dependency["name"]),
                        kind: match dependency["kind"].as_str() {
                            Some("dev") => DependencyKind::Dev,
                            Some("build") => DependencyKind::Build,
                            _ => DependencyKind::Normal,
                        },
                    })
                    .collect(),
            })
        })
        .collect()
}

/// Returns what is wrong, one line for each break.
///
/// # Errors
/// If a manifest cannot be read.
pub(super) fn check(workspace: &Workspace, packages: &[Package]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in packages {
        let name = &package.name;
        let manifest = fs::read_to_string(&package.manifest)
            .with_context(|| format!("could not read the manifest of `{name}`"))?;
        if package.license != LICENSE {
            problems.push(format!("`{name}` does not have the licence {LICENSE}"));
        }
        if package.description.is_empty() {
            problems.push(format!("`{name}` has no description"));
        }
        if package
            .manifest
            .parent()
            .and_then(|folder| folder.file_name())
            != Some(name.as_ref())
        {
            problems.push(format!("the folder of `{name}` is not named like it"));
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            problems.push(format!("`{name}` does not take the workspace's lints"));
        }
        for line in inline_versions(&manifest) {
            problems.push(format!(
                "`{name}` does not take `{line}` from the workspace's dependencies"
            ));
        }
    }
    let root = fs::read_to_string(workspace.root.join("Cargo.toml"))
        .context("could not read the workspace's manifest")?;
    let entries = workspace_dependencies(&root);
    problems.extend(
        entries
            .iter()
            .filter(|entry| !entry.has_reason)
            .map(|entry| format!("workspace dependency `{}` has no comment", entry.name)),
    );
    let used: BTreeSet<&str> = packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .map(|dependency| dependency.name.as_str())
        .collect();
    problems.extend(
        entries
            .iter()
            .filter(|entry| !used.contains(entry.name))
            .map(|entry| format!("workspace dependency `{}` is not used", entry.name)),
    );
    Ok(problems)
}

/// An entry of `[workspace.dependencies]`.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'a> {
    name: &'a str,
    /// Whether a comment heads the paragraph that the entry stands in.
    has_reason: bool,
}

fn workspace_dependencies(manifest: &str) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let mut has_reason = false;
    for line in table(manifest, "[workspace.dependencies]") {
        if line.starts_with('#') {
            has_reason = true;
        } else if line.is_empty() {
            has_reason = false;
        } else if let Some((name, _)) = line.split_once([' ', '=', '.']) {
            entries.push(Entry { name, has_reason });
        }
    }
    entries
}

/// Dependencies of a package that state a version themselves.
fn inline_versions(manifest: &str) -> Vec<&str> {
    [
        "[dependencies]",
        "[dev-dependencies]",
        "[build-dependencies]",
    ]
    .into_iter()
    .flat_map(|header| table(manifest, header))
    .filter(|line| !line.is_empty() && !line.starts_with('#'))
    .filter(|line| !line.contains("workspace = true"))
    .collect()
}

/// The lines of a table, without its header.
fn table<'a>(manifest: &'a str, header: &'a str) -> impl Iterator<Item = &'a str> {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::{Entry, inline_versions, workspace_dependencies};

    #[test]
    fn a_comment_covers_its_paragraph() {
        let manifest = "[workspace.dependencies]\n# Serialisation.\nserde = \"1\"\nserde_json = { version = \"1\" }\n\nurl = \"2\"\n\n[profile.dev]\ndebug = 1\n";
        let entry = |name, has_reason| Entry { name, has_reason };
        assert_eq!(
            workspace_dependencies(manifest),
            [
                entry("serde", true),
                entry("serde_json", true),
                entry("url", false)
            ]
        );
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let manifest =
            "[dependencies]\nserde.workspace = true\nurl = { workspace = true }\nrand = \"0.10\"\n";
        assert_eq!(inline_versions(manifest), ["rand = \"0.10\""]);
    }
}
