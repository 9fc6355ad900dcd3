//! The one place that writes to the terminal: data to stdout, everything else to stderr.
//!
//! A reader that went away, such as `head`, is no error.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes what the user asked for, and a line break, to stdout.
pub(crate) fn data(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// Writes a remark, and a line break, to stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Reports why a command failed: what happened, what caused it, and after a blank line what to do.
pub(crate) fn failure(failure: &Failure) {
    note(&failure.to_string());
}
