//! The operations against real stores.

mod append;
mod download;
mod fold;
mod fork;
mod keys;
mod people;
mod permissions;
mod races;
mod runs;
mod support;
