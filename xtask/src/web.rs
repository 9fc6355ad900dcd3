//! The web app in `ui/`: packages, build and tests, all through its npm scripts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::environment::Workspace;
use crate::{output, process};

/// Installs the locked npm packages of the web app.
///
/// # Errors
/// If npm is missing or the installation fails.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    install_packages(&folder(workspace))
}

/// Installs the npm packages that a folder's `package-lock.json` names, unless the installed ones are already those.
///
/// # Errors
/// If npm is missing or the installation fails.
pub(crate) fn install_packages(folder: &Path) -> Result<()> {
    if process::lookup_program("npm").is_none() {
        bail!("`npm` is missing: install Node.js 20 or newer, npm included");
    }
    let lock_file = folder.join("package-lock.json");
    let lock = fs::read(&lock_file)
        .with_context(|| format!("could not read `{}`", lock_file.display()))?;
    let stamp = folder.join("node_modules/.installed-package-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::run(
        Command::new("npm")
            .current_dir(folder)
            .args(["ci", "--no-audit", "--no-fund"]),
    )?;
    fs::write(&stamp, lock).with_context(|| format!("could not write `{}`", stamp.display()))
}

/// Builds `ui/dist`, unless the last build of ours is still there and newer than everything it is made from.
///
/// The end-to-end tests build their own variant, so the age of `ui/dist` alone says nothing.
///
/// # Errors
/// If the packages cannot be installed or the build fails.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    let ui = folder(workspace);
    let stamp = ui.join("node_modules/.built");
    let built = modified(&stamp);
    let dist = modified(&ui.join("dist/index.html"));
    if dist.is_some() && built >= dist && built >= newest_source(&ui)? {
        output::note("`ui/dist` is up to date");
        return Ok(());
    }
    script(workspace, "build")?;
    fs::write(&stamp, "").with_context(|| format!("could not write `{}`", stamp.display()))
}

/// Runs a script of `ui/package.json`.
///
/// # Errors
/// If the script fails.
pub(crate) fn script(workspace: &Workspace, name: &str) -> Result<()> {
    process::run(&mut script_command(workspace, name))
}

/// The command that runs a script of `ui/package.json`.
pub(crate) fn script_command(workspace: &Workspace, name: &str) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(folder(workspace))
        .args(["run", "--silent", name]);
    command
}

/// The folder of the web app.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("ui")
}

/// When the youngest file or folder that the build reads was changed. Folders count, so that a deletion shows.
fn newest_source(ui: &Path) -> Result<Option<SystemTime>> {
    let mut newest = None;
    let entries = fs::read_dir(ui).context("could not list `ui`")?;
    for entry in entries {
        let path = entry.context("could not list `ui`")?.path();
        let is_source_folder = path.ends_with("src") || path.ends_with("public");
        if is_source_folder {
            newest = newest.max(newest_below(&path)?);
        } else if path.is_file() {
            newest = newest.max(modified(&path));
        }
    }
    Ok(newest)
}

fn newest_below(folder: &Path) -> Result<Option<SystemTime>> {
    let mut newest = modified(folder);
    let listing = || format!("could not list `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(listing)? {
        let path = entry.with_context(listing)?.path();
        let time = if path.is_dir() {
            newest_below(&path)?
        } else {
            modified(&path)
        };
        newest = newest.max(time);
    }
    Ok(newest)
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
}
