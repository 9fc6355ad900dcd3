//! `cargo xtask demo`: small real trainings on a running server, through the real client.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::environment::{self, Workspace};
use crate::{process, services};

/// Which server to fill.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address of the server; else `WANDB_BASE_URL`, else `http://127.0.0.1:8080`
    #[arg(long)]
    url: Option<String>,
    /// Key to log with; else `WANDB_API_KEY`, else `BALLAST_ADMIN_API_KEY`
    #[arg(long)]
    api_key: Option<String>,
}

/// Runs the trainings of `conformance/demo` with the newest client.
///
/// # Errors
/// If no key is given, the client cannot be installed, or a training fails.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let url = given(arguments.url.as_ref(), &["WANDB_BASE_URL"])
        .unwrap_or_else(|| "http://127.0.0.1:8080".into());
    let key = given(
        arguments.api_key.as_ref(),
        &["WANDB_API_KEY", "BALLAST_ADMIN_API_KEY"],
    )
    .context("no API key: paste the `export WANDB_API_KEY=…` line that the server printed")?;
    let environments = services::environments(workspace)?;
    let newest = environments
        .iter()
        .find(|environment| environment.name == "current")
        .context("`conformance` has no `requirements-current.txt`")?;
    process::run(
        Command::new(&newest.python)
            .arg(workspace.root.join("conformance/demo"))
            // Not into the checkout: the client keeps copies of what it logs.
            .env("WANDB_DIR", workspace.root.join("target"))
            .env("WANDB_BASE_URL", url)
            .env("WANDB_API_KEY", key),
    )
}

fn given(argument: Option<&String>, variables: &[&str]) -> Option<OsString> {
    argument.map(OsString::from).or_else(|| {
        variables
            .iter()
            .find_map(|name| environment::variable(name))
    })
}
