//! The door through its real router, on SQLite and a folder.

mod access;
mod artifacts;
mod bad_input;
mod client;
mod documents;
mod files;
mod logging;
mod reading;
mod registries;
mod schema;
mod sweeps;
mod teams;
