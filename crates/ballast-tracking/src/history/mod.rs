//! Rows: appending them, reading them, and folding them into segments.

mod append;
mod batch;
pub(crate) mod chain;
mod commit;
mod curves;
mod faults;
mod fold;
mod place;
mod plan;
mod read;
mod rows;
pub(crate) mod sources;
pub(crate) mod turns;

pub(crate) use fold::is_segment;

pub use append::{Append, Appended, Lines, Problem};
pub use curves::{
    ProjectGroups, ProjectGroupsRequest, ProjectSeries, ProjectSeriesRequest, RunSeries,
};
pub use faults::RunFault;
pub use read::{ProjectKeyInfo, ProjectKeys, kinds};
pub use rows::{Row, RowsRequest, SampledRows};
