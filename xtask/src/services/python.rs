//! Python environments with the real clients, one for each `conformance/requirements*.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::packages;
use crate::environment::Workspace;
use crate::{output, process};

/// A virtual environment with what one requirements file asks for.
#[derive(Debug)]
pub(crate) struct PythonEnvironment {
    /// What stands between `requirements` and `.txt`, without the dash: `0.31`, `oldest`; `default` if nothing does.
    pub(crate) name: String,
    /// Its interpreter.
    pub(crate) python: PathBuf,
}

/// Makes the environments that are missing or out of date, and returns all of them by name.
///
/// # Errors
/// If Python is missing or the packages cannot be installed.
pub(crate) fn environments(workspace: &Workspace) -> Result<Vec<PythonEnvironment>> {
    requirements_files(&workspace.root.join("conformance"))?
        .into_iter()
        .map(|(name, requirements)| prepare(workspace, name, &requirements))
        .collect()
}

fn requirements_files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).context("could not list `conformance`")? {
        let path = entry.context("could not list `conformance`")?.path();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let middle = file_name
            .strip_prefix("requirements")
            .and_then(|rest| rest.strip_suffix(".txt"));
        if let Some(middle) = middle {
            let name = match middle.trim_start_matches('-') {
                "" => "default".to_owned(),
                name => name.to_owned(),
            };
            files.push((name, path));
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("`conformance` has no `requirements*.txt`");
    }
    Ok(files)
}

fn prepare(workspace: &Workspace, name: String, requirements: &Path) -> Result<PythonEnvironment> {
    let folder = workspace.test_environment().join(format!("venv-{name}"));
    let python = folder.join("bin/python");
    let stamp = folder.join("installed-for.txt");
    let wanted = format!(
        "{}{}",
        process::capture(Command::new("python3").arg("--version"))
            .context("`python3` is missing")?,
        fs::read_to_string(requirements)
            .with_context(|| format!("could not read `{}`", requirements.display()))?,
    );
    let is_current = fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if !is_current || !process::succeeds(Command::new(&python).arg("--version")) {
        ensure_venv_module()?;
        output::note(&format!("making the Python environment `venv-{name}`"));
        process::run(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )?;
        process::run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--no-input"])
                .args(["--disable-pip-version-check", "--requirement"])
                .arg(requirements),
        )?;
        fs::write(&stamp, wanted)
            .with_context(|| format!("could not write `{}`", stamp.display()))?;
    }
    Ok(PythonEnvironment { name, python })
}

/// Debian ships `venv` and `ensurepip` in a package of their own.
fn ensure_venv_module() -> Result<()> {
    let has_module =
        || process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]));
    if has_module() {
        return Ok(());
    }
    packages::install("Python's module `venv`", &["python3-venv"])
}
