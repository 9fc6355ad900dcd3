use ballast_tracking::Stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stream of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Stream)]
pub(crate) enum StreamName {
    /// Logged rows.
    History,
    /// System metrics.
    System,
    /// Console lines.
    Console,
    /// The summary.
    Summary,
}

impl From<Stream> for StreamName {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::History => Self::History,
            Stream::System => Self::System,
            Stream::Console => Self::Console,
            Stream::Summary => Self::Summary,
        }
    }
}

/// A stream of rows with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RowStream)]
pub(super) enum RowStreamName {
    /// Logged rows.
    #[default]
    History,
    /// System metrics.
    System,
}

impl From<RowStreamName> for Stream {
    fn from(name: RowStreamName) -> Self {
        match name {
            RowStreamName::History => Self::History,
            RowStreamName::System => Self::System,
        }
    }
}
