//! Rows: appending them, reading them, and folding them into segments.

mod append;
mod batch;
pub(crate) mod chain;
mod commit;
mod curves;
mod definitions;
mod download;
mod faults;
mod fold;
mod key_filter;
mod key_lists;
mod masked;
mod place;
mod plan;
mod rows;
pub(crate) mod sources;
pub(crate) mod turns;

pub(crate) use download::Downloads;
pub(crate) use fold::is_segment;
pub(crate) use key_lists::KeyLists;

pub use append::{Append, Appended, Lines, Problem};
pub use curves::{
    ProjectGroups, ProjectGroupsRequest, ProjectSeries, ProjectSeriesRequest, RunSeries,
};
pub use download::{Download, DownloadRequest};
pub use faults::RunFault;
pub use key_filter::{KeyFilter, KeyPage};
pub use key_lists::{FoundProjectKeys, ProjectKeyInfo, kinds};
pub use rows::{Row, RowPage, RowsRequest, SampledRows};
pub use turns::AnswerMemory;

/// How many runs are read at the same time.
const CONCURRENT_RUNS: usize = 4;

/// Does work on the processor without holding up the async threads.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> crate::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(crate::TrackingError::internal)
}
