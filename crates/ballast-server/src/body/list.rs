//! Lists.

use serde::Serialize;
use utoipa::ToSchema;

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
