//! Artifacts: versions of files in collections, and which runs made and used them.
//!
//! A version comes in four steps. It is [announced](Tracking::announce_version), unless the collection has the same
//! content already. Its files are [asked for](Tracking::begin_contents): a content that the entity has is not sent
//! again. Its [manifest](Tracking::begin_manifest) is sent. Then it is [committed](Tracking::commit_version), in one
//! transaction that gives it its number, its aliases and its place in the collection; before it nobody sees anything,
//! after it everything is there.
//!
//! How the bytes are stored is told in `docs/artifacts.md`.

mod announce;
mod arrivals;
mod change;
mod collect;
mod commit;
mod contents;
mod edit;
mod events;
mod find;
mod list;
mod manifest;
mod overview;
mod parts;
mod rows;
mod search;
mod staging;
mod tables;
mod unrecorded;
mod verify;

use std::sync::Arc;

use ballast_blobs::Stored;
use ballast_meta::Meta;
use ballast_model::ArtifactKey;
use moka::future::Cache;
use tokio::sync::Semaphore;

pub use announce::{Announced, NewVersion};
pub use ballast_meta::artifacts::BlobKey;
pub use ballast_meta::artifacts::{
    AliasRecord, ArtifactEventKind, ArtifactRecord, ArtifactReference, ArtifactRole, ArtifactState,
    ArtifactTypeKey, ArtifactTypeRecord, CollectionKind, CollectionOrder, CollectionRecord,
    CollectionSort, ManifestKind, MembershipOrder, MembershipRecord, MembershipSort, RunReference,
};
pub(crate) use change::delete_logged_versions;
pub use change::{AliasTarget, CollectionChanges, LinkTarget, VersionChanges};
pub use collect::{Collected, Fate, GRACE, StoredContent};
pub use contents::{Content, ContentStep, OpenContent, TransferTarget};
pub use edit::{TimeToLive, VersionEdit};
pub use events::HistoryEntry;
pub use find::{CollectionListing, Page, VersionListing};
pub(crate) use list::Listed;
pub use list::{ContentListing, EntryListing, VersionEntry, VersionFile};
pub use manifest::md5_of;
pub(crate) use overview::source_seen_by;
pub use overview::{
    CollectionOverview, CollectionPath, RunVersions, ShortVersion, TypeOverview, VersionOverview,
    VersionPath,
};
pub use parts::PartUploads;
pub use rows::RowsRequest;
pub use search::{
    CollectionField, CollectionSearch, Found, SearchPage, VersionField, VersionSearch,
};
pub use staging::unhex as md5_of_hex;
pub use tables::{ColumnKind, TableColumn, TableKind, TablePage, TextTable};
pub use verify::VersionVerification;

use self::arrivals::Arrivals;
use self::list::FileList;
use self::parts::Errand;
pub(crate) use self::staging::hex;

/// The alias of the newest version of a collection.
pub(crate) const LATEST: &str = "latest";

/// Memory that lists of files read lately may take, in bytes.
const FILE_LIST_BYTES: u64 = 32 << 20;

/// Mebibytes of manifests that are worked on at the same time: enough for one of the largest.
const MANIFEST_MIB: usize = (manifest::MAX_BYTES >> 20) as usize;

/// How many errands of each kind are remembered.
const ERRANDS: u64 = 1000;

/// What the operations on artifacts share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Lists of files by version, which never change.
    file_lists: Cache<ArtifactKey, Arc<FileList>>,
    /// Contents that wait to be recorded.
    arrivals: Arrivals,
    /// A permit for each mebibyte of a manifest in memory.
    manifests: Semaphore,
    /// Contents that are being joined from parts.
    joins: Cache<(ArtifactKey, [u8; 16]), Errand<()>>,
    /// Staged objects that are being read to their end, or were lately.
    hashes: Cache<String, Errand<Stored>>,
}

impl Shared {
    pub(crate) fn new(meta: Meta) -> Self {
        let weigh = |_: &ArtifactKey, files: &Arc<FileList>| files.weight();
        Self {
            file_lists: Cache::builder()
                .max_capacity(FILE_LIST_BYTES)
                .weigher(weigh)
                .build(),
            arrivals: Arrivals::new(meta),
            manifests: Semaphore::new(MANIFEST_MIB),
            joins: Cache::new(ERRANDS),
            hashes: Cache::new(ERRANDS),
        }
    }
}
