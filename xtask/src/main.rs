//! The one task runner of Ballast: `cargo xtask <command>`.
//!
//! It needs a Rust toolchain, Node.js with npm, Python 3 and git. What a command needs beyond that (npm packages, a
//! browser, a database, Python clients) it installs or starts itself, under `target/` where it can.

mod bench;
mod build;
mod check;
mod conformance;
mod demo;
mod environment;
mod generate;
mod output;
mod process;
mod serve;
mod services;
mod smoke;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::environment::Workspace;

/// Everything a developer of Ballast runs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything and run the server on `./.ballast`
    Serve(serve::Arguments),
    /// Build the finished binary, web UI embedded, at `target/release/ballast`
    Build,
    /// Run every test, installing and starting what they need
    Test(test::Arguments),
    /// Format, lints, types and repository rules, without running tests
    Check,
    /// Check the repository's own rules: crate levels, dependencies, generated files
    Tidy,
    /// Write the generated files: references, API documents and the TypeScript types made from them
    Generate(generate::Arguments),
    /// Run benchmarks of `bench/` by name, or list them
    Bench(bench::Arguments),
    /// Fill a running server with small real trainings through the real client
    Demo(demo::Arguments),
    /// Run the scenarios of `conformance/` with the real clients
    Conformance(conformance::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let workspace = Workspace::discover()?;
    match command {
        Command::Serve(arguments) => serve::run(&workspace, &arguments),
        Command::Build => build::run(&workspace),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Check => check::run(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Generate(arguments) => generate::run(&workspace, &arguments),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
        Command::Demo(arguments) => demo::run(&workspace, &arguments),
        Command::Conformance(arguments) => conformance::run(&workspace, &arguments),
    }
}
