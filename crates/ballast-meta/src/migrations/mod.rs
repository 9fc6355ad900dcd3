//! The schema, as steps that both databases take under the same names.
//!
//! A step is never edited after a release, and leaves the tables such that the program before it still works.

#![expect(
    elided_lifetimes_in_paths,
    reason = "`async_trait` makes the trait's hidden lifetime early-bound: naming it in an impl would not match"
)]

mod columns;
mod m20261123_080000_create_people;
mod m20261123_080100_create_runs;
mod m20261123_080200_create_history;
mod m20261123_080300_create_files;
mod m20261124_080000_fold_consoles;
mod m20261124_080400_index_project_revisions;
mod m20261124_120000_create_artifacts;
mod m20261124_193000_age_purged_runs;
mod m20261124_195000_note_masked_lines;
mod m20261128_080000_note_artifact_events;
mod m20261128_120000_create_teams;
mod m20261128_130000_date_registries;
mod m20261128_150000_protect_aliases;
mod m20261128_190000_create_sweeps;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All steps, oldest first.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_080000_create_people::Migration),
            Box::new(m20261123_080100_create_runs::Migration),
            Box::new(m20261123_080200_create_history::Migration),
            Box::new(m20261123_080300_create_files::Migration),
            Box::new(m20261124_080000_fold_consoles::Migration),
            Box::new(m20261124_080400_index_project_revisions::Migration),
            Box::new(m20261124_120000_create_artifacts::Migration),
            Box::new(m20261124_193000_age_purged_runs::Migration),
            Box::new(m20261124_195000_note_masked_lines::Migration),
            Box::new(m20261128_080000_note_artifact_events::Migration),
            Box::new(m20261128_120000_create_teams::Migration),
            Box::new(m20261128_130000_date_registries::Migration),
            Box::new(m20261128_150000_protect_aliases::Migration),
            Box::new(m20261128_190000_create_sweeps::Migration),
        ]
    }
}
