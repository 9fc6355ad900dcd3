//! The reference documents, made from the definitions themselves.

mod commands;
mod configuration;

pub(crate) use commands::commands;
pub(crate) use configuration::configuration;

/// The first lines of every document that is made from code.
const NOTICE: &str =
    "<!-- Made from code by `cargo xtask generate`; change the code instead. -->\n";
