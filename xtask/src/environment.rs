//! Where things are, and the environment variables that decide it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// Reads an environment variable; an empty one counts as absent.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the task runner that reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The checkout and its build folder.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds: `target/`, or what `CARGO_TARGET_DIR` says.
    pub(crate) target: PathBuf,
    /// What `cargo metadata` says of the workspace's own packages.
    pub(crate) metadata: Value,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// If cargo cannot read the workspace.
    pub(crate) fn discover() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let text = process::capture(
            Command::new(cargo_program())
                .args(["metadata", "--format-version", "1", "--no-deps"])
                .arg("--manifest-path")
                .arg(manifest),
        )?;
        let metadata: Value = serde_json::from_str(&text).context("unexpected `cargo metadata`")?;
        let path = |name: &str| {
            metadata[name]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("`cargo metadata` has no `{name}`"))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            metadata,
        })
    }

    /// A cargo command in the root of the workspace.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(cargo_program());
        command.current_dir(&self.root).arg(subcommand);
        command
    }

    /// The binary that a build in the dev profile leaves.
    pub(crate) fn dev_binary(&self) -> PathBuf {
        self.target.join("debug/ballast")
    }

    /// The binary that a build in the release profile leaves.
    pub(crate) fn release_binary(&self) -> PathBuf {
        self.target.join("release/ballast")
    }

    /// Where what the tests need is installed.
    pub(crate) fn test_environment(&self) -> PathBuf {
        self.target.join("test-env")
    }

    /// The files of the repository: tracked, or new and not ignored. Paths are relative to the root.
    ///
    /// # Errors
    /// If git cannot list them.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let listed = process::capture(Command::new("git").current_dir(&self.root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let mut files: Vec<String> = listed
            .split_terminator('\0')
            .filter(|path| self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// The cargo that runs us, so that a `+toolchain` on the command line holds for what we start.
fn cargo_program() -> OsString {
    variable("CARGO").unwrap_or_else(|| "cargo".into())
}
