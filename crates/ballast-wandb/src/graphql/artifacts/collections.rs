//! Types and collections of artifacts, read.

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject};
use ballast_model::{ArtifactTypeName, CollectionName, Timestamp};
use ballast_tracking::artifacts::{
    ArtifactTypeKey, ArtifactTypeRecord, CollectionKind, CollectionRecord, CollectionSearch, Found,
    MembershipOrder, MembershipRecord, MembershipSort, SearchPage, VersionSearch,
};
use ballast_tracking::filter::Predicate;
use ballast_tracking::projects::Project;

use super::versions::{Artifact, ArtifactAlias, ArtifactCollectionMembership, Tag};
use super::{ArtifactCollectionState, ArtifactDigestAlgorithm};
use crate::filters::{
    parse_collection_filter, parse_collection_order, parse_filter_in_collection,
    parse_version_order,
};
use crate::graphql::access::Access;
use crate::graphql::connection::{Connection, PageInfo, Window};
use crate::graphql::projects::ProjectNode;
use crate::graphql::scalars::{DateTime, JsonString};
use crate::ids;

/// A set of versions.
#[expect(
    clippy::duplicated_attributes,
    reason = "fields have arguments of the same names"
)]
#[derive(Debug, Clone, Interface)]
#[graphql(
    field(name = "id", ty = "ID"),
    field(name = "name", ty = "String"),
    field(name = "description", ty = "Option<String>"),
    field(name = "created_at", ty = "DateTime"),
    field(name = "updated_at", ty = "Option<DateTime>"),
    field(name = "project", ty = "Option<ProjectNode>"),
    field(name = "state", ty = "Option<ArtifactCollectionState>"),
    field(name = "default_artifact_type", ty = "ArtifactType"),
    field(name = "tags", ty = "Connection<Tag>"),
    field(
        name = "aliases",
        ty = "Connection<ArtifactAlias>",
        arg(name = "first", ty = "Option<i64>"),
        arg(name = "after", ty = "Option<String>")
    ),
    field(
        name = "artifacts",
        ty = "VersionedArtifactConnection",
        arg(name = "first", ty = "Option<i64>"),
        arg(name = "after", ty = "Option<String>"),
        arg(name = "order", ty = "Option<String>"),
        arg(name = "filters", ty = "Option<JsonString>")
    ),
    field(
        name = "artifact_membership",
        ty = "Option<ArtifactCollectionMembership>",
        arg(name = "alias_name", ty = "String")
    )
)]
pub(crate) enum ArtifactCollection {
    ArtifactSequence(ArtifactSequence),
    ArtifactPortfolio(ArtifactPortfolio),
}

impl From<CollectionRecord> for ArtifactCollection {
    fn from(record: CollectionRecord) -> Self {
        match record.kind {
            CollectionKind::Versions => Self::ArtifactSequence(record.into()),
            CollectionKind::Links => Self::ArtifactPortfolio(record.into()),
        }
    }
}

impl ArtifactCollection {
    /// The collection behind an id; `None` if there is none that the caller may see.
    pub(crate) async fn lookup(access: &Access, id: &str) -> Result<Option<Self>> {
        let Some(key) = ids::collection_key(id) else {
            return Ok(None);
        };
        let found = access
            .tracking
            .lookup_collection_by_key(&access.caller, key)
            .await?;
        Ok(found
            .filter(|collection| !collection.is_deleted)
            .map(Self::from))
    }
}

/// Declares the two kinds of collections, with the fields that both have and their own.
macro_rules! collection_nodes {
    ($($(#[$meta:meta])* $name:ident { $($own:tt)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            record: CollectionRecord,
            /// Whether the caller may know what it is called.
            is_known: bool,
        }

        impl From<CollectionRecord> for $name {
            fn from(record: CollectionRecord) -> Self {
                Self {
                    record,
                    is_known: true,
                }
            }
        }

        $(#[$meta])*
        #[Object]
        impl $name {
            async fn id(&self) -> ID {
                ids::collection(self.record.key)
            }

            async fn name(&self) -> &str {
                match self.is_known {
                    true => self.record.name.as_str(),
                    false => "",
                }
            }

            async fn description(&self) -> Option<String> {
                self.record.description.clone().filter(|_| self.is_known)
            }

            async fn created_at(&self) -> DateTime {
                DateTime(self.record.created_at)
            }

            async fn updated_at(&self) -> Option<DateTime> {
                Some(DateTime(self.record.updated_at))
            }

            async fn project(&self, context: &Context<'_>) -> Result<Option<ProjectNode>> {
                let CollectionRecord { entity_name, project_name, .. } = &self.record;
                let names = (Some(entity_name.as_str()), Some(project_name.as_str()));
                ProjectNode::lookup(Access::of(context), names.0, names.1).await
            }

            async fn state(&self) -> Option<ArtifactCollectionState> {
                Some(match self.record.is_deleted {
                    true => ArtifactCollectionState::Deleted,
                    false => ArtifactCollectionState::Ready,
                })
            }

            async fn default_artifact_type(&self, context: &Context<'_>) -> Result<ArtifactType> {
                ArtifactType::of(Access::of(context), &self.record).await
            }

            async fn tags(&self, context: &Context<'_>) -> Result<Connection<Tag>> {
                let access = Access::of(context);
                let tags = access.tracking.collection_tags(&access.caller, self.record.key).await?;
                Ok(Connection::whole(tags.into_iter().map(Tag::new).collect()))
            }

            async fn aliases(
                &self,
                context: &Context<'_>,
                first: Option<i64>,
                after: Option<String>,
            ) -> Result<Connection<ArtifactAlias>> {
                let access = Access::of(context);
                let aliases =
                    access.tracking.collection_aliases(&access.caller, self.record.key).await?;
                let aliases = aliases.into_iter().map(ArtifactAlias::from).collect();
                Ok(Connection::page_of(aliases, Window::new(first, after.as_deref(), 1000)))
            }

            /// Versions, newest first unless there is an order.
            async fn artifacts(
                &self,
                context: &Context<'_>,
                first: Option<i64>,
                after: Option<String>,
                order: Option<String>,
                filters: Option<JsonString>,
            ) -> Result<VersionedArtifactConnection> {
                let filters = filters.as_ref().map(|filters| filters.0.as_str());
                let Some(filter) = parse_filter_in_collection(filters)? else {
                    return Ok(VersionedArtifactConnection::default());
                };
                let search = VersionSearch {
                    collections: Predicate::everything(),
                    filter,
                    order: parse_version_order(order.as_deref())?.unwrap_or(NEWEST_FIRST),
                    page: Window::new(first, after.as_deref(), 50).of_search(context),
                };
                list_versions(Access::of(context), &self.record, &search).await
            }

            /// The version with this alias or number.
            async fn artifact_membership(
                &self,
                context: &Context<'_>,
                alias_name: String,
            ) -> Result<Option<ArtifactCollectionMembership>> {
                let access = Access::of(context);
                let found = access
                    .tracking
                    .membership_in(&access.caller, &self.record, &alias_name)
                    .await?;
                Ok(found.map(ArtifactCollectionMembership::from))
            }

            $($own)*
        }
    )* };
}

collection_nodes! {
    /// A collection that owns versions.
    ArtifactSequence {
        async fn latest_artifact(&self, context: &Context<'_>) -> Result<Option<Artifact>> {
            let access = Access::of(context);
            let latest = access.tracking.latest_version(&access.caller, self.record.key).await?;
            Ok(latest.map(Artifact::from))
        }

        async fn digest_algorithm(&self) -> Option<ArtifactDigestAlgorithm> {
            Some(ArtifactDigestAlgorithm::ManifestMd5)
        }
    }
    /// A collection of links to versions that other collections own.
    ArtifactPortfolio {}
}

impl ArtifactSequence {
    /// The collection that owns a version. It has no name if the caller knows the version by a link only.
    pub(super) fn of_version(access: &Access, record: CollectionRecord) -> Self {
        let role = access.caller.role_in_project(record.entity, record.project);
        Self {
            record,
            is_known: role.is_some(),
        }
    }
}

/// Versions of one collection.
#[derive(Debug, Clone, Default, SimpleObject)]
pub(crate) struct VersionedArtifactConnection {
    total_count: i64,
    page_info: PageInfo,
    edges: Vec<VersionedArtifactEdge>,
}

/// A version of one collection, with its name in there.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct VersionedArtifactEdge {
    cursor: String,
    version: String,
    node: Artifact,
}

/// The order of versions for which nobody asked.
const NEWEST_FIRST: MembershipOrder = MembershipOrder {
    by: MembershipSort::Version,
    descending: true,
};

impl From<Found<MembershipRecord>> for VersionedArtifactConnection {
    fn from(found: Found<MembershipRecord>) -> Self {
        let edge = |(membership, end): (MembershipRecord, u64)| VersionedArtifactEdge {
            cursor: end.to_string(),
            version: format!("v{}", membership.version),
            node: membership.artifact.into(),
        };
        let edges: Vec<VersionedArtifactEdge> = found.items.into_iter().map(edge).collect();
        let end_cursor = edges.last().map(|edge| edge.cursor.clone());
        Self {
            total_count: found.total.unwrap_or_default() as i64,
            page_info: PageInfo::new(end_cursor, found.has_more && !edges.is_empty()),
            edges,
        }
    }
}

async fn list_versions(
    access: &Access,
    collection: &CollectionRecord,
    search: &VersionSearch,
) -> Result<VersionedArtifactConnection> {
    let found = access
        .tracking
        .search_versions(&access.caller, collection.key, search)
        .await?;
    Ok(found.into())
}

/// What kind of thing a collection holds.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactType {
    key: ArtifactTypeKey,
    name: ArtifactTypeName,
    description: String,
    created_at: Timestamp,
    /// The project, if the caller may know of it.
    project: Option<Project>,
}

#[Object]
impl ArtifactType {
    async fn id(&self) -> ID {
        ids::encode("ArtifactType", self.key.0)
    }

    async fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn description(&self) -> Option<&str> {
        Some(&self.description)
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    async fn artifact_collection(
        &self,
        context: &Context<'_>,
        name: String,
    ) -> Result<Option<ArtifactCollection>> {
        let Some(project) = &self.project else {
            return Ok(None);
        };
        let found = lookup_collection(Access::of(context), project, &name).await?;
        let is_ours = |collection: &CollectionRecord| collection.artifact_type == self.key;
        Ok(found.filter(is_ours).map(ArtifactCollection::from))
    }

    async fn artifact_collections(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        filters: Option<JsonString>,
        order: Option<String>,
    ) -> Result<Connection<ArtifactCollection>> {
        let search = collection_search(
            filters.as_ref(),
            order.as_deref(),
            Window::new(first, after.as_deref(), 50).of_search(context),
        )?;
        match &self.project {
            Some(project) => {
                let name = Some(&self.name);
                list_collections(Access::of(context), project, name, &search).await
            }
            None => Ok(Connection::empty()),
        }
    }
}

impl ArtifactType {
    pub(super) fn new(record: ArtifactTypeRecord, project: Project) -> Self {
        Self {
            key: record.key,
            name: record.name,
            description: record.description,
            created_at: record.created_at,
            project: Some(project),
        }
    }

    /// The type of a collection. Of one that the caller knows by a link to a version only, not more than the name.
    pub(super) async fn of(access: &Access, collection: &CollectionRecord) -> Result<Self> {
        let (entity, project) = (&collection.entity_name, &collection.project_name);
        let project = access
            .tracking
            .lookup_project(&access.caller, entity, project)
            .await?;
        if let Some(project) = project
            && let Some(found) =
                lookup_type(access, &project, collection.type_name.as_str()).await?
        {
            return Ok(found);
        }
        Ok(Self {
            key: collection.artifact_type,
            name: collection.type_name.clone(),
            description: String::new(),
            created_at: collection.created_at,
            project: None,
        })
    }
}

/// The artifact type `name` of a project.
pub(crate) async fn lookup_type(
    access: &Access,
    project: &Project,
    name: &str,
) -> Result<Option<ArtifactType>> {
    let Ok(name) = ArtifactTypeName::new(name) else {
        return Ok(None);
    };
    let found = access
        .tracking
        .lookup_artifact_type(&access.caller, &project.entity, &project.name, &name)
        .await?;
    Ok(found.map(|record| ArtifactType::new(record, project.clone())))
}

/// A page of the artifact types of a project.
pub(crate) async fn list_types(
    access: &Access,
    project: &Project,
    window: Window,
) -> Result<Connection<ArtifactType>> {
    let types = access
        .tracking
        .list_artifact_types(&access.caller, &project.entity, &project.name)
        .await?;
    let types = types
        .into_iter()
        .map(|record| ArtifactType::new(record, project.clone()));
    Ok(Connection::page_of(types.collect(), window))
}

/// The collection `name` of a project.
pub(crate) async fn lookup_collection(
    access: &Access,
    project: &Project,
    name: &str,
) -> Result<Option<CollectionRecord>> {
    let Ok(name) = CollectionName::new(name) else {
        return Ok(None);
    };
    Ok(access
        .tracking
        .lookup_collection(&access.caller, &project.entity, &project.name, &name)
        .await?)
}

/// The collections that a client asks for.
pub(crate) fn collection_search(
    filters: Option<&JsonString>,
    order: Option<&str>,
    page: SearchPage,
) -> Result<CollectionSearch> {
    Ok(CollectionSearch {
        filter: parse_collection_filter(filters.map(|filters| filters.0.as_str()))?,
        order: parse_collection_order(order)?,
        page,
    })
}

/// A page of the collections of a project, of one type or all.
pub(crate) async fn list_collections(
    access: &Access,
    project: &Project,
    artifact_type: Option<&ArtifactTypeName>,
    search: &CollectionSearch,
) -> Result<Connection<ArtifactCollection>> {
    let (entity, project) = (&project.entity, &project.name);
    let found = access
        .tracking
        .search_collections(&access.caller, entity, project, artifact_type, search)
        .await?;
    Ok(Connection::found(found))
}
