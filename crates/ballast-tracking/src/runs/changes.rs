//! What people change about a run.

use ballast_meta::{MetaError, RunPatch};
use ballast_model::{RunPath, RunState, Tag};

use super::Run;
use super::find::run_not_found;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Longest title, group or job type, in characters.
const MAX_TEXT_CHARACTERS: usize = 512;
/// Longest notes, in bytes.
const MAX_NOTES_BYTES: usize = 1 << 20;
/// Most tags of a run.
const MAX_TAGS: usize = 1000;

/// What to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunChanges {
    /// The title.
    pub display_name: Option<String>,
    /// Notes; empty text removes them.
    pub notes: Option<String>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// The group; empty text removes it.
    pub group: Option<String>,
    /// The colour as `#rrggbb`; empty text gives the automatic one back.
    pub color: Option<String>,
}

/// Checks a text that people read in lists.
pub(super) fn checked_text(what: &str, text: String) -> Result<String> {
    if text.chars().count() > MAX_TEXT_CHARACTERS {
        return Err(TrackingError::Invalid(format!(
            "{what} has more than {MAX_TEXT_CHARACTERS} characters"
        )));
    }
    checked_plain(what, text)
}

/// Checks notes.
pub(super) fn checked_notes(text: String) -> Result<String> {
    if text.len() > MAX_NOTES_BYTES {
        let (found, limit) = (text.len() as u64, MAX_NOTES_BYTES as u64);
        return Err(TrackingError::TooLarge {
            what: "notes",
            found,
            limit,
        });
    }
    checked_plain("notes", text)
}

/// Refuses the one character that PostgreSQL cannot store.
fn checked_plain(what: &str, text: String) -> Result<String> {
    if text.contains('\0') {
        Err(TrackingError::Invalid(format!(
            "{what} contains a NUL character"
        )))
    } else {
        Ok(text)
    }
}

/// Checks tags.
pub(super) fn checked_tags(tags: Vec<String>) -> Result<Vec<Tag>> {
    if tags.len() > MAX_TAGS {
        return Err(TrackingError::Invalid(format!(
            "a run has at most {MAX_TAGS} tags, got {}",
            tags.len()
        )));
    }
    Ok(tags.into_iter().map(Tag::new).collect::<Result<_, _>>()?)
}

/// Empty text stands for nothing.
pub(super) fn non_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn checked_color(color: &str) -> Result<Option<String>> {
    let is_hex = |color: &str| {
        color.len() == 7
            && color.starts_with('#')
            && color[1..].chars().all(|c| c.is_ascii_hexdigit())
    };
    if color.is_empty() {
        Ok(None)
    } else if color.is_ascii() && is_hex(color) {
        Ok(Some(color.to_ascii_lowercase()))
    } else {
        Err(TrackingError::Invalid(
            "a run's color is written `#rrggbb`".to_owned(),
        ))
    }
}

impl Tracking {
    /// Changes what people wrote about a run.
    ///
    /// # Errors
    /// As [`Tracking::get_run`], and [`TrackingError::Invalid`] or [`TrackingError::TooLarge`] for a text that cannot
    /// be stored.
    pub async fn update_run(
        &self,
        caller: &Caller,
        path: &RunPath,
        changes: RunChanges,
    ) -> Result<Run> {
        let display_name = match changes.display_name {
            Some(name) if name.trim().is_empty() => {
                return Err(TrackingError::Invalid(
                    "a run's name cannot be empty".to_owned(),
                ));
            }
            Some(name) => Some(checked_text("the run's name", name)?),
            None => None,
        };
        let patch = RunPatch {
            display_name,
            notes: changes.notes.map(checked_notes).transpose()?.map(non_empty),
            tags: changes.tags.map(checked_tags).transpose()?,
            group: changes
                .group
                .map(|group| checked_text("the group", group))
                .transpose()?
                .map(non_empty),
            color: changes.color.as_deref().map(checked_color).transpose()?,
            ..RunPatch::default()
        };
        self.patch_run(caller, path, patch).await
    }

    /// Asks the run's process to stop. The process learns it with its next report; asking twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Conflict`] if no process is expected to report.
    pub async fn request_stop(&self, caller: &Caller, path: &RunPath) -> Result<Run> {
        let run = self.run_for(caller, path, Access::Write).await?;
        if !run.state.is_live() && run.state != RunState::Pending {
            return Err(TrackingError::Conflict(format!(
                "run `{}` is {}; only a live run can stop",
                run.id, run.state
            )));
        }
        let patch = RunPatch {
            stop_requested: Some(true),
            ..RunPatch::default()
        };
        self.patch_run(caller, path, patch).await
    }

    /// Sets a run's state by hand, where its rules allow it.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Conflict`] for a transition that is not allowed.
    pub async fn set_run_state(
        &self,
        caller: &Caller,
        path: &RunPath,
        state: RunState,
    ) -> Result<Run> {
        let run = self.run_for(caller, path, Access::Write).await?;
        if run.sweep.is_some() || !run.state.may_be_set_to(state) {
            let reason = format!(
                "invalid state transition of run `{}`: {} to {state}",
                run.id, run.state
            );
            return Err(TrackingError::Conflict(reason));
        }
        let ended_at = (state == RunState::Failed).then(|| self.inner.clock.now());
        let patch = RunPatch {
            state: Some(state),
            ended_at: Some(ended_at),
            ..RunPatch::default()
        };
        self.patch_run(caller, path, patch).await
    }

    pub(crate) async fn patch_run(
        &self,
        caller: &Caller,
        path: &RunPath,
        patch: RunPatch,
    ) -> Result<Run> {
        let key = self.run_key(caller, path, Access::Write).await?;
        let now = self.inner.clock.now();
        let changed = self
            .inner
            .meta
            .write(move |tx| Box::pin(async move { tx.update_run(key, patch, now).await }))
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        if !changed {
            return Err(run_not_found(path));
        }
        self.get_run(caller, path).await
    }
}
