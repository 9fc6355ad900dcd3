//! What changes, as it changes.
//!
//! One task per server follows the feed of changed runs in the metadata database, so that changes taken by another
//! server arrive too, and hands them to everyone who watches the project. A write on this server wakes it at once;
//! otherwise it looks once a second, and not at all while nobody watches.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ballast_meta::{Meta, MetaError, Revision, RunHead};
use ballast_model::{EntityName, ProjectKey, ProjectName, RunKey};
use futures::Stream;
use tokio::sync::{Mutex, Notify, broadcast};
use tokio::time::Instant;

use crate::projects::Project;
use crate::{Caller, Result, Tracking};

/// How long a change on another server may stay unseen.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How long changes are gathered before they are told, so that a burst is one event per run.
const GATHER: Duration = Duration::from_millis(100);

/// Changes that a slow watcher may lag behind before it is told to look again at everything.
const BUFFERED_CHANGES: usize = 4096;

/// For how long a watcher is told of a project after the role that opened it was taken away, at most.
const ROLE_VALIDITY: Duration = Duration::from_secs(1);

/// Changes read from the database at once.
const CHANGES_PER_READ: u64 = 1000;

/// Something that a watcher is told.
#[derive(Debug, Clone)]
pub enum LiveEvent {
    /// A run was made, changed, put into the bin or taken out of it.
    Run {
        /// The project.
        entity: EntityName,
        /// The project.
        project: ProjectName,
        /// The run as it is now.
        head: Arc<RunHead>,
    },
    /// A run was purged: the project's list is to be read anew.
    Purged {
        /// The project.
        entity: EntityName,
        /// The project.
        project: ProjectName,
    },
    /// The watcher was too slow and missed something: everything is to be read anew.
    Missed,
}

#[derive(Debug, Clone)]
enum Change {
    Run(Arc<RunHead>),
    Purged(
        ProjectKey,
        #[expect(dead_code, reason = "names the run in logs")] RunKey,
    ),
}

impl Change {
    fn project(&self) -> ProjectKey {
        match self {
            Self::Run(head) => head.project,
            Self::Purged(project, _) => *project,
        }
    }
}

/// The follower of the feed.
#[derive(Debug)]
pub(crate) struct Live {
    shared: Arc<Shared>,
    started: OnceLock<()>,
}

#[derive(Debug)]
struct Shared {
    meta: Meta,
    changes: broadcast::Sender<Change>,
    poked: Notify,
    watchers: AtomicUsize,
    /// How far changes were told; `None` while nobody watches.
    position: Mutex<Option<Revision>>,
}

impl Live {
    pub(crate) fn new(meta: Meta) -> Self {
        let (changes, _) = broadcast::channel(BUFFERED_CHANGES);
        let shared = Shared {
            meta,
            changes,
            poked: Notify::new(),
            watchers: AtomicUsize::new(0),
            position: Mutex::new(None),
        };
        Self {
            shared: Arc::new(shared),
            started: OnceLock::new(),
        }
    }

    /// Says that something was written here.
    pub(crate) fn poke(&self) {
        self.shared.poked.notify_one();
    }

    /// Starts following on the first call.
    fn start(&self) {
        self.started.get_or_init(|| {
            let shared = Arc::downgrade(&self.shared);
            tokio::spawn(async move {
                // The task ends with the last `Live`.
                while let Some(shared) = shared.upgrade() {
                    if let Err(error) = shared.follow().await {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "the feed of changes cannot be read"
                        );
                    }
                    let poked = tokio::time::timeout(POLL_INTERVAL, shared.poked.notified()).await;
                    if poked.is_ok() {
                        tokio::time::sleep(GATHER).await;
                    }
                }
            });
        });
    }
}

impl Shared {
    /// Begins to follow where the feed stands now, unless someone follows it already.
    async fn begin(&self) -> Result<(), MetaError> {
        let mut position = self.position.lock().await;
        if position.is_none() {
            *position = Some(self.meta.read().current_revision().await?);
        }
        Ok(())
    }

    /// Tells what changed since the last call. Without watchers nothing is read.
    async fn follow(&self) -> Result<(), MetaError> {
        let mut position = self.position.lock().await;
        if self.watchers.load(Ordering::Acquire) == 0 {
            *position = None;
            return Ok(());
        }
        let Some(mut since) = *position else {
            return Ok(());
        };
        loop {
            let changes = self
                .meta
                .read()
                .runs_changed_since(since, CHANGES_PER_READ)
                .await?;
            since = changes.next;
            *position = Some(since);
            let runs = changes
                .heads
                .into_iter()
                .map(|head| Change::Run(Arc::new(head)));
            let purged = changes
                .purged
                .into_iter()
                .map(|run| Change::Purged(run.project, run.run));
            for change in runs.chain(purged) {
                // An error only means that nobody watches any more.
                let _ = self.changes.send(change);
            }
            if !changes.more {
                return Ok(());
            }
        }
    }
}

/// Counts a watcher for as long as it lives.
struct Watcher(Arc<Shared>);

impl Watcher {
    fn new(shared: Arc<Shared>) -> Self {
        shared.watchers.fetch_add(1, Ordering::AcqRel);
        Self(shared)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What one watcher was promised.
struct Watch {
    caller: Caller,
    /// When it was last looked up what the caller may do.
    checked_at: Instant,
    projects: HashMap<ProjectKey, Project>,
    receiver: broadcast::Receiver<Change>,
    watcher: Watcher,
}

impl Watch {
    /// The next thing to tell; `None` once the caller may not read every project any more.
    async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            let event = match self.receiver.recv().await {
                Ok(change) => {
                    let Some(project) = self.projects.get(&change.project()) else {
                        continue;
                    };
                    let (entity, project) = (project.entity.clone(), project.name.clone());
                    match change {
                        Change::Run(head) => LiveEvent::Run {
                            entity,
                            project,
                            head,
                        },
                        Change::Purged(..) => LiveEvent::Purged { entity, project },
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => LiveEvent::Missed,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            return self.is_allowed().await.then_some(event);
        }
    }

    /// Whether the caller may still read the projects. A database that does not answer allows nothing.
    async fn is_allowed(&mut self) -> bool {
        if self.checked_at.elapsed() < ROLE_VALIDITY {
            return true;
        }
        let grants = self.watcher.0.meta.read().grants_of(self.caller.user).await;
        let Ok(grants) = grants else { return false };
        self.caller = self.caller.with_grants(grants);
        self.checked_at = Instant::now();
        self.projects
            .values()
            .all(|project| self.caller.may_read(project.entity_key, project.key))
    }
}

impl Tracking {
    /// Everything that changes in some projects, from now on. It ends when the caller may not read one of them any more.
    ///
    /// A run that changes several times in a moment is told once or more, always as it is then.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`](crate::TrackingError::NotFound) if a project does not exist or is not the caller's.
    pub async fn watch(
        &self,
        caller: &Caller,
        projects: &[(EntityName, ProjectName)],
    ) -> Result<impl Stream<Item = LiveEvent> + Send + use<>> {
        let mut watched = HashMap::new();
        for (entity, name) in projects {
            let project = self.get_project(caller, entity, name).await?;
            watched.insert(project.key, project);
        }
        let shared = &self.inner.live.shared;
        let watch = Watch {
            caller: caller.clone(),
            checked_at: Instant::now(),
            projects: watched,
            receiver: shared.changes.subscribe(),
            watcher: Watcher::new(shared.clone()),
        };
        shared.begin().await?;
        self.inner.live.start();
        Ok(futures::stream::unfold(watch, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        }))
    }
}
