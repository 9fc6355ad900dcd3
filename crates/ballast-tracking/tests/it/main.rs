//! The operations against real stores.

mod append;
mod damage;
mod fold;
mod fold_faults;
mod fork;
mod interrupt;
mod people;
mod permissions;
mod races;
mod runs;
mod support;
