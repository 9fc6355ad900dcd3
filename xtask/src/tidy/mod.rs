//! `cargo xtask tidy`: the repository's own rules, which no compiler knows.

mod dependencies;
mod files;
mod manifests;

use anyhow::{Result, bail};

use crate::environment::Workspace;
use crate::{generate, output, test};

/// Checks every rule, generated files included.
///
/// # Errors
/// If a rule is broken.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    check_sources(workspace)?;
    let binary = test::build_binary(workspace)?;
    generate::check(workspace, &binary)
}

/// Checks the rules that need nothing built.
///
/// # Errors
/// If a rule is broken; each break is printed.
pub(crate) fn check_sources(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    let packages = manifests::packages(workspace)?;
    problems.extend(dependencies::check(&packages));
    problems.extend(manifests::check(workspace, &packages)?);
    problems.extend(files::check(workspace)?);
    for problem in &problems {
        output::note(problem);
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("1 rule of the repository is broken"),
        n => bail!("{n} rules of the repository are broken"),
    }
}
