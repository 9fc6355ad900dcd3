//! A run as the API gives it out.

mod detail;
mod environment;
mod run;

pub(crate) use detail::RunDetailBody;
pub(crate) use run::{RunBody, RunStateName};
