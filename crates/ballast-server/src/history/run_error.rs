use ballast_tracking::history::RunFault;
use serde::Serialize;
use utoipa::ToSchema;

/// A run that an answer about several runs leaves out, because its stored rows are damaged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunError)]
pub(crate) struct RunErrorBody {
    /// The run's id.
    #[schema(example = "3k2j9x")]
    run: String,
    /// What cannot be read.
    #[schema(example = "stored history is damaged: chunk 17 cannot be read")]
    message: String,
}

impl From<&RunFault> for RunErrorBody {
    fn from(fault: &RunFault) -> Self {
        Self {
            run: fault.run.to_string(),
            message: fault.error.to_string(),
        }
    }
}
