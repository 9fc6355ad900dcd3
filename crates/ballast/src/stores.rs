//! Opening what the configuration names: the database, the blob store, and the operations on them.

use std::sync::Arc;

use anyhow::anyhow;
use ballast_blobs::Blobs;
use ballast_meta::{DatabaseUrl, Meta, MetaError, OpenOptions};
use ballast_model::{SystemClock, SystemEntropy};
use ballast_tracking::{Limits, Settings, Tracking};

use crate::config::Config;
use crate::failure::Failure;

/// The database and the operations on everything.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) meta: Meta,
    pub(crate) tracking: Tracking,
}

impl Stores {
    /// Opens both stores. `reserved` are names that no user may have, because an address begins with them.
    ///
    /// # Errors
    /// Expected ones if a store does not answer or refuses us.
    pub(crate) async fn open(
        config: &Config,
        reserved: impl IntoIterator<Item = String>,
    ) -> Result<Self, Failure> {
        let meta = open_meta(config).await?;
        let blobs = open_blobs(config)?;
        let clock = Arc::new(SystemClock);
        let entropy = Arc::new(SystemEntropy);
        let settings = settings(config);
        let opened = Tracking::open(meta.clone(), blobs, settings, reserved, clock, entropy).await;
        Ok(Self {
            tracking: opened?,
            meta,
        })
    }

    /// Opens both stores as [`Stores::open`] does, but makes no database where there is none.
    ///
    /// # Errors
    /// As [`Stores::open`], and an expected one if there is no database.
    pub(crate) async fn open_existing(
        config: &Config,
        reserved: impl IntoIterator<Item = String>,
    ) -> Result<Self, Failure> {
        match &config.storage.database_url {
            DatabaseUrl::Sqlite(path) if !path.exists() => {
                let error = anyhow!("there is no database `{}`", path.display());
                let hint = "name the data folder of the server with `--data-dir DIR`";
                Err(Failure::expected(error).with_hint(hint))
            }
            _ => Self::open(config, reserved).await,
        }
    }
}

async fn open_meta(config: &Config) -> Result<Meta, Failure> {
    let url = &config.storage.database_url;
    let opened = Meta::open(url, &OpenOptions::default()).await;
    opened.map_err(|error| {
        let is_expected = matches!(error, MetaError::Unavailable { .. });
        let error = anyhow!(error).context(format!("could not open the database `{url}`"));
        if is_expected {
            Failure::expected(error)
        } else {
            Failure::from(error)
        }
    })
}

fn open_blobs(config: &Config) -> Result<Blobs, Failure> {
    let url = &config.storage.blob_url;
    Blobs::open(url, &config.storage.blob_options).map_err(|error| {
        let context = format!("could not open the blob store `{url}`");
        Failure::expected(anyhow!(error).context(context))
    })
}

fn settings(config: &Config) -> Settings {
    let limits = &config.limits;
    Settings {
        limits: Limits {
            request_bytes: limits.request_bytes,
            line_bytes: limits.line_bytes,
            config_bytes: limits.config_bytes,
            file_bytes: limits.file_bytes,
        },
        heartbeat_limit: config.runs.heartbeat_limit,
        agent_limit: config.runs.agent_limit,
        fold_ended_after: config.runs.fold_ended_after,
        fold_bytes: config.runs.fold_bytes,
        fold_chunks: config.runs.fold_chunks,
        cache_bytes: config.limits.cache_bytes,
        ..Settings::default()
    }
}
