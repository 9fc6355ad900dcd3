//! `ballast reference`: documents that are made from code. `cargo xtask generate` writes them into the repository.

use crate::{printer, reference};

/// Which document.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Document {
    /// Every key of the configuration
    Configuration,
    /// Every command and flag
    Commands,
}

pub(crate) fn run(document: Document) {
    let text = match document {
        Document::Configuration => reference::configuration(),
        Document::Commands => reference::commands(),
    };
    printer::data(text.trim_end());
}
