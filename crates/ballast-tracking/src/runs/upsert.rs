//! Starting a run, and what its process tells about it later.

use ballast_meta::{MetaError, NewRun, RunPatch, RunRecord, Stream, Tx};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::json::{Map, Value};
use ballast_model::{
    CustomChart, EntityName, Environment, MetricDefinition, ProjectName, RunId, RunKey, RunPath,
    RunState, Tag, display_name,
};
use indexmap::IndexMap;

use super::changes::{checked_notes, checked_tags, checked_text, non_empty};
use super::documents::{Documents, map_text, to_text};
use super::find::run_not_found;
use super::run::Run;
use crate::history::chain;
use crate::projects::{DEFAULT_PROJECT, Project};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Which run is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunTarget {
    /// An existing run.
    Key(RunKey),
    /// The run of this name, made if it is missing, as is its project.
    Name {
        /// The owner; the caller's own entity if `None`.
        entity: Option<EntityName>,
        /// The project; [`DEFAULT_PROJECT`] if `None`.
        project: Option<ProjectName>,
        /// The run.
        run: RunId,
    },
}

/// Where a new run branches off an older run of the same project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The older run.
    pub parent: RunId,
    /// The last step to inherit.
    pub step: i64,
}

/// What is told about a run; `None` leaves a field as it is.
#[derive(Debug, Clone)]
pub struct UpsertRun {
    /// Which run.
    pub target: RunTarget,
    /// Whether the run's own process speaks: that makes it live, also when it had ended.
    pub reports: bool,
    /// The state of a run that is made now; running if `None`. An existing run keeps its state.
    pub state: Option<RunState>,
    /// The title. A new run without one gets a generated name.
    pub display_name: Option<String>,
    /// Notes; empty text removes them.
    pub notes: Option<String>,
    /// The group.
    pub group: Option<String>,
    /// The job type.
    pub job_type: Option<String>,
    /// The host name.
    pub host: Option<String>,
    /// The script.
    pub program: Option<String>,
    /// The git remote.
    pub git_remote: Option<String>,
    /// The git commit.
    pub git_commit: Option<String>,
    /// The sweep.
    pub sweep: Option<String>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// The whole config.
    pub config: Option<Map>,
    /// Whether `config` adds to the stored one instead of replacing it: several processes write this run.
    pub merge_config: bool,
    /// The whole summary.
    pub summary: Option<Map>,
    /// What the client library keeps with the run.
    pub sdk_state: Option<Value>,
    /// Everything declared about metrics.
    pub metric_definitions: Option<Vec<MetricDefinition>>,
    /// All custom charts.
    pub custom_charts: Option<IndexMap<String, CustomChart>>,
    /// What is known of the environment; parts that are missing here stay as they are.
    pub environment: Option<Environment>,
    /// Where a run that is made now branches off.
    pub branch: Option<Branch>,
}

impl UpsertRun {
    /// Tells nothing yet.
    pub fn new(target: RunTarget) -> Self {
        Self {
            target,
            reports: false,
            state: None,
            display_name: None,
            notes: None,
            group: None,
            job_type: None,
            host: None,
            program: None,
            git_remote: None,
            git_commit: None,
            sweep: None,
            tags: None,
            config: None,
            merge_config: false,
            summary: None,
            sdk_state: None,
            metric_definitions: None,
            custom_charts: None,
            environment: None,
            branch: None,
        }
    }
}

/// The outcome of [`Tracking::upsert_run`].
#[derive(Debug, Clone)]
pub struct UpsertedRun {
    /// The run as it is now.
    pub run: Run,
    /// Whether it was made by this call.
    pub inserted: bool,
    /// How many lines a fork that was made by this call inherits: where its own lines begin.
    pub first_line: Option<u64>,
}

/// The checked texts of an [`UpsertRun`], as they are stored.
#[derive(Clone)]
#[expect(
    clippy::option_option,
    reason = "whether a field changes and what it becomes are two questions"
)]
struct Told {
    reports: bool,
    state: Option<RunState>,
    display_name: Option<String>,
    notes: Option<Option<String>>,
    group: Option<Option<String>>,
    job_type: Option<Option<String>>,
    host: Option<String>,
    program: Option<String>,
    git_remote: Option<String>,
    git_commit: Option<String>,
    sweep: Option<String>,
    tags: Option<Vec<Tag>>,
    config: Option<Map>,
    merge_config: bool,
    summary: Option<String>,
    sdk_state: Option<Value>,
    metric_definitions: Option<String>,
    custom_charts: Option<String>,
    environment: Option<Environment>,
    config_limit: u64,
}

impl Told {
    fn check(run: UpsertRun, config_limit: u64) -> Result<Self> {
        let state = match run.state {
            Some(state @ (RunState::Pending | RunState::Running)) => Some(state),
            Some(other) => {
                let reason = format!("a run starts pending or running, not `{other}`");
                return Err(TrackingError::Invalid(reason));
            }
            None => None,
        };
        if let Some(config) = &run.config {
            map_text("config", config, config_limit)?;
        }
        let text = |what: &str, text: Option<String>| {
            text.map(|text| checked_text(what, text)).transpose()
        };
        Ok(Self {
            reports: run.reports,
            state,
            display_name: text(
                "the run's name",
                run.display_name.filter(|name| !name.trim().is_empty()),
            )?,
            notes: run.notes.map(checked_notes).transpose()?.map(non_empty),
            group: text("the group", run.group)?.map(non_empty),
            job_type: text("the job type", run.job_type)?.map(non_empty),
            host: text("the host", run.host)?,
            program: run.program.map(checked_notes).transpose()?,
            git_remote: run.git_remote.map(checked_notes).transpose()?,
            git_commit: text("the git commit", run.git_commit)?,
            sweep: text("the sweep", run.sweep)?,
            tags: run.tags.map(checked_tags).transpose()?,
            config: run.config,
            merge_config: run.merge_config,
            summary: run
                .summary
                .map(|summary| map_text("summary", &summary, config_limit))
                .transpose()?,
            sdk_state: run.sdk_state,
            metric_definitions: run
                .metric_definitions
                .map(|list| to_text(&list))
                .transpose()?,
            custom_charts: run
                .custom_charts
                .map(|charts| to_text(&charts))
                .transpose()?,
            environment: run.environment,
            config_limit,
        })
    }

    /// What changes on a stored run.
    fn patch(self, stored: &RunRecord, now: ballast_model::Timestamp) -> Result<RunPatch> {
        let documents = Documents::parse(&stored.head, &stored.documents)?;
        let config = match self.config {
            Some(config) if self.merge_config => {
                let mut merged = documents.config;
                merged.extend(config);
                Some(map_text("config", &merged, self.config_limit)?)
            }
            Some(config) => Some(map_text("config", &config, self.config_limit)?),
            None => None,
        };
        let environment = match self.environment {
            Some(environment) => Some(to_text(&environment.over(documents.environment))?),
            None => None,
        };
        let mut patch = RunPatch {
            display_name: self.display_name,
            notes: self.notes,
            group: self.group,
            job_type: self.job_type,
            host: self.host.map(Some),
            program: self.program.map(Some),
            git_remote: self.git_remote.map(Some),
            git_commit: self.git_commit.map(Some),
            sweep: self.sweep.map(Some),
            tags: self.tags,
            config,
            summary: self.summary,
            sdk_state: self.sdk_state.map(|state| state.to_text()),
            metric_definitions: self.metric_definitions,
            custom_charts: self.custom_charts,
            environment,
            ..RunPatch::default()
        };
        if self.reports {
            let head = &stored.head;
            patch.heartbeat_at = Some(now);
            if !head.state.is_live() {
                patch.state = Some(head.state.on_report());
                patch.exit_code = Some(None);
                patch.ended_at = Some(None);
                patch.stop_requested = Some(false);
            }
        }
        Ok(patch)
    }
}

impl Tracking {
    /// An id for a run that was started without one.
    pub fn generate_run_id(&self) -> RunId {
        let text = random_text(&*self.inner.entropy, ID_ALPHABET, 8);
        RunId::new(text).expect("letters and digits make a run id")
    }

    /// Makes a run, or changes what is known of it. Telling the same twice changes nothing but the heartbeat.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the run (by key), the entity, or the branch's parent does not exist or is not
    /// the caller's; [`TrackingError::Deleted`] if the run is in the bin; [`TrackingError::Invalid`] and
    /// [`TrackingError::TooLarge`] for what cannot be stored, and for a branch beyond the parent's last step.
    pub async fn upsert_run(&self, caller: &Caller, mut upsert: UpsertRun) -> Result<UpsertedRun> {
        let branch = upsert.branch.take();
        let (project, run_id) = match upsert.target.clone() {
            RunTarget::Key(key) => {
                let run = self.lookup_run_by_key(caller, key).await?;
                let run = run.ok_or_else(|| TrackingError::not_found("run", key))?;
                (
                    self.project_for(caller, &run.entity, &run.project, Access::Write)
                        .await?,
                    run.id,
                )
            }
            RunTarget::Name {
                entity,
                project,
                run,
            } => {
                let name = match project {
                    Some(name) => name,
                    None => ProjectName::new(DEFAULT_PROJECT)?,
                };
                let (project, _) = self
                    .upsert_project(caller, entity.as_ref(), &name, None)
                    .await?;
                (project, run)
            }
        };
        let limit = self.limits().config_bytes;
        let branch = match branch {
            // The client repeats the branch point of a rewound run, which is the run itself.
            Some(branch) if branch.parent != run_id => Some(branch),
            _ => None,
        };
        let fork = match branch {
            Some(branch) => self.plan_fork(caller, &project, &run_id, branch).await?,
            None => None,
        };
        let told = Told::check(upsert, limit)?;
        let first_line = fork.as_ref().map(|fork| fork.first_line);
        let stored = match self
            .store_upsert(caller, &project, &run_id, told.clone(), fork)
            .await
        {
            // Another process made the run between our look and our insert; now it is there to be changed.
            Err(TrackingError::Conflict(_)) => {
                self.store_upsert(caller, &project, &run_id, told, fork)
                    .await
            }
            other => other,
        };
        let (record, inserted) = stored?;
        self.inner.live.poke();
        let run = self.run_of(&project, record).await?;
        Ok(UpsertedRun {
            run,
            inserted,
            first_line: first_line.filter(|_| inserted),
        })
    }

    async fn store_upsert(
        &self,
        caller: &Caller,
        project: &Project,
        run_id: &RunId,
        told: Told,
        fork: Option<Fork>,
    ) -> Result<(RunRecord, bool)> {
        let path = format!("{}/{}", project.entity, project.name);
        let (project_key, user) = (project.key, caller.user);
        let now = self.inner.clock.now();
        let entropy = self.inner.entropy.clone();
        let run_id = run_id.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(stored) = tx.lookup_run(project_key, &run_id).await? {
                        if stored.head.deleted_at.is_some() {
                            return Err(TrackingError::Deleted {
                                run: run_id.to_string(),
                                project: path,
                            });
                        }
                        let patch = told.patch(&stored, now)?;
                        tx.update_run(stored.head.key, patch, now).await?;
                        let record = tx.run(stored.head.key).await?;
                        return Ok((record.expect("updated in this transaction"), false));
                    }
                    let number = tx
                        .project(project_key)
                        .await?
                        .map_or(1, |project| project.next_run_number);
                    let mut new = NewRun::new(
                        project_key,
                        run_id,
                        told.state.unwrap_or(RunState::Running),
                        now,
                    );
                    new.display_name = told
                        .display_name
                        .clone()
                        .unwrap_or_else(|| display_name::generate(&*entropy, number));
                    new.user = Some(user);
                    if let Some(fork) = &fork {
                        new.parent = Some(fork.parent);
                        new.parent_step = Some(fork.step);
                    }
                    let record = tx.insert_run(new).await?;
                    let mut patch = Told {
                        reports: false,
                        ..told
                    }
                    .patch(&record, now)?;
                    if let Some(fork) = &fork {
                        begin_fork(tx, record.head.key, fork).await?;
                        patch.history_lines = Some(fork.first_line);
                    }
                    tx.update_run(record.head.key, patch, now).await?;
                    let record = tx.run(record.head.key).await?;
                    Ok((record.expect("inserted in this transaction"), true))
                })
            })
            .await
    }

    /// Finds what a fork inherits; `None` if the run exists already and so is no new fork.
    async fn plan_fork(
        &self,
        caller: &Caller,
        project: &Project,
        run: &RunId,
        branch: Branch,
    ) -> Result<Option<Fork>> {
        if self
            .inner
            .meta
            .read()
            .lookup_run_head(project.key, run)
            .await?
            .is_some()
        {
            return Ok(None);
        }
        let path = RunPath {
            entity: project.entity.clone(),
            project: project.name.clone(),
            run: branch.parent,
        };
        let parent = self
            .lookup_run(caller, &path)
            .await?
            .ok_or_else(|| run_not_found(&path))?;
        let first_line = self.cut_line(&parent, branch.step).await?;
        Ok(Some(Fork {
            parent: parent.key,
            step: branch.step,
            first_line,
        }))
    }
}

/// What a fork inherits: the parent's lines before `first_line`.
#[derive(Clone, Copy)]
struct Fork {
    parent: RunKey,
    step: i64,
    first_line: u64,
}

async fn begin_fork(tx: &Tx<'_>, run: RunKey, fork: &Fork) -> Result<(), MetaError> {
    let inherited = tx.chain(fork.parent, Stream::History).await?;
    chain::branch(tx, run, Stream::History, &inherited, fork.first_line).await?;
    Ok(())
}
