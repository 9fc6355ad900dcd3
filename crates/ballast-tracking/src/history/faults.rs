//! Damaged runs among sound ones.

use ballast_model::RunId;

use crate::{Result, TrackingError};

/// A run that an answer about several runs leaves out, because its stored rows are damaged.
#[derive(Debug)]
pub struct RunFault {
    /// The run.
    pub run: RunId,
    /// [`TrackingError::Damaged`], which names the chunk or object.
    pub error: TrackingError,
}

/// What was read of a run; `None`, and its fault among `faults`, if its rows are damaged.
///
/// # Errors
/// Any other error.
pub(super) fn set_aside<T>(
    run: &RunId,
    read: Result<T>,
    faults: &mut Vec<RunFault>,
) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error @ TrackingError::Damaged { .. }) => {
            tracing::error!(
                run.id = %run,
                error = &error as &dyn std::error::Error,
                "rows of run `{run}` are damaged and left out"
            );
            let run = run.clone();
            faults.push(RunFault { run, error });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
