//! `cargo xtask check`: what can be said of the code without running it.

use anyhow::Result;

use crate::environment::Workspace;
use crate::output::Steps;
use crate::{process, tidy, web};

/// Checks format, lints, the web app's types and the repository's rules.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::start();
    steps.step("rustfmt", || rustfmt(workspace))?;
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
