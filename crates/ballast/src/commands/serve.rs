//! `ballast serve`: from a configuration to a server, and back to nothing without losing anything.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::Router;
use ballast_meta::DatabaseUrl;
use ballast_model::SystemEntropy;
use ballast_server::ServerSettings;
use ballast_tracking::people::Bootstrap;
use ballast_tracking::{Tracking, TrackingError};
use ballast_wandb::WandbSettings;
use tokio::net::TcpListener;
use url::Url;

use super::Outcome;
use super::version::VERSION;
use crate::config::Config;
use crate::config::accounts::Accounts;
use crate::config::server::Server;
use crate::failure::Failure;
use crate::http::{self, Metrics};
use crate::lock::{FolderLock, LockError};
use crate::printer;
use crate::secret::Secret;
use crate::shutdown::Shutdown;
use crate::stores::Stores;

/// How often metrics are folded when nobody reads them.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Serves until a signal says to stop.
pub(crate) async fn run(config: Config) -> Outcome {
    let _lock = FolderLock::take(&config.storage.data_dir).map_err(lock_failure)?;
    let Stores { meta, tracking } = Stores::open(&config, reserved_names()).await?;
    if let DatabaseUrl::Sqlite(_) = &config.storage.database_url {
        // The lock on the folder says that whoever had them is gone.
        tracking.free_leases().await?;
    }
    let bootstrap = bootstrap(&tracking, &config.accounts).await?;
    let listener = listen(&config.server).await?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let public_url = base_url(&config.server, address)?;
    let metrics = Metrics::start()?;

    let shutdown = Shutdown::on_signal()?;
    shutdown.tasks.spawn({
        let (tracking, stopping) = (tracking.clone(), shutdown.stopping.clone());
        async move { tracking.run_jobs(stopping).await }
    });
    shutdown
        .tasks
        .spawn(keep_up(metrics.clone(), shutdown.clone()));

    let router = http::metrics_page(metrics)
        .merge(wandb_door(&tracking, &config))
        .merge(native_door(&tracking, &config, &shutdown));
    let router = http::with_layers(router, Arc::new(SystemEntropy));

    tracing::info!(
        url = %public_url,
        data_dir = %config.storage.data_dir.display(),
        database = %config.storage.database_url,
        blobs = %config.storage.blob_url,
        "serving"
    );
    greet(&tracking, &public_url, &bootstrap).await?;

    http::serve(listener, router, &shutdown).await?;
    shutdown.stopping.cancel();
    shutdown.finish_tasks().await;
    if let Err(error) = tracking.release_abandoned_leases().await {
        // They run out by themselves.
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "work that was left halfway is not free for others at once"
        );
    }
    meta.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Names that no user may have, because an address begins with them.
pub(crate) fn reserved_names() -> Vec<String> {
    let roots = [ballast_wandb::route_roots(), ballast_server::route_roots()];
    roots
        .into_iter()
        .flatten()
        .copied()
        .map(str::to_owned)
        .collect()
}

fn wandb_door(tracking: &Tracking, config: &Config) -> Router {
    let settings = WandbSettings {
        public_url: config.server.public_url.clone(),
        max_request_bytes: tracking.limits().request_bytes,
    };
    ballast_wandb::router(tracking.clone(), settings)
}

fn native_door(tracking: &Tracking, config: &Config, shutdown: &Shutdown) -> Router {
    let settings = ServerSettings {
        public_url: config.server.public_url.clone(),
        shutdown: shutdown.stopping.clone(),
        ..ServerSettings::new(VERSION)
    };
    ballast_server::router(tracking.clone(), settings)
}

/// The address at which people and clients reach a server that listens on `address`.
pub(crate) fn base_url(server: &Server, address: SocketAddr) -> Result<Url, Failure> {
    if let Some(url) = &server.public_url {
        return Ok(url.clone());
    }
    let text = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    Ok(Url::parse(&text).context("the listener's address makes no URL")?)
}

/// The address of a link that signs in with `token`.
pub(crate) fn sign_in_url(base: &Url, token: &str) -> String {
    let mut url = base.clone();
    url.set_path("/sign-in");
    url.query_pairs_mut().append_pair("token", token);
    url.into()
}

async fn bootstrap(tracking: &Tracking, accounts: &Accounts) -> Result<Bootstrap, Failure> {
    let admin = accounts.admin_username.as_str();
    let key = accounts.admin_api_key.as_ref().map(Secret::expose);
    let done = tracking.bootstrap(admin, key).await;
    done.map_err(|error| match error {
        TrackingError::NotFound { .. } => Failure::expected(error).with_hint(
            "there are users already: name one of their admins with `--admin-username NAME`",
        ),
        error => Failure::from(error),
    })
}

/// Says where to go and, the first time, what to paste.
async fn greet(tracking: &Tracking, public_url: &Url, bootstrap: &Bootstrap) -> Outcome {
    let admin = &bootstrap.username;
    let token = tracking.create_sign_in_link(admin.as_str()).await?;
    let base = public_url.as_str().trim_end_matches('/');
    let sign_in = sign_in_url(public_url, &token);
    printer::data(&format!(
        "Ballast is at {base}\n\nSign in as {admin} (works once, within a day):\n  {sign_in}\n"
    ));
    if let Some(key) = &bootstrap.new_api_key {
        printer::data(&format!(
            "To log runs, paste this where they start (the key is not shown again):\n  \
             export WANDB_BASE_URL={base}\n  export WANDB_API_KEY={key}\n"
        ));
    }
    Ok(())
}

async fn listen(server: &Server) -> Result<TcpListener, Failure> {
    TcpListener::bind(server.listen).await.map_err(|error| {
        let is_taken = error.kind() == io::ErrorKind::AddrInUse;
        let context = format!("could not listen on `{}`", server.listen);
        let failure = Failure::expected(anyhow!(error).context(context));
        if is_taken {
            failure.with_hint("choose another port with `--listen ADDR:PORT`")
        } else {
            failure
        }
    })
}

fn lock_failure(error: LockError) -> Failure {
    let is_taken = matches!(error, LockError::Taken { .. });
    let failure = Failure::expected(error);
    if is_taken {
        failure.with_hint("stop that server, or choose another folder with `--data-dir DIR`")
    } else {
        failure
    }
}

async fn keep_up(metrics: Metrics, shutdown: Shutdown) {
    let mut ticks = tokio::time::interval(METRICS_UPKEEP);
    let stopping = &shutdown.stopping;
    while stopping.run_until_cancelled(ticks.tick()).await.is_some() {
        metrics.upkeep();
    }
}
