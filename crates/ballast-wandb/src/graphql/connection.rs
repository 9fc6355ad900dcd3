//! Pages of lists.

use std::borrow::Cow;

use async_graphql::{Context, OutputType, SimpleObject, TypeName};
use ballast_tracking::artifacts::{Found, SearchPage};

/// Where a page ends.
#[derive(Debug, Clone, Default, SimpleObject)]
pub(crate) struct PageInfo {
    /// Where the next page starts.
    end_cursor: Option<String>,
    /// Whether there is a next page.
    has_next_page: bool,
}

/// A type of which there are pages.
pub(crate) trait Listed: OutputType {
    /// The name of a page's type.
    const CONNECTION: &'static str;
    /// The name of the type of a page's item.
    const EDGE: &'static str;
}

/// One item of a page.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Edge<T: Listed> {
    /// Where the page behind this item starts.
    cursor: String,
    /// The item.
    node: Option<T>,
}

impl<T: Listed> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::EDGE)
    }
}

/// A page of a list.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Connection<T: Listed> {
    /// How many items all pages have.
    total_count: i64,
    /// Where the page ends.
    page_info: PageInfo,
    /// The items.
    edges: Vec<Edge<T>>,
}

impl<T: Listed> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::CONNECTION)
    }
}

macro_rules! connections {
    ($($connection:literal, $edge:literal, $node:ty;)*) => { $(
        impl Listed for $node {
            const CONNECTION: &'static str = $connection;
            const EDGE: &'static str = $edge;
        }
    )* };
}

connections! {
    "AgentConnection", "AgentEdge", super::sweeps::AgentNode;
    "ApiKeyConnection", "ApiKeyEdge", super::people::ApiKeyNode;
    "ArtifactAliasConnection", "ArtifactAliasEdge", super::artifacts::ArtifactAlias;
    "ArtifactCollectionConnection", "ArtifactCollectionEdge", super::artifacts::ArtifactCollection;
    "ArtifactCollectionMembershipConnection", "ArtifactCollectionMembershipEdge", super::artifacts::ArtifactCollectionMembership;
    "ArtifactConnection", "ArtifactEdge", super::artifacts::Artifact;
    "ArtifactTypeConnection", "ArtifactTypeEdge", super::artifacts::ArtifactType;
    "EntityConnection", "EntityEdge", super::entities::EntityNode;
    "IntegrationConnection", "IntegrationEdge", super::automations::Integration;
    "LogLineConnection", "LogLineEdge", super::console::LogLineNode;
    "ProjectConnection", "ProjectEdge", super::projects::ProjectNode;
    "RunConnection", "RunEdge", super::runs::RunNode;
    "RunQueueItemConnection", "RunQueueItemEdge", super::launch::RunQueueItem;
    "SweepConnection", "SweepEdge", super::sweeps::SweepNode;
    "TagConnection", "TagEdge", super::artifacts::Tag;
    "TriggerConnection", "TriggerEdge", super::automations::Trigger;
    "UserConnection", "UserEdge", super::people::UserNode;
    "ViewConnection", "ViewEdge", super::reports::View;
}

impl<T: Listed> Connection<T> {
    /// No items.
    pub(crate) fn empty() -> Self {
        Self {
            total_count: 0,
            page_info: PageInfo::default(),
            edges: Vec::new(),
        }
    }

    /// All items, on one page.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        let total = items.len();
        Self::page(items, 0, total)
    }

    /// The items of a list of `total` from position `offset` on. Cursors are positions.
    pub(crate) fn page(items: Vec<T>, offset: usize, total: usize) -> Self {
        let end = offset + items.len();
        let cursors = (offset + 1..).map(|position| position.to_string());
        Self {
            total_count: total as i64,
            page_info: PageInfo {
                end_cursor: (!items.is_empty()).then(|| end.to_string()),
                has_next_page: !items.is_empty() && end < total,
            },
            edges: items
                .into_iter()
                .zip(cursors)
                .map(|(node, cursor)| Edge {
                    cursor,
                    node: Some(node),
                })
                .collect(),
        }
    }

    /// What a search found. Cursors are positions among everything that was searched.
    pub(crate) fn found<R: Into<T>>(found: Found<R>) -> Self {
        let edges: Vec<Edge<T>> = found
            .items
            .into_iter()
            .map(|(item, end)| Edge {
                cursor: end.to_string(),
                node: Some(item.into()),
            })
            .collect();
        Self {
            total_count: found.total.unwrap_or_default() as i64,
            page_info: PageInfo {
                end_cursor: edges.last().map(|edge| edge.cursor.clone()),
                has_next_page: found.has_more && !edges.is_empty(),
            },
            edges,
        }
    }

    /// How many items all pages have.
    pub(crate) fn total(&self) -> i64 {
        self.total_count
    }

    /// One page of a list that is wholly in memory.
    pub(crate) fn page_of(items: Vec<T>, window: Window) -> Self {
        let total = items.len();
        let items = items
            .into_iter()
            .skip(window.offset)
            .take(window.limit)
            .collect();
        Self::page(items, window.offset, total)
    }
}

impl PageInfo {
    /// A page that ends at `end_cursor`.
    pub(crate) fn new(end_cursor: Option<String>, has_next_page: bool) -> Self {
        Self {
            end_cursor,
            has_next_page,
        }
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// How many items to leave out.
    pub(crate) offset: usize,
    /// At most so many items.
    pub(crate) limit: usize,
}

/// Largest page.
const MAX_PAGE: usize = 1000;

impl Window {
    /// Reads `first` and `after`. A cursor that is not ours starts at the beginning.
    pub(crate) fn new(first: Option<i64>, after: Option<&str>, default_limit: usize) -> Self {
        let limit = first.map_or(default_limit, |first| usize::try_from(first).unwrap_or(0));
        Self {
            offset: after.and_then(|cursor| cursor.parse().ok()).unwrap_or(0),
            limit: limit.min(MAX_PAGE),
        }
    }

    /// The same part of what a search finds, which is counted if the field at hand is asked how much there is.
    pub(crate) fn of_search(self, context: &Context<'_>) -> SearchPage {
        SearchPage {
            start: self.offset as u64,
            limit: self.limit,
            count: context.look_ahead().field("totalCount").exists(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_lead_through_the_list() {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let window = Window::new(Some(2), after.as_deref(), 50);
            let page = Connection::<super::super::people::ApiKeyNode>::page_of(
                super::super::people::keys(5),
                window,
            );
            assert_eq!(page.total_count, 5);
            assert_eq!(
                page.edges.last().map(|edge| edge.cursor.clone()),
                page.page_info.end_cursor
            );
            seen.extend(page.edges.iter().map(|edge| edge.cursor.clone()));
            after = page.page_info.end_cursor;
            if !page.page_info.has_next_page {
                break;
            }
        }
        assert_eq!(seen, ["1", "2", "3", "4", "5"]);
    }

    #[test]
    fn windows_are_bounded() {
        assert_eq!(
            Window::new(None, None, 50),
            Window {
                offset: 0,
                limit: 50
            }
        );
        assert_eq!(
            Window::new(Some(-1), Some("x"), 50),
            Window {
                offset: 0,
                limit: 0
            }
        );
        assert_eq!(
            Window::new(Some(1 << 40), Some("7"), 50),
            Window {
                offset: 7,
                limit: MAX_PAGE
            }
        );
    }
}
