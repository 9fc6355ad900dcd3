//! Runs, read.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject, Union};
use ballast_model::RunState;
use ballast_model::json::Value;
use ballast_tracking::Stream;
use ballast_tracking::artifacts::ArtifactRole;
use ballast_tracking::runs::Run;

use super::access::Access;
use super::artifacts::{Artifact, run_artifacts};
use super::connection::{Connection, Window};
use super::console::{LogLineNode, log_lines};
use super::files::{FileConnection, list as list_files};
use super::history::{self, ParquetHistory};
use super::people::UserNode;
use super::projects::ProjectNode;
use super::scalars::{DateTime, Int64, Json, JsonString};
use crate::{config, ids};

/// Whoever made something.
#[derive(Debug, Union)]
pub(crate) enum Creator {
    Run(RunNode),
    User(UserNode),
}

/// A run.
#[derive(Debug, Clone)]
pub(crate) struct RunNode {
    run: Arc<Run>,
    /// What the client is told to be the next line of its history, where that is not the number of rows.
    next_history_line: Option<u64>,
}

impl From<Run> for RunNode {
    fn from(run: Run) -> Self {
        Self {
            run: Arc::new(run),
            next_history_line: None,
        }
    }
}

impl RunNode {
    /// A run whose process is told to number its history from `line` on.
    pub(crate) fn continuing_at(run: Run, line: u64) -> Self {
        Self {
            run: Arc::new(run),
            next_history_line: Some(line),
        }
    }
}

#[Object(name = "Run")]
impl RunNode {
    async fn id(&self) -> ID {
        ids::run(self.run.key)
    }

    /// The short id in addresses.
    async fn name(&self) -> &str {
        self.run.id.as_str()
    }

    /// The number of the project.
    async fn project_id(&self) -> ID {
        ID(self.run.project_key.to_string())
    }

    async fn project(&self, context: &Context<'_>) -> Result<Option<ProjectNode>> {
        let access = Access::of(context);
        ProjectNode::lookup(
            access,
            Some(self.run.entity.as_str()),
            Some(self.run.project.as_str()),
        )
        .await
    }

    async fn display_name(&self) -> &str {
        &self.run.display_name
    }

    async fn description(&self) -> Option<&str> {
        self.run.notes.as_deref()
    }

    async fn notes(&self) -> Option<&str> {
        self.run.notes.as_deref()
    }

    async fn tags(&self) -> &[String] {
        &self.run.tags
    }

    async fn state(&self) -> &str {
        self.run.state.as_str()
    }

    /// The config, each entry wrapped as `{"value": …}`, with the client's own entry `_wandb`.
    async fn config(&self) -> JsonString {
        JsonString(config::to_wire(&self.run.config, &self.run.sdk_state))
    }

    /// Members of the client's own entry.
    async fn wandb_config(&self, keys: Option<Vec<String>>) -> JsonString {
        JsonString(match keys {
            Some(keys) => config::sdk_members(&self.run.sdk_state, &keys),
            None => self.run.sdk_state.to_text(),
        })
    }

    async fn summary_metrics(&self) -> JsonString {
        JsonString(Value::Map(self.run.summary.clone()).to_text())
    }

    /// The last value of every system metric.
    async fn system_metrics(&self, context: &Context<'_>) -> Result<JsonString> {
        history::system_metrics(Access::of(context), &self.run.path()).await
    }

    /// The last step, and every logged key with its last value.
    async fn history_keys(&self, context: &Context<'_>) -> Result<Json> {
        history::keys(Access::of(context), &self.run.path()).await
    }

    async fn history_line_count(&self) -> u64 {
        self.next_history_line.unwrap_or(self.run.n_history_rows)
    }

    async fn events_line_count(&self) -> u64 {
        self.run.n_system_rows
    }

    async fn log_line_count(&self) -> u64 {
        self.run.n_console_lines
    }

    /// A JSON list with the last row as JSON text.
    async fn history_tail(&self, context: &Context<'_>) -> Result<JsonString> {
        history::tail(Access::of(context), &self.run.path(), Stream::History).await
    }

    /// A JSON list with the last row of system metrics as JSON text.
    async fn events_tail(&self, context: &Context<'_>) -> Result<JsonString> {
        history::tail(Access::of(context), &self.run.path(), Stream::System).await
    }

    async fn group(&self) -> Option<&str> {
        self.run.group.as_deref()
    }

    async fn job_type(&self) -> Option<&str> {
        self.run.job_type.as_deref()
    }

    async fn host(&self) -> Option<&str> {
        self.run.host.as_deref()
    }

    async fn commit(&self) -> Option<&str> {
        self.run.git_commit.as_deref()
    }

    async fn read_only(&self) -> bool {
        false
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.run.created_at)
    }

    async fn heartbeat_at(&self) -> DateTime {
        DateTime(self.run.heartbeat_at)
    }

    /// Never null, even if the user is gone.
    async fn user(&self, context: &Context<'_>) -> UserNode {
        UserNode::named(Access::of(context), &self.run.user)
    }

    async fn sweep_name(&self) -> Option<&str> {
        self.run.sweep.as_deref()
    }

    async fn file_count(&self, context: &Context<'_>) -> Result<u64> {
        let access = Access::of(context);
        Ok(access
            .tracking
            .count_files(&access.caller, &self.run.path())
            .await?)
    }

    async fn files(
        &self,
        context: &Context<'_>,
        names: Option<Vec<Option<String>>>,
        first: Option<i64>,
        after: Option<String>,
        pattern: Option<String>,
    ) -> Result<FileConnection> {
        list_files(
            Access::of(context),
            &self.run.path(),
            names,
            pattern,
            first,
            after,
        )
        .await
    }

    /// Rows as JSON texts: all of a window of steps (`maxStep` exclusive), or an even sample.
    async fn history(
        &self,
        context: &Context<'_>,
        min_step: Option<Int64>,
        max_step: Option<Int64>,
        samples: Option<i64>,
    ) -> Result<Vec<JsonString>> {
        let (min, end) = (min_step.map(|step| step.0), max_step.map(|step| step.0));
        history::rows(
            Access::of(context),
            &self.run.path(),
            Stream::History,
            min,
            end,
            samples,
        )
        .await
    }

    /// An even sample of the system metrics, as JSON texts.
    async fn events(&self, context: &Context<'_>, samples: Option<i64>) -> Result<Vec<JsonString>> {
        history::rows(
            Access::of(context),
            &self.run.path(),
            Stream::System,
            None,
            None,
            samples,
        )
        .await
    }

    /// For each spec, a list of rows that have all of its keys.
    async fn sampled_history(&self, context: &Context<'_>, specs: Vec<JsonString>) -> Result<Json> {
        history::sampled(Access::of(context), &self.run.path(), &specs).await
    }

    async fn parquet_history(&self, live_keys: Vec<String>) -> ParquetHistory {
        drop(live_keys);
        ParquetHistory::default()
    }

    /// Console lines from a cursor on, or the last ones.
    async fn log_lines(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
        last: Option<i64>,
        use_improved_pagination: Option<bool>,
    ) -> Result<Connection<LogLineNode>> {
        let _ = use_improved_pagination;
        let n_lines = self.run.n_console_lines;
        log_lines(
            Access::of(context),
            &self.run.path(),
            n_lines,
            first,
            after.as_deref(),
            last,
        )
        .await
    }

    async fn output_artifacts(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<Artifact>> {
        let window = Window::new(first, after.as_deref(), 50);
        let (access, run) = (Access::of(context), self.run.path());
        run_artifacts(access, &run, ArtifactRole::Logged, window).await
    }

    async fn input_artifacts(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
        after: Option<String>,
    ) -> Result<Connection<Artifact>> {
        let window = Window::new(first, after.as_deref(), 50);
        let (access, run) = (Access::of(context), self.run.path());
        run_artifacts(access, &run, ArtifactRole::Used, window).await
    }

    async fn exitcode(&self) -> Option<i32> {
        self.run.exit_code
    }

    async fn should_stop(&self) -> bool {
        self.run.stop_requested
    }

    async fn stopped(&self) -> bool {
        self.run.stop_requested
    }

    async fn failed(&self) -> bool {
        self.run.state == RunState::Failed
    }

    async fn running(&self) -> bool {
        self.run.state.is_live()
    }

    async fn run_info(&self) -> RunInfo {
        RunInfo::from(&*self.run)
    }
}

/// The environment of a run, as old clients ask for it.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct RunInfo {
    program: Option<String>,
    args: Vec<String>,
    os: Option<String>,
    python: Option<String>,
    colab: Option<String>,
    executable: Option<String>,
    code_saved: Option<bool>,
    cpu_count: Option<i64>,
    gpu_count: Option<i64>,
    gpu: Option<String>,
    git: Option<GitInfo>,
}

/// The code of a run, as old clients ask for it.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct GitInfo {
    remote: Option<String>,
    commit: Option<String>,
}

impl From<&Run> for RunInfo {
    fn from(run: &Run) -> Self {
        let environment = run.environment.clone();
        let hardware = |key: &str| environment.hardware.get(key);
        let remote = run.git_remote.clone().or(environment.git_remote);
        let commit = run.git_commit.clone().or(environment.git_commit);
        Self {
            cpu_count: hardware("cpu_count").and_then(Value::as_i64),
            gpu_count: hardware("gpu_count").and_then(Value::as_i64),
            gpu: hardware("gpu").and_then(Value::as_str).map(str::to_owned),
            program: run.program.clone().or(environment.program),
            args: environment.args,
            os: environment.os,
            python: environment.python,
            colab: None,
            executable: environment.executable,
            code_saved: None,
            git: (remote.is_some() || commit.is_some()).then_some(GitInfo { remote, commit }),
        }
    }
}
