use ballast_tracking::artifacts::{CollectionKind, CollectionOverview, ShortVersion, TypeOverview};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;

/// A type of artifacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArtifactType)]
pub(crate) struct TypeBody {
    /// The name.
    #[schema(example = "dataset")]
    name: String,
    /// What it is about; may be empty.
    description: String,
    /// How many collections of the project have it.
    n_collections: u64,
}

impl From<TypeOverview> for TypeBody {
    fn from(overview: TypeOverview) -> Self {
        Self {
            name: overview.artifact_type.name.to_string(),
            description: overview.artifact_type.description,
            n_collections: overview.n_collections,
        }
    }
}

/// What a collection holds.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CollectionKind)]
pub(crate) enum CollectionKindName {
    /// Versions of its own.
    Versions,
    /// Links to versions that other collections own.
    Links,
}

impl From<CollectionKind> for CollectionKindName {
    fn from(kind: CollectionKind) -> Self {
        match kind {
            CollectionKind::Versions => Self::Versions,
            CollectionKind::Links => Self::Links,
        }
    }
}

/// A version as it is named beside other things.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShortVersion)]
pub(crate) struct ShortVersionBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The collection.
    #[schema(example = "resnet")]
    collection: String,
    /// The type of the collection.
    #[schema(example = "model")]
    r#type: String,
    /// The number in the collection.
    #[schema(example = "v3")]
    version: String,
    /// The aliases in the collection, in byte order.
    aliases: Vec<String>,
    /// The digest of all files, in hexadecimal.
    digest: String,
    /// How many files it has.
    n_files: u64,
    /// The sum of their sizes, in bytes.
    size_bytes: u64,
    /// When it was announced.
    created_at: Time,
}

impl From<ShortVersion> for ShortVersionBody {
    fn from(version: ShortVersion) -> Self {
        let ShortVersion { reference, aliases } = version;
        Self {
            entity: reference.entity_name.to_string(),
            project: reference.project_name.to_string(),
            collection: reference.collection_name.to_string(),
            r#type: reference.type_name.to_string(),
            version: format!("v{}", reference.version),
            aliases,
            digest: reference.digest,
            n_files: reference.n_files,
            size_bytes: reference.size_bytes,
            created_at: reference.created_at.into(),
        }
    }
}

/// A collection of artifact versions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Collection)]
pub(crate) struct CollectionBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The name, unique in the project.
    #[schema(example = "resnet")]
    name: String,
    /// The type of all its versions.
    #[schema(example = "model")]
    r#type: String,
    /// What it holds.
    #[schema(inline)]
    kind: CollectionKindName,
    /// What it is about.
    description: Option<String>,
    /// Tags, in byte order.
    tags: Vec<String>,
    /// How many versions are in it.
    n_versions: u64,
    /// The version with the alias `latest`.
    latest: Option<ShortVersionBody>,
    /// The sum of the sizes of its versions, in bytes. A file that several of them have counts once for each.
    size_bytes: u64,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
}

impl From<CollectionOverview> for CollectionBody {
    fn from(overview: CollectionOverview) -> Self {
        let collection = overview.collection;
        Self {
            entity: collection.entity_name.to_string(),
            project: collection.project_name.to_string(),
            name: collection.name.to_string(),
            r#type: collection.type_name.to_string(),
            kind: collection.kind.into(),
            description: collection.description,
            tags: overview.tags,
            n_versions: overview.n_versions,
            latest: overview.latest.map(Into::into),
            size_bytes: overview.size_bytes,
            created_at: collection.created_at.into(),
            updated_at: collection.updated_at.into(),
        }
    }
}
