//! What changes to artifacts are asked with.

use async_graphql::{ID, InputObject};

use super::{
    ArtifactDigestAlgorithm, ArtifactManifestType, ArtifactStorageLayout, CompleteMultipartAction,
};
use crate::graphql::scalars::{Int64, JsonString};

macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        #[allow(clippy::struct_field_names, reason = "names are the wire's")]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(super) $field: $type,)*
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
    /// A version to take out of a portfolio.
    UnlinkArtifactInput {
        #[graphql(name = "artifactID")] artifact_id: ID,
        #[graphql(name = "artifactPortfolioID")] artifact_portfolio_id: ID,
        client_mutation_id: Option<String>,
    }
    /// A sequence to delete.
    DeleteArtifactSequenceInput {
        #[graphql(name = "artifactSequenceID")] artifact_sequence_id: ID,
        client_mutation_id: Option<String>,
    }
    /// A portfolio to delete.
    DeleteArtifactPortfolioInput {
        #[graphql(name = "artifactPortfolioID")] artifact_portfolio_id: ID,
        client_mutation_id: Option<String>,
    }
    /// What to change about a sequence.
    UpdateArtifactSequenceInput {
        #[graphql(name = "artifactSequenceID")] artifact_sequence_id: ID,
        name: Option<String>,
        description: Option<String>,
        client_mutation_id: Option<String>,
    }
    /// What to change about a portfolio.
    UpdateArtifactPortfolioInput {
        #[graphql(name = "artifactPortfolioID")] artifact_portfolio_id: ID,
        name: Option<String>,
        description: Option<String>,
        client_mutation_id: Option<String>,
    }
    /// The type that a sequence is to have.
    MoveArtifactSequenceInput {
        #[graphql(name = "artifactSequenceID")] artifact_sequence_id: ID,
        destination_artifact_type_name: String,
        client_mutation_id: Option<String>,
    }
    /// Tags for a collection.
    CreateArtifactCollectionTagAssignmentsInput {
        entity_name: String,
        project_name: String,
        artifact_collection_name: String,
        tags: Vec<TagInput>,
        #[graphql(name = "clientMutationID")] client_mutation_id: Option<String>,
    }
    /// Tags to take away from a collection.
    DeleteArtifactCollectionTagAssignmentsInput {
        entity_name: String,
        project_name: String,
        artifact_collection_name: String,
        tags: Vec<TagInput>,
        #[graphql(name = "clientMutationID")] client_mutation_id: Option<String>,
    }
}
