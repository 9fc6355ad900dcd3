//! What is stored of artifacts.

use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTypeName, CollectionKey, CollectionName, EntityKey,
    EntityName, MembershipKey, ProjectKey, ProjectName, RunKey, Timestamp, UserKey,
};

use crate::MetaError;
use crate::row::{FromRow, Row};

/// The storage key of an artifact type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactTypeKey(pub i64);

/// The storage key of an announced manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManifestKey(pub i64);

/// What kind of thing collections of a project hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactTypeRecord {
    /// The storage key.
    pub key: ArtifactTypeKey,
    /// The project.
    pub project: ProjectKey,
    /// The name, unique in the project.
    pub name: ArtifactTypeName,
    /// What it is about; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionKind {
    /// Versions of its own.
    Versions = 0,
    /// Links to versions that other collections own.
    Links = 1,
}

/// A stored collection, with the names on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRecord {
    /// The storage key.
    pub key: CollectionKey,
    /// The owner of the project.
    pub entity: EntityKey,
    /// The owner's name.
    pub entity_name: EntityName,
    /// The project.
    pub project: ProjectKey,
    /// The project's name.
    pub project_name: ProjectName,
    /// The type of all its versions.
    pub artifact_type: ArtifactTypeKey,
    /// The type's name.
    pub type_name: ArtifactTypeName,
    /// What it holds.
    pub kind: CollectionKind,
    /// The name, unique among the collections of the project that are not deleted.
    pub name: CollectionName,
    /// What it is about.
    pub description: Option<String>,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A collection to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCollection {
    /// The project.
    pub project: ProjectKey,
    /// The type of all its versions.
    pub artifact_type: ArtifactTypeKey,
    /// What it holds.
    pub kind: CollectionKind,
    /// The name.
    pub name: CollectionName,
    /// When it is made.
    pub created_at: Timestamp,
}

/// What to change about a collection. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionPatch {
    /// Another name.
    pub name: Option<CollectionName>,
    /// What it is about.
    pub description: Option<String>,
    /// Another type.
    pub artifact_type: Option<ArtifactTypeKey>,
}

/// Which collections to list. Conditions are joined by *and*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionQuery {
    /// The projects.
    pub projects: Vec<ProjectKey>,
    /// Only collections of this type.
    pub artifact_type: Option<ArtifactTypeKey>,
    /// Only collections of this kind.
    pub kind: Option<CollectionKind>,
    /// Text that the name contains, in any case of its ASCII letters.
    pub search: Option<String>,
    /// Only collections older than this one.
    pub before: Option<CollectionKey>,
    /// The order; the newest first if there is none.
    pub order: Option<CollectionOrder>,
    /// How many to pass over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// An order of collections; the newer comes first among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectionOrder {
    /// What is compared.
    pub by: CollectionSort,
    /// The largest first.
    pub descending: bool,
}

/// What collections are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionSort {
    /// The name, byte by byte.
    Name,
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactState {
    /// Announced: its files are on the way.
    Pending = 0,
    /// Complete and immutable.
    Committed = 1,
    /// Deleted: its number stays taken, its files may be gone.
    Deleted = 2,
}

/// A stored version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRecord {
    /// The storage key.
    pub key: ArtifactKey,
    /// The collection that owns it.
    pub collection: CollectionRecord,
    /// Where it stands.
    pub state: ArtifactState,
    /// Its number in its collection, from 0 on; `None` until it is committed.
    pub version: Option<u64>,
    /// The digest of its manifest, in hexadecimal.
    pub digest: String,
    /// What it is about.
    pub description: Option<String>,
    /// What its maker says of it, as JSON text.
    pub metadata: Option<String>,
    /// How long it is to be kept, in seconds; other numbers than positive ones are the maker's special wishes.
    pub ttl_s: Option<i64>,
    /// The step of the run at which it was logged.
    pub history_step: Option<i64>,
    /// The run that made it.
    pub run: Option<RunKey>,
    /// The user who made it.
    pub user: Option<UserKey>,
    /// A short name of this very version.
    pub commit_hash: String,
    /// What its commit has to do besides, as JSON text; `None` once it is done.
    pub wanted: Option<String>,
    /// The committed version that this one turned out to be the same as.
    pub same_as: Option<ArtifactKey>,
    /// How many entries its manifest has.
    pub n_files: u64,
    /// The sum of the sizes of its entries, in bytes.
    pub size_bytes: u64,
    /// The object that its manifest is; `None` until it is committed.
    pub manifest_object: Option<String>,
    /// The size of its manifest, in bytes.
    pub manifest_bytes: u64,
    /// The MD5 of its manifest in base64.
    pub manifest_md5: Option<String>,
    /// When it was announced.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A version to announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    /// The collection that owns it.
    pub collection: CollectionKey,
    /// The digest of its manifest, in hexadecimal.
    pub digest: String,
    /// What it is about.
    pub description: Option<String>,
    /// What its maker says of it, as JSON text.
    pub metadata: Option<String>,
    /// How long it is to be kept, in seconds.
    pub ttl_s: Option<i64>,
    /// The step of the run at which it is logged.
    pub history_step: Option<i64>,
    /// The run that makes it.
    pub run: Option<RunKey>,
    /// The user who makes it.
    pub user: Option<UserKey>,
    /// What all writers of the version call it, if there are several.
    pub distributed_id: Option<String>,
    /// A short name of this very version.
    pub commit_hash: String,
    /// What its commit has to do besides, as JSON text.
    pub wanted: String,
    /// When it is announced.
    pub created_at: Timestamp,
}

/// What is known of a version when it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedArtifact {
    /// Its number in its collection.
    pub version: u64,
    /// The digest of its manifest, in hexadecimal.
    pub digest: String,
    /// How many entries its manifest has.
    pub n_files: u64,
    /// The sum of the sizes of its entries, in bytes.
    pub size_bytes: u64,
    /// The object that its manifest is.
    pub manifest_object: String,
    /// The size of its manifest, in bytes.
    pub manifest_bytes: u64,
    /// The MD5 of its manifest in base64.
    pub manifest_md5: String,
}

/// What to change about a version. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArtifactPatch {
    /// What it is about.
    pub description: Option<String>,
    /// What its maker says of it, as JSON text.
    pub metadata: Option<String>,
    /// How long it is to be kept, in seconds.
    pub ttl_s: Option<i64>,
    /// What its commit has to do besides, as JSON text.
    pub wanted: Option<String>,
}

/// That a version is in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRecord {
    /// The storage key.
    pub key: MembershipKey,
    /// The collection.
    pub collection: CollectionRecord,
    /// The version's number in this collection.
    pub version: u64,
    /// When it came into the collection.
    pub created_at: Timestamp,
    /// Who linked it into the collection, if that is not its own and the user still exists.
    pub linked_by: Option<UserKey>,
    /// The version.
    pub artifact: ArtifactRecord,
}

/// Which versions of a collection to list. Conditions are joined by *and*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionQuery {
    /// The collection.
    pub collection: CollectionKey,
    /// Versions that have all of these tags.
    pub tags: Vec<String>,
    /// By rising number instead of falling.
    pub oldest_first: bool,
    /// Only versions with smaller numbers.
    pub before: Option<u64>,
    /// How many to pass over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// Which places in collections to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipQuery {
    /// The projects of the collections.
    pub projects: Vec<ProjectKey>,
    /// Only places in this collection.
    pub collection: Option<CollectionKey>,
    /// Only places in collections of this kind.
    pub kind: Option<CollectionKind>,
    /// The order.
    pub order: MembershipOrder,
    /// How many to pass over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// An order of places in collections; the newer comes first among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipOrder {
    /// What is compared.
    pub by: MembershipSort,
    /// The largest first.
    pub descending: bool,
}

/// What places in collections are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipSort {
    /// The number in the collection.
    Version,
    /// When the version came into the collection.
    CreatedAt,
    /// When the version was announced.
    ArtifactCreatedAt,
    /// The sum of the sizes of the version's entries.
    ArtifactSize,
}

impl Default for MembershipOrder {
    /// What came last first.
    fn default() -> Self {
        Self {
            by: MembershipSort::CreatedAt,
            descending: true,
        }
    }
}

/// A name for a version in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRecord {
    /// The storage key.
    pub key: i64,
    /// The name.
    pub alias: ArtifactAlias,
    /// The membership that it names.
    pub membership: MembershipKey,
    /// The collection.
    pub collection: CollectionRecord,
}

/// Whose aliases to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasScope {
    /// Those of a version in one collection.
    Membership(MembershipKey),
    /// Those of a version in all collections.
    Version(ArtifactKey),
    /// Those in a collection.
    Collection(CollectionKey),
    /// Those of all versions that a collection owns, in all collections.
    VersionsOf(CollectionKey),
}

/// How much of a version an announced manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestKind {
    /// Everything.
    Full = 0,
    /// What differs from another version.
    Incremental = 1,
    /// What one of several writers adds.
    Patch = 2,
}

/// A manifest that a client was told to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRecord {
    /// The storage key.
    pub key: ManifestKey,
    /// The version.
    pub artifact: ArtifactKey,
    /// How much it lists.
    pub kind: ManifestKind,
    /// The version that it adds to.
    pub base: Option<ArtifactKey>,
    /// The MD5 that it must have; `None` as long as the client has not told.
    pub md5: Option<[u8; 16]>,
}

impl FromRow for ArtifactTypeRecord {
    const TABLE: &'static str = "artifact_types";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ArtifactTypeKey(row.get("artifact_type_key")?),
            project: ProjectKey(row.get("project_key")?),
            name: row.parse("name")?,
            description: row.get("description")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl FromRow for CollectionRecord {
    const TABLE: &'static str = "artifact_collections";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: CollectionKey(row.get("collection_key")?),
            entity: EntityKey(row.get("entity_key")?),
            entity_name: row.parse("entity_name")?,
            project: ProjectKey(row.get("project_key")?),
            project_name: row.parse("project_name")?,
            artifact_type: ArtifactTypeKey(row.get("artifact_type_key")?),
            type_name: row.parse("type_name")?,
            kind: match row.get::<i16>("collection_kind")? {
                0 => CollectionKind::Versions,
                1 => CollectionKind::Links,
                other => return Err(row.corrupt("collection_kind", &other)),
            },
            name: row.parse("collection_name")?,
            description: row.get("collection_description")?,
            is_deleted: row.get::<Option<String>>("collection_live_name")?.is_none(),
            created_at: row.time("collection_created_at")?,
            updated_at: row.time("collection_updated_at")?,
        })
    }
}

impl FromRow for ArtifactRecord {
    const TABLE: &'static str = "artifacts";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ArtifactKey(row.get("artifact_key")?),
            collection: CollectionRecord::from_row(row)?,
            state: match row.get::<i16>("state")? {
                0 => ArtifactState::Pending,
                1 => ArtifactState::Committed,
                2 => ArtifactState::Deleted,
                other => return Err(row.corrupt("state", &other)),
            },
            version: row
                .get::<Option<i64>>("version")?
                .map(|_| row.count("version"))
                .transpose()?,
            digest: row.get("digest")?,
            description: row.get("description")?,
            metadata: row.get("metadata")?,
            ttl_s: row.get("ttl_s")?,
            history_step: row.get("history_step")?,
            run: row.get::<Option<i64>>("run_key")?.map(RunKey),
            user: row.get::<Option<i64>>("user_key")?.map(UserKey),
            commit_hash: row.get("commit_hash")?,
            wanted: row.get("wanted")?,
            same_as: row.get::<Option<i64>>("same_as")?.map(ArtifactKey),
            n_files: row.count("n_files")?,
            size_bytes: row.count("size_bytes")?,
            manifest_object: row.get("manifest_object")?,
            manifest_bytes: row.count("manifest_bytes")?,
            manifest_md5: row.get("manifest_md5")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

impl FromRow for AliasRecord {
    const TABLE: &'static str = "artifact_aliases";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: row.get("alias_key")?,
            alias: row.parse("alias")?,
            membership: MembershipKey(row.get("membership_key")?),
            collection: CollectionRecord::from_row(row)?,
        })
    }
}

impl FromRow for ManifestRecord {
    const TABLE: &'static str = "artifact_manifests";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ManifestKey(row.get("manifest_key")?),
            artifact: ArtifactKey(row.get("artifact_key")?),
            kind: match row.get::<i16>("kind")? {
                0 => ManifestKind::Full,
                1 => ManifestKind::Incremental,
                2 => ManifestKind::Patch,
                other => return Err(row.corrupt("kind", &other)),
            },
            base: row
                .get::<Option<i64>>("base_artifact_key")?
                .map(ArtifactKey),
            md5: row.optional_digest("md5")?,
        })
    }
}
