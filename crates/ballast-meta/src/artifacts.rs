//! Artifacts: collections of versions, what names a version, and the blobs that their files are.
//!
//! A version is announced as *pending*, gets files and manifests, and is *committed* in one transaction that gives it
//! its number. It is in its own collection and may be linked into others; each of these memberships has a number and
//! aliases. The bytes of all files of an entity are [`blobs`], one for each content, with a row for each version that
//! uses them.

pub mod blobs;
mod collections;
mod events;
mod lineage;
mod overview;
mod read;
mod records;
mod runs;
mod write;

pub use blobs::{BlobKey, BlobRecord, NewBlob};
pub use events::{ArtifactEventKind, ArtifactEventRecord, NewArtifactEvent};
pub use lineage::{Direction, LineageEdge, LineageStart, UseCounts};
pub use overview::{ArtifactReference, CollectionFigures, NamedVersion, RunReference};
pub use records::{
    AliasRecord, AliasScope, ArtifactPatch, ArtifactRecord, ArtifactState, ArtifactTypeKey,
    ArtifactTypeRecord, CollectionKind, CollectionOrder, CollectionPatch, CollectionQuery,
    CollectionRecord, CollectionSort, CommittedArtifact, ManifestKey, ManifestKind, ManifestRecord,
    MembershipOrder, MembershipQuery, MembershipRecord, MembershipSort, NewArtifact, NewCollection,
    VersionQuery,
};
pub use runs::{ArtifactRole, RunArtifactQuery};
