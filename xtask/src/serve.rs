//! `cargo xtask serve`: from a checkout to a running server.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::environment::Workspace;
use crate::{process, web};

/// How to build, and what to hand to the server.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Build with optimisations: slower to build, faster to run
    #[arg(long)]
    release: bool,
    /// Arguments of `ballast serve`, such as `--listen 0.0.0.0:8080`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    server: Vec<String>,
}

/// Builds the UI and the binary, then becomes `ballast serve`.
///
/// # Errors
/// If a build fails or the server cannot be started.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    web::build(workspace)?;
    let mut build = workspace.cargo("build");
    build.args(["--locked", "--package", "ballast"]);
    if arguments.release {
        build.arg("--release");
    }
    process::run(&mut build)?;

    let binary = if arguments.release {
        workspace.release_binary()
    } else {
        workspace.dev_binary()
    };
    let mut server = Command::new(&binary);
    server.arg("serve");
    if !names_data_dir(&arguments.server) {
        server
            .arg("--data-dir")
            .arg(workspace.root.join(".ballast"));
    }
    server.args(&arguments.server);
    // The server takes our place, so that signals reach it and its exit code is ours.
    let error = server.exec();
    Err(error).with_context(|| format!("could not start `{}`", binary.display()))
}

fn names_data_dir(arguments: &[String]) -> bool {
    arguments
        .iter()
        .any(|argument| argument == "--data-dir" || argument.starts_with("--data-dir="))
}
