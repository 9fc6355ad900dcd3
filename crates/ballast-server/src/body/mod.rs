//! Parts that the bodies of several operations share.

mod list;
mod time;

pub(crate) use list::{List, Page};
pub(crate) use time::Time;
