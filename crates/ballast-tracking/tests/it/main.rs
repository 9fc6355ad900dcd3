//! The operations against real stores.

mod append;
mod fold;
mod fork;
mod people;
mod permissions;
mod races;
mod runs;
mod support;
