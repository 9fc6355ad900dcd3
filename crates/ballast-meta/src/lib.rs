//! Metadata of Ballast on SQLite and PostgreSQL: one set of queries for both.
//!
//! [`Meta`] is the handle. Reads go through [`Meta::read`], writes are closures given to [`Meta::write`], each of them
//! one transaction:
//!
//! ```no_run
//! # async fn example(now: ballast_model::Timestamp) -> Result<(), ballast_meta::MetaError> {
//! use ballast_meta::{Meta, MetaError, NewUser, OpenOptions};
//!
//! let meta = Meta::open(&"sqlite:data/ballast.db".parse()?, &OpenOptions::default()).await?;
//! let name = "ada".parse().expect("a valid name");
//! let user = meta
//!     .write(move |tx| {
//!         Box::pin(async move {
//!             let user = tx.insert_user(NewUser::new(name, now)).await?;
//!             tx.insert_project_if_absent(user.entity, &"vision".parse().expect("a valid name"), now).await?;
//!             Ok::<_, MetaError>(user)
//!         })
//!     })
//!     .await?;
//! assert_eq!(meta.read().count_users().await?, 1);
//! # Ok(())
//! # }
//! ```
//!
//! | area | module |
//! |---|---|
//! | people, API keys, sessions, sign-in links | [`people`] |
//! | entities, members and what they are granted | [`teams`] |
//! | projects | [`projects`] |
//! | registries and roles in them | [`registries`] |
//! | runs, their documents and the feed of changes | [`runs`] |
//! | generations, chunks, batches, segments, console, leases, problems | [`history`] |
//! | run files and uploads | [`files`] |
//! | artifacts and the blobs of their files | [`artifacts`] |
//! | sweeps, their agents and their ledgers of trials | [`sweeps`] |
//! | objects of the blob store that are coming or going | [`objects`] |
//! | settings, alerts, chart definitions | [`settings`], [`alerts`], [`charts`] |
//!
//! What this crate does not know: HTTP, files and their content, who may do what, what is inside a chunk, a segment
//! or a document (they are opaque bytes and texts), what time it is, and any wire name of a client. How migrations,
//! group commit and revisions work is told in `docs/development/database.md`.

pub mod alerts;
pub mod artifacts;
pub mod charts;
mod connect;
mod db;
mod dialect;
mod error;
pub mod files;
pub mod history;
mod meta;
mod migrations;
pub mod objects;
pub mod people;
pub mod projects;
pub mod registries;
mod row;
pub mod runs;
pub mod settings;
mod space;
pub mod sweeps;
pub mod teams;
mod url;
mod writer;

pub use alerts::{AlertRecord, NewAlert};
pub use charts::ChartDefinition;
pub use db::{Db, Tx};
pub use error::MetaError;
pub use files::{FileKey, FileQuery, FileRecord, NewRunFile, NewUpload, UploadRecord};
pub use history::{
    ChunkHead, ChunkKey, ConsoleBlockHead, ConsoleBlockKey, ConsoleChunkHead, ConsoleFoldQuery,
    ConsoleKey, ConsolePart, ConsolePlace, FoldCandidate, FoldPage, FoldQuery, MaskedLines,
    NewChunk, NewConsolePart, NewProblem, NewSegment, Piece, ProblemRecord, SegmentKey,
    SegmentRecord, Stream,
};
pub use meta::{Meta, OpenOptions};
pub use people::{
    ApiKeyRecord, EntityRecord, NewApiKey, NewSession, NewSignInLink, NewUser, SessionRecord,
    UserRecord,
};
pub use projects::{ACTIVITY_DAYS, ProjectAccess, ProjectOverview, ProjectRecord};
pub use registries::{ProjectTeamRecord, RegistryFigures, RegistryPatch};
pub use runs::{
    LoggedRun, NewRun, PurgedRun, Revision, RunChanges, RunDocuments, RunFilter, RunHead, RunPatch,
    RunQuery, RunRecord,
};
pub use sweeps::{
    AgentRecord, NewAgent, NewSweep, NewTrial, SweepPatch, SweepRecord, TrialCount, TrialEnd,
    TrialPatch, TrialRecord, TrialRun,
};
pub use teams::{EntityFigures, Grants, MemberRecord, NewEntity};
pub use url::{DatabaseUrl, ParseDatabaseUrlError};
