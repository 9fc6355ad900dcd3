//! Lists.

use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorCode};

/// A whole list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items, in an order that the operation states.
    pub(crate) items: Vec<T>,
}

impl<T> List<T> {
    /// The list of `items`, each as its body.
    pub(crate) fn of<S: Into<T>>(items: impl IntoIterator<Item = S>) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items of this page, in an order that the operation states.
    pub(crate) items: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last.
    pub(crate) next_cursor: Option<String>,
    /// How many items there are on all pages, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<u64>,
}

impl<T> Page<T> {
    /// The first `limit` of these items, each as its body. One more than that was asked for, and tells whether there is
    /// a next page; its cursor names the last item of this one.
    pub(crate) fn cut<S: Into<T>>(
        mut items: Vec<S>,
        limit: usize,
        total: Option<u64>,
        cursor: impl FnOnce(&S) -> String,
    ) -> Self {
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self {
            next_cursor: items.last().filter(|_| has_more).map(cursor),
            items: items.into_iter().map(Into::into).collect(),
            total,
        }
    }
}

/// Reads the cursor of a list.
///
/// # Errors
/// [`ErrorCode::InvalidQuery`] if no list gives out such a one.
pub(crate) fn parse_cursor<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>, ApiError> {
    let parsed = cursor.map(str::parse).transpose();
    let message = "`cursor` is not one that this list gave out";
    parsed.map_err(|_| ApiError::new(ErrorCode::InvalidQuery, message))
}
