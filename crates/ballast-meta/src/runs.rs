//! Runs: heads, documents, lists and the feed of changes.
//!
//! A run is a small head and six documents (config, summary, …) that are stored apart, so that a heartbeat does not
//! rewrite a large config.

mod read;
mod records;
mod write;

use ballast_model::RunState;

pub use records::{
    LoggedRun, NewRun, PurgedRun, Revision, RunChanges, RunDocuments, RunFilter, RunHead, RunPatch,
    RunQuery, RunRecord,
};

/// The kinds of documents, as numbered in the database. Part of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentKind {
    Config = 0,
    Summary = 1,
    SdkState = 2,
    MetricDefinitions = 3,
    CustomCharts = 4,
    Environment = 5,
}

impl DocumentKind {
    const ALL: [Self; 6] = [
        Self::Config,
        Self::Summary,
        Self::SdkState,
        Self::MetricDefinitions,
        Self::CustomCharts,
        Self::Environment,
    ];
}

impl RunDocuments {
    fn of_kind(&mut self, kind: DocumentKind) -> &mut String {
        match kind {
            DocumentKind::Config => &mut self.config,
            DocumentKind::Summary => &mut self.summary,
            DocumentKind::SdkState => &mut self.sdk_state,
            DocumentKind::MetricDefinitions => &mut self.metric_definitions,
            DocumentKind::CustomCharts => &mut self.custom_charts,
            DocumentKind::Environment => &mut self.environment,
        }
    }
}

/// The states of runs whose process is expected to report.
pub(crate) fn live_states() -> impl Iterator<Item = &'static str> {
    RunState::ALL
        .into_iter()
        .filter(|state| state.is_live())
        .map(RunState::as_str)
}
