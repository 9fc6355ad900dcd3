//! `ballast version`.

use crate::printer;

/// The version of this build.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn run() {
    printer::data(&format!("ballast {VERSION}"));
}
