//! `cargo xtask test`: every test there is, on a machine that has nothing but the toolchains.

use std::path::PathBuf;

use anyhow::Result;

use crate::conformance::{self, Backend};
use crate::environment::Workspace;
use crate::output::{self, Steps};
use crate::services::{self, Postgres};
use crate::{check, generate, process, smoke, tidy, web};

/// Which parts to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Format, repository rules, lints, unit and integration tests, documentation examples, generated files
    Rust,
    /// Types, unit tests and end-to-end tests of the web app on its mock server
    Ui,
    /// The real clients and a browser against the real binary
    Conformance,
}

impl Arguments {
    fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Installs what is missing, then runs the tests in the order in which they find mistakes fastest.
///
/// All cargo commands select the same packages, targets and profile, so that nothing is built twice.
///
/// # Errors
/// The first step that fails.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let rust = arguments.includes(Part::Rust);
    let ui = arguments.includes(Part::Ui);
    let conformance = arguments.includes(Part::Conformance);
    let mut steps = Steps::start();

    if rust {
        steps.step("rustfmt", || check::rustfmt(workspace))?;
        steps.step("tidy", || tidy::check_sources(workspace))?;
        steps.step("spelling", || check::spelling(workspace))?;
    }
    steps.step("ui packages", || web::install(workspace))?;
    if ui {
        steps.step("ui check", || web::script(workspace, "check"))?;
        steps.step("ui unit tests", || web::script(workspace, "test"))?;
        let chromium = steps.step("chromium", services::chromium)?;
        steps.step("ui end-to-end tests", || {
            process::run(web::script_command(workspace, "e2e").env("CHROMIUM", chromium))
        })?;
    }
    // The binary embeds the web app, so the app is built before any Rust code: once.
    steps.step("ui build", || web::build(workspace))?;
    if ui {
        steps.step("ui size", || web::script(workspace, "size"))?;
    }

    let postgres = if rust || conformance {
        Some(steps.step("postgres", Postgres::start)?)
    } else {
        None
    };
    if rust {
        steps.step("clippy", || check::clippy(workspace))?;
        steps.step("rust tests", || rust_tests(workspace, postgres.as_ref()))?;
        steps.step("documentation examples", || {
            process::run(
                workspace
                    .cargo("test")
                    .args(["--locked", "--workspace", "--doc"]),
            )
        })?;
        steps.step("generated files", || {
            let binary = build_binary(workspace)?;
            generate::check(workspace, &binary)
        })?;
    }
    if conformance {
        let binary = steps.step("binary", || build_binary(workspace))?;
        let environments =
            steps.step("python environments", || services::environments(workspace))?;
        let chromium = steps.step("chromium", services::chromium)?;
        steps.step("smoke", || smoke::run(workspace, &binary, &chromium))?;
        let url = postgres.as_ref().map(Postgres::url);
        let harness = conformance::Harness {
            workspace,
            binary: &binary,
            chromium: &chromium,
            postgres_url: url,
        };
        for environment in &environments {
            for backend in [Backend::Sqlite, Backend::Postgres] {
                output::note(&format!("client `{}` on {backend}", environment.name));
                steps.step("conformance", || harness.run(environment, backend, &[]))?;
            }
        }
    }
    drop(postgres);
    steps.finish();
    Ok(())
}

/// Builds the binary exactly as the Rust tests do and returns its path.
///
/// # Errors
/// If the build fails.
pub(crate) fn build_binary(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        workspace
            .cargo("build")
            .args(["--locked", "--workspace", "--all-targets"]),
    )?;
    Ok(workspace.dev_binary())
}

/// Unit and integration tests: with nextest where it is installed, since it runs the binaries side by side.
fn rust_tests(workspace: &Workspace, postgres: Option<&Postgres>) -> Result<()> {
    let has_nextest = process::succeeds(workspace.cargo("nextest").arg("--version"));
    let mut command = if has_nextest {
        let mut command = workspace.cargo("nextest");
        command.arg("run");
        command
    } else {
        workspace.cargo("test")
    };
    command.args(["--locked", "--workspace", "--all-targets"]);
    if let Some(postgres) = postgres {
        command.env("BALLAST_TEST_POSTGRES_URL", postgres.url());
    }
    process::run(&mut command)
}
