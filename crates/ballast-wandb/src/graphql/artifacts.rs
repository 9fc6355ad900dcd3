//! Artifacts. There are none yet: lookups find nothing and changes are refused.

use async_graphql::{Enum, ID, InputObject, Interface, SimpleObject};

use super::absent::absent_types;
use super::connection::{Connection, PageInfo};
use super::files::FileConnection;
use super::projects::ProjectNode;
use super::runs::{Creator, RunNode};
use super::scalars::{DateTime, Int64, JsonString};

absent_types! {
    /// One version of an artifact.
    Artifact {
        id: ID,
        state: ArtifactState,
        digest: String,
        digest_algorithm: ArtifactDigestAlgorithm,
        version_index: Option<i64>,
        commit_hash: Option<String>,
        description: Option<String>,
        metadata: Option<JsonString>,
        labels: Option<JsonString>,
        size: Int64,
        storage_bytes: Int64,
        file_count: i64,
        history_step: Option<Int64>,
        ttl_duration_seconds: Int64,
        ttl_is_inherited: bool,
        created_at: DateTime,
        updated_at: Option<DateTime>,
        artifact_type: ArtifactType,
        artifact_sequence: ArtifactSequence,
        aliases: Vec<ArtifactAlias>,
        tags: Vec<Tag>,
        current_manifest: Option<ArtifactManifest>,
        created_by: Option<Creator>,
        used_by(first: Option<i64>, after: Option<String>): Connection<RunNode>,
        artifact_memberships(first: Option<i64>, after: Option<String>): Connection<ArtifactCollectionMembership>,
        files(names: Option<Vec<String>>, first: Option<i64>, after: Option<String>): FileConnection,
        files_by_manifest_entries(
            entries: Option<Vec<ArtifactManifestEntryInput>>,
            storage_layout: String,
            manifest_version: String,
            storage_region: Option<String>,
            first: Option<i64>,
            after: Option<String>,
        ): FileConnection,
    }
    /// A collection that owns versions.
    ArtifactSequence {
        id: ID,
        name: String,
        description: Option<String>,
        created_at: DateTime,
        updated_at: Option<DateTime>,
        project: Option<ProjectNode>,
        state: Option<ArtifactCollectionState>,
        default_artifact_type: ArtifactType,
        tags: Connection<Tag>,
        aliases(first: Option<i64>, after: Option<String>): Connection<ArtifactAlias>,
        artifacts(first: Option<i64>, after: Option<String>, order: Option<String>, filters: Option<JsonString>): VersionedArtifactConnection,
        artifact_membership(alias_name: String): Option<ArtifactCollectionMembership>,
        latest_artifact: Option<Artifact>,
        digest_algorithm: Option<ArtifactDigestAlgorithm>,
    }
    /// A collection of links to versions that other collections own.
    ArtifactPortfolio {
        id: ID,
        name: String,
        description: Option<String>,
        created_at: DateTime,
        updated_at: Option<DateTime>,
        project: Option<ProjectNode>,
        state: Option<ArtifactCollectionState>,
        default_artifact_type: ArtifactType,
        tags: Connection<Tag>,
        aliases(first: Option<i64>, after: Option<String>): Connection<ArtifactAlias>,
        artifacts(first: Option<i64>, after: Option<String>, order: Option<String>, filters: Option<JsonString>): VersionedArtifactConnection,
        artifact_membership(alias_name: String): Option<ArtifactCollectionMembership>,
    }
    /// Versions of one collection.
    VersionedArtifactConnection {
        total_count: i64,
        page_info: PageInfo,
        edges: Vec<VersionedArtifactEdge>,
    }
    /// A version of one collection, with its name in there.
    VersionedArtifactEdge {
        cursor: String,
        version: String,
        node: Artifact,
    }
    /// What kind of thing a collection holds.
    ArtifactType {
        id: ID,
        name: String,
        description: Option<String>,
        created_at: DateTime,
        artifact_collection(name: String): Option<ArtifactCollection>,
        artifact_collections(first: Option<i64>, after: Option<String>, filters: Option<JsonString>, order: Option<String>): Connection<ArtifactCollection>,
    }
    /// A name for a version in a collection.
    ArtifactAlias {
        id: ID,
        alias: String,
        artifact_collection: Option<ArtifactCollection>,
        artifact_collection_name: String,
    }
    /// A word that versions and collections are found by.
    Tag {
        id: ID,
        name: String,
        tag_category_name: Option<String>,
    }
    /// That a version is in a collection.
    ArtifactCollectionMembership {
        id: ID,
        version_index: Option<i64>,
        created_at: DateTime,
        aliases: Vec<ArtifactAlias>,
        artifact_collection: Option<ArtifactCollection>,
        artifact: Option<Artifact>,
        files(names: Option<Vec<String>>, first: Option<i64>, after: Option<String>): FileConnection,
    }
    /// The list of a version's files.
    ArtifactManifest {
        id: ID,
        file: super::files::FileNode,
    }
    /// The artifact behind an identifier that a client made up.
    ClientIdMapping = "ClientIDMapping" {
        #[graphql(name = "serverID")] server_id: ID,
    }
    /// Outcome of `createArtifact`.
    CreateArtifactPayload { artifact: Artifact, }
    /// Outcome of `createArtifactManifest`.
    CreateArtifactManifestPayload { artifact_manifest: ArtifactManifest, }
    /// Outcome of `updateArtifactManifest`.
    UpdateArtifactManifestPayload { artifact_manifest: ArtifactManifest, }
    /// Outcome of `createArtifactFiles`.
    CreateArtifactFilesPayload { files: FileConnection, }
    /// Outcome of `completeMultipartUploadArtifact`.
    CompleteMultipartUploadArtifactPayload { digest: Option<String>, }
    /// Outcome of `commitArtifact`.
    CommitArtifactPayload { artifact: Artifact, }
    /// Outcome of `useArtifact`.
    UseArtifactPayload { artifact: Artifact, }
    /// Outcome of `createArtifactType`.
    CreateArtifactTypePayload { artifact_type: ArtifactType, }
    /// Outcome of `linkArtifact`.
    LinkArtifactPayload { version_index: Option<i64>, artifact_membership: Option<ArtifactCollectionMembership>, }
    /// Outcome of a change to a version.
    ArtifactPayload { artifact: Artifact, }
}

/// A set of versions.
#[expect(
    clippy::duplicated_attributes,
    reason = "fields have arguments of the same names"
)]
#[derive(Debug, Interface)]
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

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactState {
    Pending,
    Committed,
    Deleted,
}

/// Where a collection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactCollectionState {
    Ready,
    Deleted,
}

/// The kinds of collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactCollectionType {
    Portfolio,
    Sequence,
}

/// How the digest of a manifest is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactDigestAlgorithm {
    #[graphql(name = "MANIFEST_MD5")]
    ManifestMd5,
    #[graphql(name = "MANIFEST_XXH128")]
    ManifestXxh128,
}

/// How much of a version a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactManifestType {
    Full,
    Incremental,
    Patch,
}

/// How files are named in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ArtifactStorageLayout {
    #[graphql(name = "V1")]
    V1,
    #[graphql(name = "V2")]
    V2,
}

/// How an upload in parts ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum CompleteMultipartAction {
    #[graphql(name = "Complete")]
    Complete,
}

macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        pub(crate) struct $name {
            $($(#[$field_meta])* $field: $type,)*
        }
    )* };
}

inputs! {
    /// A version to make.
    CreateArtifactInput {
        aliases: Option<Vec<ArtifactAliasInput>>,
        artifact_collection_name: Option<String>,
        artifact_collection_names: Option<Vec<String>>,
        artifact_type_name: String,
        #[graphql(name = "clientID")] client_id: Option<ID>,
        client_mutation_id: Option<String>,
        description: Option<String>,
        digest: String,
        digest_algorithm: ArtifactDigestAlgorithm,
        #[graphql(name = "distributedID")] distributed_id: Option<String>,
        enable_digest_deduplication: Option<bool>,
        entity_name: String,
        history_step: Option<Int64>,
        labels: Option<JsonString>,
        metadata: Option<JsonString>,
        project_name: String,
        run_name: Option<String>,
        #[graphql(name = "sequenceClientID")] sequence_client_id: Option<ID>,
        storage_region: Option<String>,
        tags: Option<Vec<TagInput>>,
        ttl_duration_seconds: Option<Int64>,
    }
    /// A manifest to make.
    CreateArtifactManifestInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        #[graphql(name = "baseArtifactID")] base_artifact_id: Option<ID>,
        name: String,
        digest: String,
        entity_name: String,
        project_name: String,
        run_name: String,
        r#type: Option<ArtifactManifestType>,
        client_mutation_id: Option<String>,
    }
    /// A manifest to replace.
    UpdateArtifactManifestInput {
        #[graphql(name = "artifactManifestID")] artifact_manifest_id: ID,
        digest: Option<String>,
        #[graphql(name = "baseArtifactID")] base_artifact_id: Option<ID>,
        client_mutation_id: Option<String>,
    }
    /// Files to upload.
    CreateArtifactFilesInput {
        artifact_files: Vec<CreateArtifactFileSpecInput>,
        storage_layout: Option<ArtifactStorageLayout>,
        digest_algorithm: Option<ArtifactDigestAlgorithm>,
        #[graphql(name = "cloudRegionID")] cloud_region_id: Option<ID>,
        client_mutation_id: Option<String>,
    }
    /// A file to upload.
    CreateArtifactFileSpecInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        #[graphql(name = "artifactManifestID")] artifact_manifest_id: Option<ID>,
        name: String,
        md5: String,
        digest: Option<String>,
        mimetype: Option<String>,
        upload_parts_input: Option<Vec<UploadPartsInput>>,
    }
    /// A part of a large file.
    UploadPartsInput {
        part_number: Int64,
        #[graphql(name = "hexMD5")] hex_md5: String,
    }
    /// The end of an upload in parts.
    CompleteMultipartUploadArtifactInput {
        complete_multipart_action: CompleteMultipartAction,
        completed_parts: Vec<UploadPartsInput>,
        #[graphql(name = "artifactID")] artifact_id: ID,
        storage_path: String,
        #[graphql(name = "uploadID")] upload_id: String,
        client_mutation_id: Option<String>,
    }
    /// A file of a manifest.
    ArtifactManifestEntryInput {
        name: String,
        digest: String,
        #[graphql(name = "birthArtifactID")] birth_artifact_id: Option<ID>,
        r#ref: Option<String>,
        size: Option<Int64>,
    }
    /// A version to commit.
    CommitArtifactInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        client_mutation_id: Option<String>,
    }
    /// A version that a run reads.
    UseArtifactInput {
        entity_name: String,
        project_name: String,
        run_name: String,
        #[graphql(name = "artifactID")] artifact_id: ID,
        used_as: Option<String>,
        artifact_entity_name: Option<String>,
        artifact_project_name: Option<String>,
        client_mutation_id: Option<String>,
    }
    /// What to change about a version.
    UpdateArtifactInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        aliases: Option<Vec<ArtifactAliasInput>>,
        description: Option<String>,
        labels: Option<JsonString>,
        metadata: Option<JsonString>,
        tags_to_add: Option<Vec<TagInput>>,
        tags_to_delete: Option<Vec<TagInput>>,
        ttl_duration_seconds: Option<Int64>,
        client_mutation_id: Option<String>,
    }
    /// Aliases to add.
    AddAliasesInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        aliases: Vec<ArtifactCollectionAliasInput>,
        client_mutation_id: Option<String>,
    }
    /// Aliases to take away.
    DeleteAliasesInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        aliases: Vec<ArtifactCollectionAliasInput>,
        client_mutation_id: Option<String>,
    }
    /// An alias in a named collection.
    ArtifactCollectionAliasInput {
        alias: String,
        artifact_collection_name: String,
        entity_name: String,
        project_name: String,
    }
    /// An alias of a version that is being made.
    ArtifactAliasInput {
        alias: String,
        artifact_collection_name: String,
    }
    /// A tag.
    TagInput {
        tag_name: String,
        tag_category_name: Option<String>,
        attributes: Option<JsonString>,
    }
    /// A version to delete.
    DeleteArtifactInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        delete_aliases: Option<bool>,
        client_mutation_id: Option<String>,
    }
    /// A version to put into another collection.
    LinkArtifactInput {
        #[graphql(name = "artifactID")] artifact_id: Option<ID>,
        #[graphql(name = "clientID")] client_id: Option<ID>,
        #[graphql(name = "artifactPortfolioID")] artifact_portfolio_id: Option<ID>,
        artifact_portfolio_name: Option<String>,
        entity_name: Option<String>,
        project_name: Option<String>,
        aliases: Option<Vec<ArtifactAliasInput>>,
        client_mutation_id: Option<String>,
    }
    /// A type to make.
    CreateArtifactTypeInput {
        entity_name: Option<String>,
        project_name: Option<String>,
        name: String,
        description: Option<String>,
        client_mutation_id: Option<String>,
    }
}

/// That something was done.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SuccessPayload {
    success: bool,
    client_mutation_id: Option<String>,
}

impl SuccessPayload {
    pub(crate) fn done(client_mutation_id: Option<String>) -> Self {
        Self {
            success: true,
            client_mutation_id,
        }
    }
}
