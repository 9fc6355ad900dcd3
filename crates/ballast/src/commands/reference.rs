//! `ballast reference`: documents that are made from code. `cargo xtask generate` writes them into the repository.

use crate::{printer, reference};

/// Which document.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Document {
    /// Every key of the configuration
    Configuration,
    /// Every command and flag
    Commands,
    /// Every error code of the native API
    Errors,
    /// The native API, as OpenAPI in JSON
    Openapi,
    /// The schema that the wandb client sees, as GraphQL SDL
    Graphql,
}

pub(crate) fn run(document: Document) {
    let text = match document {
        Document::Configuration => reference::configuration(),
        Document::Commands => reference::commands(),
        Document::Errors => ballast_server::error_reference(),
        Document::Openapi => ballast_server::openapi_json(),
        Document::Graphql => ballast_wandb::sdl(),
    };
    printer::data(text.trim_end());
}
