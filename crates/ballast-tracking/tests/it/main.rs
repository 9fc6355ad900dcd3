//! The operations against real stores.

mod append;
mod console;
mod fold;
mod fork;
mod people;
mod permissions;
mod races;
mod runs;
mod support;
