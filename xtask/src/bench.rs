//! `cargo xtask bench`: the benchmark programs of `bench/`.
//!
//! A benchmark is an executable file `bench/<name>.*` or a folder `bench/<name>/` with an executable `run`. It finds
//! the release binary in `BALLAST_BIN`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment::Workspace;
use crate::{build, output, process};

/// Which benchmarks to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Name of the benchmark; without one, the names are listed
    name: Option<String>,
    /// Arguments of the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs one benchmark on a release build, or lists what there is.
///
/// # Errors
/// If the name is unknown, or the build or the benchmark fails.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let programs = programs(&workspace.root.join("bench"))?;
    let Some(name) = &arguments.name else {
        output::note("benchmarks:");
        for (name, _) in &programs {
            output::note(&format!("  {name}"));
        }
        return Ok(());
    };
    let Some((_, program)) = programs.iter().find(|(known, _)| known == name) else {
        bail!("there is no benchmark `{name}`: `cargo xtask bench` lists them");
    };
    build::run(workspace)?;
    process::run(
        Command::new(program)
            .args(&arguments.arguments)
            .env("BALLAST_BIN", workspace.release_binary()),
    )
}

/// Every benchmark's name and program, by name.
fn programs(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut programs = Vec::new();
    if !folder.exists() {
        return Ok(programs);
    }
    for entry in fs::read_dir(folder).context("could not list `bench`")? {
        let path = entry.context("could not list `bench`")?.path();
        let program = if path.is_dir() {
            path.join("run")
        } else {
            path.clone()
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if process::is_program(&program) {
            programs.push((name.into_owned(), program));
        }
    }
    programs.sort();
    Ok(programs)
}
