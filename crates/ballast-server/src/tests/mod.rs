//! Tests of the routes, through the real router over temporary stores.

mod access;
mod accounts;
mod artifacts;
mod console;
mod documents;
mod files;
mod history;
mod lineage;
mod live;
mod pages;
mod projects;
mod registries;
mod requests;
mod runs;
mod server;
mod sessions;
mod sweeps;
mod teams;
