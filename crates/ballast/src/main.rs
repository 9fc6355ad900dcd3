//! The binary: command line, configuration, and the wiring of the crates.
//!
//! Each subcommand is a file of [`commands`] that takes a checked [`config::Config`] and says how it ended as a
//! [`failure::Failure`] or nothing. Output goes through [`printer`] and nowhere else. No rule of the domain is here.

mod allocator;
mod arguments;
mod commands;
mod config;
mod failure;
mod http;
mod lock;
mod logging;
mod printer;
mod reference;
mod secret;
mod shutdown;
mod stores;
mod table;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::commands::Outcome;
use crate::config::{Config, ConfigError, Environment, FlagValues};
use crate::failure::{ExitStatus, Failure};

fn main() -> ExitCode {
    allocator::configure();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return answer_without_command(&answer),
    };
    let status = match run(arguments.command) {
        Ok(()) => ExitStatus::Success,
        Err(failure) => {
            printer::failure(&failure);
            failure.status
        }
    };
    status.into()
}

/// `--help` and `--version` are answers; everything else the parser says is a mistake in the input.
fn answer_without_command(answer: &clap::Error) -> ExitCode {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        printer::note(text.trim_end());
        return ExitStatus::Failure.into();
    }
    printer::data(text.trim_end());
    ExitStatus::Success.into()
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Serve(flags) => {
            let config = load(flags.0)?;
            logging::start(&config.logging);
            allocator::give_back_holes();
            block_on(commands::serve::run(config))
        }
        Command::User { flags, action } => {
            let config = load(flags.0)?;
            logging::start_quietly();
            block_on(commands::user::run(config, action))
        }
        Command::Fsck(flags) => {
            let config = load(flags.0)?;
            logging::start_quietly();
            block_on(commands::fsck::run(config))
        }
        Command::Diff {
            flags,
            left,
            right,
            json,
        } => {
            let config = load(flags.0)?;
            logging::start_quietly();
            block_on(commands::diff::run(config, left, right, json))
        }
        Command::Gc { flags, wish } => {
            let config = load(flags.0)?;
            logging::start_quietly();
            block_on(commands::gc::run(config, wish))
        }
        Command::Verify { flags, artifact } => {
            let config = load(flags.0)?;
            logging::start_quietly();
            block_on(commands::verify::run(config, artifact))
        }
        Command::Sweep { action } => commands::sweep::run(action),
        Command::Version => {
            commands::version::run();
            Ok(())
        }
        Command::Reference { document } => {
            commands::reference::run(document);
            Ok(())
        }
    }
}

fn load(flags: FlagValues) -> Result<Config, Failure> {
    let config = Environment::read(std::env::vars_os())
        .and_then(|environment| Config::load(flags, environment));
    config.map_err(config_failure)
}

fn config_failure(error: ConfigError) -> Failure {
    let hint = error.hint();
    let failure = Failure::expected(error);
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// Runs `work` on all cores.
fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")?
        .block_on(work)
}
