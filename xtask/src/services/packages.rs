//! Debian packages.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::{output, process};

/// Installs Debian packages for `purpose`.
///
/// # Errors
/// In one line with the command to run by hand, if we are not root or this is no Debian; or if apt fails.
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if process::lookup_program("apt-get").is_none() {
        bail!("{purpose} is missing: install it with this system's package manager");
    }
    if !is_root() {
        bail!("{purpose} is missing and needs root: run `sudo apt-get install {names}`");
    }
    output::note(&format!("{purpose} is missing: installing {names}"));
    refresh_lists()?;
    process::run(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
            .args(packages),
    )
}

/// Whether we may install packages and act as other users.
pub(crate) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        process::capture(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
    })
}

/// `apt-get update`, once in the life of this process.
fn refresh_lists() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    if DONE.get().is_none() {
        process::run(Command::new("apt-get").args(["update", "--quiet=2"]))
            .context("could not refresh the list of Debian packages")?;
        let _ = DONE.set(());
    }
    Ok(())
}
