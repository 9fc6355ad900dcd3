//! Runs: starting, changing, finding and deleting them.

mod bin;
mod changes;
mod documents;
pub mod filter;
mod find;
mod rewind;
mod run;
mod upsert;

pub(crate) use documents::{map_text, parse_metric_definitions};
pub(crate) use find::run_not_found;

pub use changes::RunChanges;
pub use find::{QueriedRuns, RunListing, RunPage, RunQuery};
pub use run::{ParentRun, Run};
pub use upsert::{Branch, RunTarget, UpsertRun, UpsertedRun};
