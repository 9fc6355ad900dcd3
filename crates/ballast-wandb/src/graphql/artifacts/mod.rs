//! Artifacts.
//!
//! A collection is a *sequence* on the wire if it owns its versions and a *portfolio* if it links to others'. An
//! *artifact* is one version; a *membership* is its place in one collection, with the number and the aliases it has
//! there.

mod collections;
mod inputs;
mod mutations;
mod versions;

use async_graphql::{Enum, SimpleObject};
use ballast_tracking::artifacts::{ArtifactState as State, ManifestKind};

pub(crate) use collections::{
    ArtifactCollection, ArtifactPortfolio, ArtifactSequence, ArtifactType, collection_search,
    list_collections, list_types, lookup_collection, lookup_type,
};
pub(crate) use mutations::ArtifactMutations;
pub(crate) use versions::{
    Artifact, ArtifactAlias, ArtifactCollectionMembership, ClientIdMapping, Tag, lookup_membership,
    run_artifacts,
};

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

impl From<State> for ArtifactState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Committed => Self::Committed,
            State::Deleted => Self::Deleted,
        }
    }
}

impl From<ArtifactManifestType> for ManifestKind {
    fn from(kind: ArtifactManifestType) -> Self {
        match kind {
            ArtifactManifestType::Full => Self::Full,
            ArtifactManifestType::Incremental => Self::Incremental,
            ArtifactManifestType::Patch => Self::Patch,
        }
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
