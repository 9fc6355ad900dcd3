//! Parts that the bodies of several operations share.

mod binary;
mod list;
mod time;

pub(crate) use binary::Binary;
pub(crate) use list::{List, Page, parse_cursor};
pub(crate) use time::Time;
