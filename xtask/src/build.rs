//! `cargo xtask build`: the finished binary.

use anyhow::Result;

use crate::environment::Workspace;
use crate::{output, process, web};

/// Builds the release binary with the web UI inside.
///
/// # Errors
/// If a build fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    web::build(workspace)?;
    process::run(
        workspace
            .cargo("build")
            .args(["--locked", "--release", "--package", "ballast"]),
    )?;
    let binary = workspace.release_binary();
    output::note(&format!("built `{}`", binary.display()));
    Ok(())
}
