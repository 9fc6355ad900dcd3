//! The operations of Ballast: what the doors offer, for whom, and what it means.
//!
//! Both front doors (the wandb client's and the native API) call [`Tracking`] and nothing below it. Every operation
//! takes a [`Caller`] and checks here, once, whether that user may do it; what a user may not see does not exist for
//! them ([`TrackingError::NotFound`]). Rows reach the metadata database as chunks in the same transaction that
//! changes their run, so an acknowledged row and its run can never disagree.
//!
//! | area | module |
//! |---|---|
//! | who is asking; users, keys, sessions | [`people`] |
//! | teams, organizations and their members | [`teams`] |
//! | who may do what | [`Access`], [`Caller::role_in_project`] |
//! | projects | [`projects`] |
//! | registries, who is in them, what is in them | [`registries`] |
//! | starting, changing, finding, deleting runs | [`runs`] |
//! | appending and reading rows, folding them into segments | [`history`] |
//! | console lines, folding them into blocks | [`console`] |
//! | run files and their signed tickets | [`files`] |
//! | artifacts: versions, collections, who made and used them | [`artifacts`] |
//! | what was made from what, and what differs | [`lineage`], [`diff`] |
//! | sweeps: their ledgers, agents and early stopping | [`sweeps`] |
//! | alerts and chart definitions | [`alerts`], [`charts`] |
//! | what changes, as it changes | [`live`] |
//! | background jobs, records that are given up, verification | [`jobs`], [`forget`], [`fsck`] |
//!
//! What this crate does not know: HTTP, GraphQL, SQL text, Parquet, and the wire names of any client.

mod access;
pub mod alerts;
pub mod artifacts;
mod caller;
pub mod charts;
pub mod console;
pub mod diff;
mod error;
pub mod files;
pub mod filter;
pub mod forget;
pub mod fsck;
pub mod history;
pub mod jobs;
mod lease;
pub mod lineage;
pub mod live;
pub mod people;
pub mod projects;
pub mod registries;
pub mod runs;
mod secrets;
mod settings;
pub mod sweeps;
pub mod teams;

use std::collections::HashSet;
use std::sync::Arc;

use ballast_blobs::Blobs;
use ballast_history::Engine;
use ballast_meta::Meta;
use ballast_model::{Clock, Entropy};
use bytes::Bytes;

pub use access::Access;
pub use ballast_history::{
    Axis, Expression, ExpressionError, GroupSeries, KeyInfo, Quantity, Series, SeriesRequest,
    Smoothing, TableFormat, ValueKind,
};
pub use ballast_meta::{RunHead, Stream};
pub use ballast_model::{EntityKind, Role};
pub use caller::{Caller, OwnEntity};
pub use error::{RETRY_AFTER, TrackingError};
pub use settings::{Limits, Settings};

use crate::history::sources::{MetaChunks, StoredObjects};
use crate::history::turns::{ReadTurns, Turns};
use crate::history::{Downloads, KeyLists};
use crate::lease::AbandonedLeases;
use crate::live::Live;
use crate::secrets::ServerSecret;

/// The result of an operation.
pub type Result<T, E = TrackingError> = std::result::Result<T, E>;

/// The operations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tracking {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    meta: Meta,
    blobs: Blobs,
    engine: Engine,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    secret: ServerSecret,
    settings: Settings,
    reserved: HashSet<String>,
    live: Live,
    append_turns: Turns,
    abandoned_leases: AbandonedLeases,
    reads: ReadTurns,
    key_lists: KeyLists,
    downloads: Downloads,
    artifacts: artifacts::Shared,
    sweeps: sweeps::Shared,
}

/// Setting under which the metadata database keeps [`ServerSecret`]'s input.
const SECRET_SETTING: &str = "server_secret";

impl Tracking {
    /// Joins the stores.
    ///
    /// `reserved` are the first parts of the addresses that the doors serve themselves; no entity may be named so.
    /// Several servers on the same stores share one secret, made by the first.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`] if the metadata database does not answer.
    pub async fn open(
        meta: Meta,
        blobs: Blobs,
        settings: Settings,
        reserved: impl IntoIterator<Item = String>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let mut fresh = vec![0; 32];
        entropy.fill(&mut fresh);
        let secret = match meta.read().setting(SECRET_SETTING).await? {
            Some(secret) => secret,
            None => {
                meta.write(move |tx| {
                    Box::pin(async move {
                        tx.put_setting_if_absent(SECRET_SETTING, Bytes::from(fresh))
                            .await
                    })
                })
                .await?
            }
        };
        // Lists of keys are small next to what curves are drawn from.
        let key_list_bytes = settings.cache_bytes / 4;
        let engine = Engine::new(
            Arc::new(MetaChunks::new(meta.clone())),
            Arc::new(StoredObjects::new(blobs.clone())),
            settings.cache_bytes - key_list_bytes,
        );
        let reserved = reserved
            .into_iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let live = Live::new(meta.clone());
        let secret = ServerSecret::new(&secret);
        let inner = Inner {
            artifacts: artifacts::Shared::new(meta.clone()),
            meta,
            blobs,
            engine,
            clock,
            entropy,
            secret,
            settings,
            reserved,
            live,
            append_turns: Turns::new(),
            abandoned_leases: AbandonedLeases::default(),
            reads: ReadTurns::new(),
            key_lists: KeyLists::new(key_list_bytes),
            downloads: Downloads::new(),
            sweeps: sweeps::Shared::new(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The sizes this server accepts.
    pub fn limits(&self) -> &Limits {
        &self.inner.settings.limits
    }

    /// The clock that every operation reads.
    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    /// Checks that the metadata database and the blob store answer.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`] naming the one that does not.
    pub async fn check_ready(&self) -> Result<()> {
        self.inner.meta.ping().await?;
        // Whether the object exists does not matter: the store answered.
        self.inner.blobs.head("ready").await?;
        Ok(())
    }
}
