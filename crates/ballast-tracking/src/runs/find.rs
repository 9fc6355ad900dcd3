//! Finding runs.

use std::collections::HashMap;

use ballast_meta::{RunFilter, RunHead, RunQuery as StoredQuery, RunRecord};
use ballast_model::{EntityName, ProjectName, RunKey, RunPath, RunState, Tag, UserKey};

use super::documents::Documents;
use super::filter::{OrderKey, Predicate, compare};
use super::run::{ParentRun, Run};
use crate::projects::Project;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Which runs of a project to list, newest first. Conditions are joined by *and*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunListing {
    /// The bin instead of the others.
    pub deleted: bool,
    /// Text that the display name or the id contains, in any case.
    pub search: Option<String>,
    /// Any of these states; empty means any state.
    pub states: Vec<RunState>,
    /// All of these tags.
    pub tags: Vec<String>,
    /// Only runs older than the one with this number.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// A page of a [`RunListing`].
#[derive(Debug, Clone)]
pub struct RunPage {
    /// The runs, newest first.
    pub items: Vec<Run>,
    /// How many runs fit the listing on all pages.
    pub total: u64,
    /// What to give as `after` for the next page; `None` on the last.
    pub next: Option<u64>,
}

/// Which runs of a project to find by a condition on anything about them, in which order.
#[derive(Debug, Clone)]
pub struct RunQuery {
    /// The condition.
    pub filter: Predicate,
    /// The order, most significant first; ties are in order of creation.
    pub order: Vec<OrderKey>,
    /// How many fitting runs to pass over.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

/// A page of a [`RunQuery`].
#[derive(Debug, Clone)]
pub struct QueriedRuns {
    /// The runs in the order asked for.
    pub items: Vec<Run>,
    /// How many runs fit the condition on all pages.
    pub total: usize,
}

impl Tracking {
    /// A run; `None` if it does not exist, is in the bin, or is not the caller's.
    pub async fn lookup_run(&self, caller: &Caller, path: &RunPath) -> Result<Option<Run>> {
        self.lookup_run_for(caller, path, Access::Read).await
    }

    async fn lookup_run_for(
        &self,
        caller: &Caller,
        path: &RunPath,
        access: Access,
    ) -> Result<Option<Run>> {
        match self.lookup_any_run(caller, path, access).await? {
            Some(run) if run.deleted_at.is_none() => Ok(Some(run)),
            _ => Ok(None),
        }
    }

    /// A run.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist, is in the bin, or is not the caller's.
    pub async fn get_run(&self, caller: &Caller, path: &RunPath) -> Result<Run> {
        self.run_for(caller, path, Access::Read).await
    }

    /// A run for an operation that needs `access` to its project.
    ///
    /// # Errors
    /// As [`Tracking::get_run`], and [`TrackingError::Forbidden`] if the caller's role is too small.
    pub(crate) async fn run_for(
        &self,
        caller: &Caller,
        path: &RunPath,
        access: Access,
    ) -> Result<Run> {
        self.lookup_run_for(caller, path, access)
            .await?
            .ok_or_else(|| run_not_found(path))
    }

    /// A run by its storage key; `None` if it does not exist, is in the bin, or is not the caller's.
    pub async fn lookup_run_by_key(&self, caller: &Caller, key: RunKey) -> Result<Option<Run>> {
        let Some(record) = self.inner.meta.read().run(key).await? else {
            return Ok(None);
        };
        if record.head.deleted_at.is_some() {
            return Ok(None);
        }
        let Some(project) = self.inner.meta.read().project(record.head.project).await? else {
            return Ok(None);
        };
        let entity = caller
            .entities()
            .iter()
            .find(|entity| entity.key == project.entity);
        let project =
            entity.and_then(|entity| Project::seen_by(caller, entity.name.clone(), project));
        match project {
            Some(project) if project.check(Access::Read).is_ok() => {
                self.run_of(&project, record).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A page of a project's runs, newest first.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's; [`TrackingError::Invalid`]
    /// for a tag that cannot exist.
    pub async fn list_runs(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        listing: &RunListing,
    ) -> Result<RunPage> {
        let project = self.get_project(caller, entity, project).await?;
        let filter = RunFilter {
            project: project.key,
            deleted: listing.deleted,
            search: listing.search.clone(),
            states: listing.states.clone(),
            tags: listing
                .tags
                .iter()
                .map(Tag::new)
                .collect::<Result<_, _>>()?,
        };
        let db = self.inner.meta.read();
        let total = db.count_runs(&filter).await?;
        // One more than asked for tells whether there is a next page.
        let limit = listing.limit as u64 + 1;
        let query = StoredQuery {
            filter,
            after: listing.after,
            limit,
            newest_first: true,
        };
        let mut records = db.list_runs(&query).await?;
        let has_more = records.len() > listing.limit;
        records.truncate(listing.limit);
        let next = records
            .last()
            .filter(|_| has_more)
            .map(|record| record.head.number);
        Ok(RunPage {
            items: self.runs_of(&project, records).await?,
            total,
            next,
        })
    }

    /// A page of the runs that fit a condition on anything about them.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn query_runs(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        query: &RunQuery,
    ) -> Result<QueriedRuns> {
        let project = self.get_project(caller, entity, project).await?;
        let records = self.inner.meta.read().all_runs(project.key).await?;
        let runs = self.runs_of(&project, records).await?;
        let query = query.clone();
        tokio::task::spawn_blocking(move || {
            let mut fitting: Vec<Run> = runs
                .into_iter()
                .filter(|run| query.filter.fits(run))
                .collect();
            fitting.sort_by(|a, b| compare(&query.order, a, b).then(a.number.cmp(&b.number)));
            let total = fitting.len();
            let items = fitting
                .into_iter()
                .skip(query.offset)
                .take(query.limit)
                .collect();
            QueriedRuns { items, total }
        })
        .await
        .map_err(TrackingError::internal)
    }

    /// A run, also if it is in the bin, for an operation that needs `access` to its project.
    pub(crate) async fn lookup_any_run(
        &self,
        caller: &Caller,
        path: &RunPath,
        access: Access,
    ) -> Result<Option<Run>> {
        let Some(project) = self
            .lookup_project(caller, &path.entity, &path.project)
            .await?
        else {
            return Ok(None);
        };
        project.check(access)?;
        match self
            .inner
            .meta
            .read()
            .lookup_run(project.key, &path.run)
            .await?
        {
            Some(record) => self.run_of(&project, record).await.map(Some),
            None => Ok(None),
        }
    }

    /// The storage key of a run that is not in the bin, without reading its documents.
    ///
    /// # Errors
    /// As [`Tracking::run_for`].
    pub(crate) async fn run_key(
        &self,
        caller: &Caller,
        path: &RunPath,
        access: Access,
    ) -> Result<RunKey> {
        Ok(self.run_head(caller, path, access).await?.key)
    }

    /// A run that is not in the bin, without its documents.
    ///
    /// # Errors
    /// As [`Tracking::run_for`].
    pub(crate) async fn run_head(
        &self,
        caller: &Caller,
        path: &RunPath,
        access: Access,
    ) -> Result<RunHead> {
        let project = self
            .lookup_project(caller, &path.entity, &path.project)
            .await?;
        let project = project.ok_or_else(|| run_not_found(path))?;
        project.check(access)?;
        let head = self
            .inner
            .meta
            .read()
            .lookup_run_head(project.key, &path.run)
            .await?;
        match head {
            Some(head) if head.deleted_at.is_none() => Ok(head),
            _ => Err(run_not_found(path)),
        }
    }

    pub(crate) async fn run_of(&self, project: &Project, record: RunRecord) -> Result<Run> {
        let mut runs = self.runs_of(project, vec![record]).await?;
        Ok(runs.pop().expect("one record gives one run"))
    }

    pub(crate) async fn runs_of(
        &self,
        project: &Project,
        records: Vec<RunRecord>,
    ) -> Result<Vec<Run>> {
        let users = self.usernames(&records).await?;
        let parents = self.parent_ids(&records).await?;
        let mut runs = Vec::with_capacity(records.len());
        for RunRecord { head, documents } in records {
            let documents = Documents::parse(&head, &documents)?;
            let parent = head.parent_step.map(|step| ParentRun {
                run: head.parent.and_then(|key| parents.get(&key).cloned()),
                step,
            });
            runs.push(Run {
                key: head.key,
                project_key: head.project,
                entity: project.entity.clone(),
                project: project.name.clone(),
                id: head.run_id,
                number: head.number,
                display_name: head.display_name,
                state: head.state,
                exit_code: head.exit_code,
                config: documents.config,
                summary: documents.summary,
                sdk_state: documents.sdk_state,
                metric_definitions: documents.metric_definitions,
                custom_charts: documents.custom_charts,
                environment: documents.environment,
                notes: head.notes,
                tags: head.tags.iter().map(ToString::to_string).collect(),
                group: head.group,
                job_type: head.job_type,
                host: head.host,
                git_remote: head.git_remote,
                git_commit: head.git_commit,
                program: head.program,
                sweep: head.sweep,
                user: head
                    .user
                    .and_then(|key| users.get(&key).cloned())
                    .unwrap_or_default(),
                color: head.color,
                parent,
                stop_requested: head.stop_requested,
                created_at: head.created_at,
                heartbeat_at: head.heartbeat_at,
                ended_at: head.ended_at,
                deleted_at: head.deleted_at,
                n_history_rows: head.history_lines,
                n_system_rows: head.system_lines,
                n_console_lines: head.console_lines,
                n_problems: head.n_problems,
            });
        }
        Ok(runs)
    }

    async fn usernames(&self, records: &[RunRecord]) -> Result<HashMap<UserKey, String>> {
        let mut names = HashMap::new();
        for key in records.iter().filter_map(|record| record.head.user) {
            if let std::collections::hash_map::Entry::Vacant(entry) = names.entry(key)
                && let Some(user) = self.inner.meta.read().user(key).await?
            {
                entry.insert(user.username.as_str().to_owned());
            }
        }
        Ok(names)
    }

    async fn parent_ids(
        &self,
        records: &[RunRecord],
    ) -> Result<HashMap<RunKey, ballast_model::RunId>> {
        let keys: Vec<RunKey> = records
            .iter()
            .filter_map(|record| record.head.parent)
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let parents = self.inner.meta.read().runs_by_keys(&keys).await?;
        Ok(parents
            .into_iter()
            .map(|parent| (parent.head.key, parent.head.run_id))
            .collect())
    }
}

pub(crate) fn run_not_found(path: &RunPath) -> TrackingError {
    TrackingError::not_found_in(
        "run",
        &path.run,
        format!("{}/{}", path.entity, path.project),
    )
}
