//! The browser of the end-to-end tests.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::packages;
use crate::{environment, process};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Finds Chromium, or installs it. `BALLAST_TEST_CHROMIUM` names another one.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = environment::variable("BALLAST_TEST_CHROMIUM") {
        return Ok(path.into());
    }
    if let Some(path) = lookup() {
        return Ok(path);
    }
    packages::install("Chromium", &["chromium"])?;
    lookup().context("the package `chromium` was installed, but the program is not in `PATH`")
}

fn lookup() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| process::lookup_program(name))
}
