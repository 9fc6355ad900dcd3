//! `cargo xtask conformance`: the scenarios of `conformance/`, with the real clients and a real browser.
//!
//! The scenarios are pytest tests. They start the server themselves and learn from the environment what to use:
//! `BALLAST_BIN` the binary, `BALLAST_TEST_BACKEND` the storage (`sqlite` or `postgres`), `BALLAST_TEST_POSTGRES_URL`
//! a server on which they may create databases, `BALLAST_TEST_CHROMIUM` the browser.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::environment::Workspace;
use crate::output::Steps;
use crate::services::{self, Postgres, PythonEnvironment};
use crate::{process, test, web};

/// How many scenarios run side by side, each kind on a server of its own. They wait more than they compute.
const WORKERS: &str = "3";

/// Which scenarios to run, on what.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only on this storage
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Only with this client: the name of its requirements file, such as `oldest`
    #[arg(long)]
    client: Option<String>,
    /// Names of scenarios, as pytest's `-k` takes them; without any, all run
    scenarios: Vec<String>,
}

/// The storage that a scenario's server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Backend {
    /// SQLite and a folder
    Sqlite,
    /// PostgreSQL and an S3 bucket
    Postgres,
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// Everything a scenario needs, ready.
#[derive(Debug)]
pub(crate) struct Harness<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) binary: &'a Path,
    pub(crate) chromium: &'a Path,
    pub(crate) postgres_url: Option<&'a str>,
}

impl Harness<'_> {
    /// Runs scenarios with one client on one storage. No scenario names: all of them.
    ///
    /// # Errors
    /// If a scenario fails.
    pub(crate) fn run(
        &self,
        environment: &PythonEnvironment,
        backend: Backend,
        scenarios: &[String],
    ) -> Result<()> {
        let mut command = Command::new(&environment.python);
        command
            .current_dir(self.workspace.root.join("conformance"))
            .args(["-m", "pytest", "--dist", "loadscope"])
            .args(["--numprocesses", WORKERS])
            .env("BALLAST_BIN", self.binary)
            .env("BALLAST_TEST_BACKEND", backend.to_string())
            .env("BALLAST_TEST_CHROMIUM", self.chromium);
        if let Some(url) = self.postgres_url {
            command.env("BALLAST_TEST_POSTGRES_URL", url);
        }
        if !scenarios.is_empty() {
            command.arg("-k").arg(scenarios.join(" or "));
        }
        process::run(&mut command)
    }
}

/// Builds the dev binary and runs scenarios against it.
///
/// # Errors
/// If something cannot be prepared, or a scenario fails.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::start();
    steps.step("ui build", || web::build(workspace))?;
    let binary = steps.step("binary", || test::build_binary(workspace))?;
    let mut environments =
        steps.step("python environments", || services::environments(workspace))?;
    if let Some(client) = &arguments.client {
        environments.retain(|environment| &environment.name == client);
        environments.first().with_context(|| {
            format!("there is no client `{client}`: see `conformance/requirements-*.txt`")
        })?;
    }
    let chromium = steps.step("chromium", services::chromium)?;
    let backends = match arguments.backend {
        Some(backend) => vec![backend],
        None => vec![Backend::Sqlite, Backend::Postgres],
    };
    let postgres = if backends.contains(&Backend::Postgres) {
        Some(steps.step("postgres", Postgres::start)?)
    } else {
        None
    };
    let harness = Harness {
        workspace,
        binary: &binary,
        chromium: &chromium,
        postgres_url: postgres.as_ref().map(Postgres::url),
    };
    for environment in &environments {
        for &backend in &backends {
            steps.step("conformance", || {
                harness.run(environment, backend, &arguments.scenarios)
            })?;
        }
    }
    drop(postgres);
    steps.finish();
    Ok(())
}
