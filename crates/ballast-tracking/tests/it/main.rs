//! The operations against real stores.

mod append;
mod artifact_deletion;
mod artifact_pages;
mod artifacts;
mod collect;
mod console;
mod damage;
mod diff;
mod download;
mod fold;
mod fold_faults;
mod forget;
mod fork;
mod interrupt;
mod keys;
mod kills;
mod lineage;
mod masked;
mod people;
mod permissions;
mod races;
mod registries;
mod roles;
mod runs;
mod support;
mod teams;
