//! The ledger: what becomes of trials, and which one an agent is given. Everything here happens in one transaction that
//! holds the sweep's lock, so that no two agents of any servers are given the same trial.

use std::collections::HashMap;
use std::sync::Arc;

use ballast_meta::{
    AgentRecord, MetaError, NewRun, NewTrial, SweepPatch, SweepRecord, TrialEnd, TrialPatch,
    TrialRecord, TrialRun, Tx,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{
    AgentKey, Entropy, ProjectKey, RunId, RunKey, RunState, SweepKey, SweepState, Timestamp,
    UserKey, display_name,
};
use ballast_sweep::{DoneReason, Method, Proposal, propose};
use serde_json::{Map, Value};

use super::Command;
use super::measure::reaches_targets;
use super::plan::Plan;
use crate::{Result, TrackingError};

/// So often a trial is sent to an agent that seems idle. A reply that was lost looks the same as a script that ends at once.
const MAX_SENDS: u64 = 3;
/// So many used points of a grid are passed over with one look.
const POINTS_AT_ONCE: u64 = 256;

/// What a transaction on a ledger needs to know.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) project: ProjectKey,
    pub(super) sweep: SweepKey,
    /// The config that was read, and which one it was.
    pub(super) plan: Arc<Plan>,
    pub(super) config_version: i64,
    /// Who new runs belong to.
    pub(super) user: UserKey,
    pub(super) now: Timestamp,
    /// Agents that have been silent since before this count as lost.
    pub(super) lost_before: Timestamp,
    /// Largest config of a run, in bytes.
    pub(super) config_limit: u64,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// What a search proposed, and the ledger that it knew.
#[derive(Debug, Clone)]
pub(super) struct Proposed {
    pub(super) ledger_version: i64,
    pub(super) proposal: Proposal,
}

/// What an idle agent is told.
#[derive(Debug)]
pub(super) enum Next {
    /// What to do now.
    Do(Command),
    /// Nothing at present.
    Wait,
    /// A search has to propose something first.
    Propose,
    /// The config was edited: begin anew.
    Outdated,
    /// The sweep is gone.
    Gone,
}

/// A trial to put into the ledger.
pub(super) struct Issue {
    pub(super) config: Map<String, Value>,
    pub(super) display_name: Option<String>,
    pub(super) grid_index: Option<u64>,
    pub(super) attempt: u64,
    pub(super) agent: Option<AgentKey>,
    pub(super) schedule_id: Option<String>,
}

impl Issue {
    /// The first try of a config.
    pub(super) fn first(config: Map<String, Value>, agent: Option<AgentKey>) -> Self {
        Self {
            config,
            display_name: None,
            grid_index: None,
            attempt: 1,
            agent,
            schedule_id: None,
        }
    }
}

/// A sweep under its lock, with its open trials.
pub(super) struct Ledger<'a> {
    pub(super) tx: &'a Tx<'a>,
    pub(super) step: &'a Step,
    pub(super) sweep: SweepRecord,
    open: Vec<TrialRecord>,
}

impl<'a> Ledger<'a> {
    /// Locks the sweep; `None` if it is gone.
    pub(super) async fn lock(tx: &'a Tx<'a>, step: &'a Step) -> Result<Option<Self>> {
        let Some(sweep) = tx.lock_sweep(step.sweep).await? else {
            return Ok(None);
        };
        let open = tx.open_trials(step.sweep).await?;
        Ok(Some(Self {
            tx,
            step,
            sweep,
            open,
        }))
    }

    /// Whether the config is still the one that was read.
    pub(super) fn is_current(&self) -> bool {
        self.sweep.config_version == self.step.config_version
    }

    /// Changes the sweep.
    pub(super) async fn patch(&mut self, patch: SweepPatch) -> Result<(), MetaError> {
        self.tx
            .update_sweep(self.sweep.key, patch, self.step.now)
            .await?;
        let sweep = self.tx.sweep(self.sweep.key).await?;
        self.sweep = sweep.expect("it is locked by this transaction");
        Ok(())
    }

    /// Reads what this transaction wrote past the ledger.
    pub(super) async fn reload(&mut self) -> Result<(), MetaError> {
        let sweep = self.tx.sweep(self.sweep.key).await?;
        self.sweep = sweep.expect("it is locked by this transaction");
        self.open = self.tx.open_trials(self.sweep.key).await?;
        Ok(())
    }

    /// The runs of open trials that report.
    pub(super) fn live_runs(&self) -> Vec<RunKey> {
        let runs = self.open.iter().filter_map(|trial| trial.run.as_ref());
        runs.filter(|run| run.state.is_live())
            .map(|run| run.key)
            .collect()
    }

    /// Refuses another trial that waits for an agent.
    ///
    /// # Errors
    /// [`TrackingError::Conflict`] if the sweep has ended, is at its cap, or `most` trials wait.
    pub(super) fn check_room(&self, most: usize) -> Result<()> {
        let sweep = &self.sweep;
        let refuse = |why: String| Err(TrackingError::Conflict(why));
        if !sweep.state.is_open() {
            return refuse(format!(
                "sweep `{}` is {}; resume it to add runs",
                sweep.sweep_id, sweep.state
            ));
        }
        if self.is_at_cap() {
            return refuse(format!(
                "sweep `{}` has {} runs, as many as `run_cap` allows",
                sweep.sweep_id, sweep.n_issued
            ));
        }
        let n_waiting = self
            .open
            .iter()
            .filter(|trial| trial.agent.is_none())
            .count();
        if n_waiting >= most {
            return refuse(format!(
                "{n_waiting} runs of sweep `{}` wait for an agent already; the limit is {most}",
                sweep.sweep_id
            ));
        }
        Ok(())
    }

    /// Puts a trial that a controller wants into the ledger, unless it is there.
    pub(super) async fn schedule(
        &mut self,
        wanted: super::ScheduledTrial,
        most_waiting: usize,
    ) -> Result<()> {
        if self.tx.has_schedule(self.sweep.key, &wanted.id).await? {
            return Ok(());
        }
        self.check_room(most_waiting)?;
        self.issue(Issue {
            schedule_id: Some(wanted.id),
            ..Issue::first(wanted.config, None)
        })
        .await?;
        self.open = self.tx.open_trials(self.sweep.key).await?;
        Ok(())
    }

    /// Brings the sweep into a state, with a reason for people.
    pub(super) async fn set_state(
        &mut self,
        state: SweepState,
        reason: Option<String>,
    ) -> Result<(), MetaError> {
        self.patch(SweepPatch {
            state: Some((state, reason)),
            ..SweepPatch::default()
        })
        .await
    }

    /// Notes the ends of trials whose runs ended, and makes the retries that the config asks for.
    pub(super) async fn settle(&mut self) -> Result<()> {
        let ended: Vec<(TrialRecord, TrialEnd)> = self
            .open
            .iter()
            .filter_map(|trial| Some((trial.clone(), end_of(trial)?)))
            .collect();
        if ended.is_empty() {
            return Ok(());
        }
        for (trial, end) in ended {
            self.end(&trial, end, None).await?;
        }
        // Retries may have come.
        self.open = self.tx.open_trials(self.sweep.key).await?;
        Ok(())
    }

    /// Notes the end of one trial.
    async fn end(
        &mut self,
        trial: &TrialRecord,
        end: TrialEnd,
        reason: Option<String>,
    ) -> Result<()> {
        let patch = TrialPatch {
            outcome: Some(Some((end, self.step.now))),
            reason: reason.map(Some),
            // A deleted run's point may be tried again.
            grid_index: (end == TrialEnd::Deleted).then_some(None),
            ..TrialPatch::default()
        };
        self.tx
            .update_trial(self.sweep.key, trial.number, patch)
            .await?;
        let n_failures = match end {
            TrialEnd::Failed | TrialEnd::Lost => self.sweep.n_failures_in_row + 1,
            TrialEnd::Deleted => self.sweep.n_failures_in_row,
            TrialEnd::Finished | TrialEnd::Stopped | TrialEnd::Killed => 0,
        };
        let mut patch = SweepPatch {
            n_failures_in_row: Some(n_failures),
            ledger_version: Some(self.sweep.ledger_version + 1),
            ..SweepPatch::default()
        };
        if end == TrialEnd::Deleted {
            patch.grid_cursor = Some(0);
        }
        self.patch(patch).await?;
        if !self.sweep.state.is_open() {
            return Ok(());
        }
        let policy = self.step.plan.config.on_failure;
        if let Some(most) = policy.stop_after_failures
            && n_failures >= u64::from(most)
        {
            let reason = DoneReason::TooManyFailures(u32::try_from(n_failures).unwrap_or(u32::MAX));
            return Ok(self
                .set_state(SweepState::Finished, Some(reason.to_string()))
                .await?);
        }
        if matches!(end, TrialEnd::Finished | TrialEnd::Stopped)
            && let Some(run) = &trial.run
            && reaches_targets(self.tx, &self.step.plan.config, run.key).await?
        {
            let reason = DoneReason::TargetReached.to_string();
            return Ok(self.set_state(SweepState::Finished, Some(reason)).await?);
        }
        let is_retried = matches!(end, TrialEnd::Failed | TrialEnd::Lost)
            && trial.attempt <= u64::from(policy.max_retries)
            && !self.is_at_cap();
        if is_retried {
            let again = Issue {
                config: parse_config(trial)?,
                display_name: None,
                grid_index: trial.grid_index,
                attempt: trial.attempt + 1,
                agent: None,
                schedule_id: None,
            };
            self.issue(again).await?;
        }
        Ok(())
    }

    fn is_at_cap(&self) -> bool {
        let cap = self.step.plan.config.run_cap;
        cap.is_some_and(|cap| self.sweep.n_issued >= cap)
    }

    /// Makes a run for a config and puts it into the ledger.
    pub(super) async fn issue(&mut self, issue: Issue) -> Result<RunId> {
        let run = self.insert_run(&issue).await?;
        let trial = NewTrial {
            sweep: self.sweep.key,
            number: self.sweep.next_number,
            run: run.0,
            config: to_text(&issue.config)?,
            grid_index: issue.grid_index,
            attempt: issue.attempt,
            prior: false,
            agent: issue.agent,
            outcome: None,
            schedule_id: issue.schedule_id,
            issued_at: self.step.now,
        };
        self.tx.insert_trial(trial).await?;
        let grid_cursor = match (issue.attempt, issue.grid_index) {
            (1, Some(index)) => Some(index + 1),
            _ => None,
        };
        self.patch(SweepPatch {
            next_number: Some(self.sweep.next_number + 1),
            n_issued: Some(self.sweep.n_issued + 1),
            ledger_version: Some(self.sweep.ledger_version + 1),
            grid_cursor,
            ..SweepPatch::default()
        })
        .await?;
        Ok(run.1)
    }

    async fn insert_run(&self, issue: &Issue) -> Result<(RunKey, RunId)> {
        let entropy = &*self.step.entropy;
        let id = random_text(entropy, ID_ALPHABET, 8);
        let id = RunId::new(id).expect("letters and digits make a run id");
        let mut run = NewRun::new(
            self.step.project,
            id.clone(),
            RunState::Pending,
            self.step.now,
        );
        let text = to_text(&issue.config)?;
        let (found, limit) = (text.len() as u64, self.step.config_limit);
        if found > limit {
            let what = "config";
            return Err(TrackingError::TooLarge { what, found, limit });
        }
        run.documents.config = text;
        run.display_name = match &issue.display_name {
            Some(name) => name.clone(),
            None => {
                let project = self.tx.project(self.step.project).await?;
                let number = project.map_or(1, |project| project.next_run_number);
                display_name::generate(entropy, number)
            }
        };
        run.sweep = Some(self.sweep.sweep_id.as_str().to_owned());
        run.user = Some(self.step.user);
        run.program.clone_from(&self.step.plan.config.program);
        let record = self.tx.insert_run(run).await?;
        Ok((record.head.key, id))
    }

    /// What the idle agent is to do next.
    pub(super) async fn next(
        &mut self,
        agent: AgentKey,
        proposed: Option<&Proposed>,
    ) -> Result<Next> {
        self.settle().await?;
        if let Some(command) = self.send_again(agent).await? {
            return Ok(Next::Do(command));
        }
        match self.sweep.state {
            SweepState::Paused => return Ok(Next::Wait),
            SweepState::Finished | SweepState::Canceled => return Ok(Next::Do(Command::Exit)),
            SweepState::Pending => self.set_state(SweepState::Running, None).await?,
            SweepState::Running => {}
        }
        if let Some(command) = self.take_over(agent).await? {
            return Ok(Next::Do(command));
        }
        if self.is_at_cap() {
            return self.finish(DoneReason::RunCap).await;
        }
        if self.step.plan.is_controlled() {
            // What its controller wants waits in the ledger.
            return Ok(Next::Wait);
        }
        let Some((config, grid_index)) = (match self.step.plan.config.method {
            Method::Grid => self.grid_point().await?,
            Method::Random => {
                let number = self.sweep.next_number - 1;
                let proposal = propose(&self.step.plan.config, &[], self.seed(), number);
                config_of(proposal).map(|config| (config, None))
            }
            Method::Bayes => match proposed {
                Some(proposed) if proposed.ledger_version == self.sweep.ledger_version => {
                    match &proposed.proposal {
                        Proposal::Next(next) => Some((next.config.clone(), None)),
                        Proposal::Done(reason) => return self.finish(*reason).await,
                    }
                }
                _ => return Ok(Next::Propose),
            },
            Method::Custom => None,
        }) else {
            return self.finish(DoneReason::Exhausted).await;
        };
        let run = self
            .issue(Issue {
                grid_index,
                ..Issue::first(config.clone(), Some(agent))
            })
            .await?;
        Ok(Next::Do(self.start(run, config, false)))
    }

    /// The seed of the sweep, for the search library.
    fn seed(&self) -> u64 {
        self.sweep.seed.cast_unsigned()
    }

    /// The next point of the grid that no trial has; `None` if there is none left.
    async fn grid_point(&self) -> Result<Option<(Map<String, Value>, Option<u64>)>> {
        let Some(grid) = &self.step.plan.grid else {
            return Ok(None);
        };
        let mut index = self.sweep.grid_cursor;
        loop {
            let used = self
                .tx
                .grid_points_from(self.sweep.key, index, POINTS_AT_ONCE)
                .await?;
            let passed = used.iter().zip(index..).take_while(|(a, b)| **a == *b);
            let n_passed = passed.count() as u64;
            index += n_passed;
            if n_passed < POINTS_AT_ONCE {
                return Ok(grid.point(index).map(|config| (config, Some(index))));
            }
        }
    }

    /// Sends a trial again that the agent was given and does not work on; the reply may have been lost.
    async fn send_again(&mut self, agent: AgentKey) -> Result<Option<Command>> {
        let own: Vec<TrialRecord> = self
            .open
            .iter()
            .filter(|trial| trial.agent == Some(agent))
            .cloned()
            .collect();
        let mut again = None;
        let mut has_failed = false;
        for trial in own {
            let Some(run) = startable(&trial) else {
                continue;
            };
            let was_preempted = run.state == RunState::Preempted;
            if !was_preempted && (trial.seen || trial.n_sent >= MAX_SENDS) {
                let reason = if trial.seen {
                    "its script ended before it started the run".to_owned()
                } else {
                    format!("its script did not start the run, {MAX_SENDS} times")
                };
                self.fail_unstarted(&trial, run, reason).await?;
                has_failed = true;
                continue;
            }
            let may_go_on = self.sweep.state != SweepState::Canceled
                && !(was_preempted && !self.sweep.state.is_open());
            if may_go_on && again.is_none() {
                again = Some(self.give(&trial, run, agent).await?);
            }
        }
        if has_failed {
            self.open = self.tx.open_trials(self.sweep.key).await?;
        }
        Ok(again)
    }

    /// Ends a trial whose run was never started, and the run.
    async fn fail_unstarted(
        &mut self,
        trial: &TrialRecord,
        run: &TrialRun,
        reason: String,
    ) -> Result<()> {
        let patch = ballast_meta::RunPatch {
            state: Some(RunState::Failed),
            ended_at: Some(Some(self.step.now)),
            ..ballast_meta::RunPatch::default()
        };
        self.tx.update_run(run.key, patch, self.step.now).await?;
        self.end(trial, TrialEnd::Failed, Some(reason)).await
    }

    /// Gives the agent a trial that waits for one, or whose agent is lost.
    async fn take_over(&mut self, agent: AgentKey) -> Result<Option<Command>> {
        let startable: Vec<(TrialRecord, TrialRun)> = self
            .open
            .iter()
            .filter_map(|trial| Some((trial.clone(), startable(trial)?.clone())))
            .collect();
        if startable.is_empty() {
            return Ok(None);
        }
        let keys: Vec<AgentKey> = startable
            .iter()
            .filter_map(|(trial, _)| trial.agent)
            .collect();
        let agents: HashMap<AgentKey, AgentRecord> = self
            .tx
            .agents_by_keys(&keys)
            .await?
            .into_iter()
            .map(|agent| (agent.key, agent))
            .collect();
        let is_gone =
            |agent: &AgentRecord| agent.exited || agent.heartbeat_at < self.step.lost_before;
        let free = startable.into_iter().find(|(trial, run)| {
            let holder = trial.agent.and_then(|agent| agents.get(&agent));
            // A preempted run goes to whoever comes first, unless it has just been given to someone.
            let was_left = run.state == RunState::Preempted && trial.seen;
            was_left || holder.is_none_or(is_gone)
        });
        match free {
            Some((trial, run)) => self.give(&trial, &run, agent).await.map(Some),
            None => Ok(None),
        }
    }

    /// Gives a trial that is in the ledger to an agent.
    async fn give(
        &mut self,
        trial: &TrialRecord,
        run: &TrialRun,
        agent: AgentKey,
    ) -> Result<Command> {
        let is_repeated = trial.agent == Some(agent) && !trial.seen;
        let patch = TrialPatch {
            agent: Some(Some(agent)),
            n_sent: Some(if is_repeated { trial.n_sent + 1 } else { 1 }),
            seen: Some(false),
            ..TrialPatch::default()
        };
        self.tx
            .update_trial(self.sweep.key, trial.number, patch)
            .await?;
        let resume = run.state == RunState::Preempted;
        Ok(self.start(run.run_id.clone(), parse_config(trial)?, resume))
    }

    fn start(&self, run: RunId, config: Map<String, Value>, resume: bool) -> Command {
        let program = self.step.plan.config.program.clone();
        Command::Run {
            run,
            program: program.unwrap_or_default(),
            config,
            resume,
        }
    }

    /// Ends the sweep, unless a trial may still come back to be done by someone else; then the agent waits.
    async fn finish(&mut self, reason: DoneReason) -> Result<Next> {
        if self.may_come_back() {
            return Ok(Next::Wait);
        }
        self.set_state(SweepState::Finished, Some(reason.to_string()))
            .await?;
        Ok(Next::Do(Command::Exit))
    }

    /// Whether an open trial may have to be given to another agent.
    fn may_come_back(&self) -> bool {
        let max_retries = u64::from(self.step.plan.config.on_failure.max_retries);
        let may_retry = !self.is_at_cap();
        self.open.iter().any(|trial| {
            let state = trial.run.as_ref().map(|run| run.state);
            match state {
                Some(RunState::Pending | RunState::Preempting | RunState::Preempted) => true,
                Some(RunState::Running) => may_retry && trial.attempt <= max_retries,
                _ => false,
            }
        })
    }

    /// Whether everything that the config asks for was given out and nothing may come back; why, if so.
    pub(super) async fn is_done(&self) -> Result<Option<DoneReason>> {
        if self.may_come_back() {
            return Ok(None);
        }
        if self.is_at_cap() {
            return Ok(Some(DoneReason::RunCap));
        }
        let is_grid = self.step.plan.grid.is_some() && !self.step.plan.is_controlled();
        if is_grid && self.grid_point().await?.is_none() {
            return Ok(Some(DoneReason::Exhausted));
        }
        Ok(None)
    }
}

/// The run of an open trial that an agent could start.
fn startable(trial: &TrialRecord) -> Option<&TrialRun> {
    let run = trial.run.as_ref()?;
    let may_start = matches!(run.state, RunState::Pending | RunState::Preempted);
    (may_start && trial.outcome.is_none() && !trial.stopping && !run.is_deleted).then_some(run)
}

/// How an open trial ended, by its run.
fn end_of(trial: &TrialRecord) -> Option<TrialEnd> {
    let Some(run) = trial.run.as_ref().filter(|run| !run.is_deleted) else {
        return Some(TrialEnd::Deleted);
    };
    let end = match run.state {
        RunState::Finished => TrialEnd::Finished,
        RunState::Failed => TrialEnd::Failed,
        RunState::Killed => TrialEnd::Killed,
        RunState::Crashed => TrialEnd::Lost,
        RunState::Pending | RunState::Running | RunState::Preempting | RunState::Preempted => {
            return None;
        }
    };
    Some(if trial.stopping {
        TrialEnd::Stopped
    } else {
        end
    })
}

fn config_of(proposal: Proposal) -> Option<Map<String, Value>> {
    match proposal {
        Proposal::Next(next) => Some(next.config),
        Proposal::Done(_) => None,
    }
}

/// The stored text of parameters.
pub(super) fn to_text(config: &Map<String, Value>) -> Result<String> {
    serde_json::to_string(config).map_err(TrackingError::internal)
}

/// The parameters of a stored trial.
pub(super) fn parse_config(trial: &TrialRecord) -> Result<Map<String, Value>> {
    serde_json::from_str(&trial.config).map_err(|error| {
        TrackingError::internal(format!(
            "column `config` of trial {} of sweep {} is unreadable: {error}",
            trial.number, trial.sweep
        ))
    })
}
