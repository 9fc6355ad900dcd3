//! `cargo xtask check`: what can be said of the code without running it.

use std::process::Command;

use anyhow::Result;

use crate::environment::Workspace;
use crate::output::{self, Steps};
use crate::{process, tidy, web};

/// Checks format, lints, the web app's types and the repository's rules.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::start();
    steps.step("rustfmt", || rustfmt(workspace))?;
    steps.step("spelling", || spelling(workspace))?;
    steps.step("dependencies", || dependencies(workspace))?;
    steps.step("ui packages", || web::install(workspace))?;
    steps.step("ui build", || web::build(workspace))?;
    steps.step("clippy", || clippy(workspace))?;
    steps.step("ui check", || web::script(workspace, "check"))?;
    steps.step("tidy", || tidy::run(workspace))?;
    steps.finish();
    Ok(())
}

/// Checks the format of all Rust code.
///
/// # Errors
/// If a file would be formatted differently.
pub(crate) fn rustfmt(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo("fmt").args(["--all", "--check"]))
}

/// Checks the spelling with `typos`, where that is installed.
///
/// # Errors
/// If a word is misspelt; `typos.toml` lists those that are meant.
pub(crate) fn spelling(workspace: &Workspace) -> Result<()> {
    if process::lookup_program("typos").is_none() {
        output::note("`typos` is not installed: nothing is checked");
        return Ok(());
    }
    process::run(Command::new("typos").current_dir(&workspace.root))
}

/// Checks licences and sources of dependencies with `cargo deny`, where that is installed.
///
/// # Errors
/// If a dependency breaks a rule of `deny.toml`.
fn dependencies(workspace: &Workspace) -> Result<()> {
    if process::lookup_program("cargo-deny").is_none() {
        output::note("`cargo-deny` is not installed: nothing is checked");
        return Ok(());
    }
    let checks = ["licenses", "bans", "sources"];
    process::run(workspace.cargo("deny").arg("check").args(checks))
}

/// Lints all Rust code; a warning is an error.
///
/// # Errors
/// If there is a warning or an error.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo("clippy").args([
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}
