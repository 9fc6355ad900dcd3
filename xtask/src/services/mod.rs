//! What the tests need beyond Rust and npm packages: installed or started on demand.

mod chromium;
mod packages;
mod postgres;
mod python;

pub(crate) use chromium::chromium;
pub(crate) use postgres::{Postgres, free_port};
pub(crate) use python::{PythonEnvironment, environments};
