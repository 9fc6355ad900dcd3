//! `ballast sweep`: the search of sweeps without a server.

mod check;
mod next;

use std::io::Read;
use std::path::PathBuf;

use super::Outcome;

/// What to do about sweeps.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Propose the next parameters of a sweep, from what is on stdin
    ///
    /// Reads a JSON object with `config`, a sweep config, `runs`, a list of objects with `config` and `value` or `state`, and
    /// `seed`, a number. Prints the parameters as one JSON object on one line, or `{"done": true}` if there is nothing left to
    /// try.
    Next,
    /// Check the config of a sweep
    ///
    /// Prints everything that is wrong or odd, with its line, and fails if the config cannot be used.
    Check {
        /// A file of YAML or JSON; `-` is stdin
        file: PathBuf,
    },
}

pub(crate) fn run(action: Action) -> Outcome {
    match action {
        Action::Next => next::run(),
        Action::Check { file } => check::run(&file),
    }
}

/// The most that is read, in bytes.
const MAX_INPUT_BYTES: u64 = 256 << 20;

/// Reads to the end, or to one byte more than is allowed, which the caller refuses.
fn read_all(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.by_ref()
        .take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(std::io::Error::other(format!(
            "it has more than {MAX_INPUT_BYTES} bytes"
        )));
    }
    Ok(bytes)
}
