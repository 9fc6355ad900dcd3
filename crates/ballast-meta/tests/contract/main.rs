//! What the metadata store promises, checked on every backend: on SQLite in a temporary folder always, on PostgreSQL
//! when `BALLAST_TEST_POSTGRES_URL` names a server whose user may create databases.

mod backend;
mod crash;
mod feed;
mod files;
mod history;
mod migrations;
mod objects;
mod outage;
mod people;
mod projects;
mod registries;
mod runs;
mod settings;
mod sweeps;
mod teams;
mod writes;
