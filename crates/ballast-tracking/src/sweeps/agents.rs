//! Agents: processes that run the trials of a sweep, one after the other, and ask for the next.

use std::collections::BTreeSet;

use ballast_meta::{AgentRecord, MetaError, NewAgent, SweepRecord, TrialPatch};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{AgentKey, RunId, SweepPath, SweepState};
use ballast_sweep::Method;

use super::ledger::{Ledger, Next, Proposed};
use super::{Agent, AgentState, Command, Heartbeat};
use crate::projects::Project;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Longest name of a machine that is kept, in characters.
const MAX_HOST_CHARACTERS: usize = 256;
/// An agent works on so many runs at most.
const MAX_ALIVE: usize = 1_000;
/// So often it is tried to give an agent something while others or edits of the config are faster.
const MAX_ROUNDS: usize = 16;

impl Tracking {
    /// Registers an agent of a sweep. The sweep runs from the first one on.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`]; [`TrackingError::Forbidden`] if the caller's role is too small;
    /// [`TrackingError::Conflict`] if the sweep has ended.
    pub async fn register_agent(
        &self,
        caller: &Caller,
        path: &SweepPath,
        host: &str,
    ) -> Result<Agent> {
        let (project, record) = self.sweep_for(caller, path, Access::Write).await?;
        let plan = self.plan_of(&record).await?;
        let step = self.step(caller, &project, &record, plan);
        let name = random_text(&*self.inner.entropy, ID_ALPHABET, 8);
        let agent = NewAgent {
            sweep: record.key,
            user: caller.user,
            name,
            host: host.chars().take(MAX_HOST_CHARACTERS).collect(),
            created_at: step.now,
        };
        let (gone, full_name) = (super::find::sweep_not_found(path), path.to_string());
        let key = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let Some(mut ledger) = Ledger::lock(tx, &step).await? else {
                        return Err(gone);
                    };
                    if !ledger.sweep.state.is_open() {
                        return Err(TrackingError::Conflict(ended(&full_name, &ledger.sweep)));
                    }
                    let key = tx.insert_agent(agent).await?;
                    if ledger.sweep.state == SweepState::Pending {
                        ledger.set_state(SweepState::Running, None).await?;
                    }
                    Ok(key)
                })
            })
            .await?;
        self.inner.live.poke();
        self.agent_of(&record, key).await
    }

    /// Takes the report of an agent that it works on the runs `alive`, and tells it what to do.
    ///
    /// A new trial comes only to an agent that works on nothing, and one at a time. What an agent was given and says nothing
    /// of is sent again.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the agent or its sweep does not exist or is not the caller's;
    /// [`TrackingError::Forbidden`] if the caller's role in the project is too small.
    pub async fn agent_heartbeat(
        &self,
        caller: &Caller,
        agent: AgentKey,
        alive: &BTreeSet<RunId>,
    ) -> Result<Heartbeat> {
        if alive.len() > MAX_ALIVE {
            return Err(TrackingError::Invalid(format!(
                "an agent works on {MAX_ALIVE} runs at most, got {}",
                alive.len()
            )));
        }
        let (project, sweep, record) = self.agent_for(caller, agent).await?;
        let commands = if alive.is_empty() {
            self.next_command(caller, &project, &sweep, &record).await?
        } else {
            self.stops(&sweep, &record, alive).await?
        };
        let run = commands.iter().find_map(|command| match command {
            Command::Run { run, .. } => Some(run),
            Command::Stop { .. } | Command::Exit => None,
        });
        let agent = Agent {
            state: match commands.first() {
                Some(Command::Exit) => AgentState::Finished,
                _ => AgentState::Running,
            },
            user: caller.username().to_owned(),
            n_trials: self.inner.meta.read().count_trials_of_agent(agent).await?,
            run: run.or_else(|| alive.first()).cloned(),
            key: record.key,
            name: record.name,
            host: record.host,
            created_at: record.created_at,
            heartbeat_at: self.inner.clock.now(),
        };
        Ok(Heartbeat {
            sweep: SweepPath {
                entity: project.entity,
                project: project.name,
                sweep: sweep.sweep_id.clone(),
            },
            agent,
            commands,
        })
    }

    async fn agent_for(
        &self,
        caller: &Caller,
        key: AgentKey,
    ) -> Result<(Project, SweepRecord, AgentRecord)> {
        let db = self.inner.meta.read();
        let missing = || TrackingError::not_found("agent", key);
        let agent = db.agent(key).await?.ok_or_else(missing)?;
        let sweep = db.sweep(agent.sweep).await?.ok_or_else(missing)?;
        let project = self.lookup_project_by_key(caller, sweep.project).await?;
        let project = project.ok_or_else(missing)?;
        project.check(Access::Write)?;
        Ok((project, sweep, agent))
    }

    async fn agent_of(&self, sweep: &SweepRecord, key: AgentKey) -> Result<Agent> {
        let record = self.inner.meta.read().agent(key).await?;
        let record = record.ok_or_else(|| TrackingError::not_found("agent", key))?;
        let mut agents = self.agents_of(sweep, vec![record]).await?;
        Ok(agents.pop().expect("one record gives one agent"))
    }

    /// What an agent that works on nothing is to do.
    async fn next_command(
        &self,
        caller: &Caller,
        project: &Project,
        sweep: &SweepRecord,
        agent: &AgentRecord,
    ) -> Result<Vec<Command>> {
        let plan = self.plan_of(sweep).await?;
        if plan.config.method != Method::Bayes {
            return self
                .ask_ledger(caller, project, sweep, agent, None)
                .await
                .map(|(told, _)| told);
        }
        // Agents that ask at the same time come one after the other, so that each proposal knows those before it.
        let place = self.proposal_place(sweep.key).await;
        let mut prepared = place.lock().await;
        let (told, has_taken) = self
            .ask_ledger(caller, project, sweep, agent, prepared.take())
            .await?;
        drop(prepared);
        if has_taken {
            self.prepare_proposal(sweep.key);
        }
        Ok(told)
    }

    /// Asks the ledger for work until there is an answer. The flag tells whether a proposal was taken.
    async fn ask_ledger(
        &self,
        caller: &Caller,
        project: &Project,
        sweep: &SweepRecord,
        agent: &AgentRecord,
        mut proposed: Option<Proposed>,
    ) -> Result<(Vec<Command>, bool)> {
        let mut sweep = sweep.clone();
        for _ in 0..MAX_ROUNDS {
            let plan = self.plan_of(&sweep).await?;
            let step = self.step(caller, project, &sweep, plan);
            let (key, given) = (agent.key, proposed.clone());
            let next = self
                .inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        let Some(mut ledger) = Ledger::lock(tx, &step).await? else {
                            return Ok(Next::Gone);
                        };
                        if !ledger.is_current() {
                            return Ok(Next::Outdated);
                        }
                        let next = ledger.next(key, given.as_ref()).await?;
                        let exits = matches!(next, Next::Do(Command::Exit));
                        tx.touch_agent(key, exits, step.now).await?;
                        Ok::<_, TrackingError>(next)
                    })
                })
                .await?;
            match next {
                Next::Do(command) => {
                    self.inner.live.poke();
                    let has_taken = proposed.is_some() && command != Command::Exit;
                    return Ok((vec![command], has_taken));
                }
                Next::Wait => return Ok((Vec::new(), false)),
                Next::Propose => proposed = self.propose(sweep.key).await?,
                Next::Outdated => {
                    let current = self.inner.meta.read().sweep(sweep.key).await?;
                    sweep = current
                        .ok_or_else(|| TrackingError::not_found("sweep", &sweep.sweep_id))?;
                }
                Next::Gone => return Err(TrackingError::not_found("sweep", &sweep.sweep_id)),
            }
        }
        // Others were faster each time; the agent asks again in some seconds.
        Ok((Vec::new(), false))
    }

    /// Which of the runs that an agent works on it is to stop.
    async fn stops(
        &self,
        sweep: &SweepRecord,
        agent: &AgentRecord,
        alive: &BTreeSet<RunId>,
    ) -> Result<Vec<Command>> {
        let now = self.inner.clock.now();
        let (sweep_key, agent_key) = (sweep.key, agent.key);
        let runs: Vec<RunId> = alive.iter().cloned().collect();
        let plan = self.plan_of(sweep).await?;
        self.inner
            .meta
            .write({
                let runs = runs.clone();
                move |tx| {
                    Box::pin(async move {
                        tx.touch_agent(agent_key, false, now).await?;
                        for trial in tx.trials_by_runs(sweep_key, &runs).await? {
                            if trial.agent == Some(agent_key) && !trial.seen {
                                let patch = TrialPatch {
                                    seen: Some(true),
                                    ..TrialPatch::default()
                                };
                                tx.update_trial(sweep_key, trial.number, patch).await?;
                            }
                        }
                        Ok::<_, MetaError>(())
                    })
                }
            })
            .await?;
        self.stop_early(sweep, &plan).await?;
        let trials = self
            .inner
            .meta
            .read()
            .trials_by_runs(sweep_key, &runs)
            .await?;
        let stops = trials.into_iter().filter_map(|trial| {
            let run = trial.run?;
            // It was given to another agent meanwhile, since this one was silent.
            let is_others = trial.agent.is_some_and(|agent| agent != agent_key);
            let is_unwanted = run.stop_requested
                || trial.stopping
                || run.is_deleted
                || sweep.state == SweepState::Canceled;
            // What has ended is about to be dropped by the agent itself.
            let is_stopped = is_others || (is_unwanted && trial.outcome.is_none());
            is_stopped.then_some(Command::Stop { run: run.run_id })
        });
        Ok(stops.collect())
    }
}

/// Why an ended sweep has no work, and what to do about it.
fn ended(name: &str, sweep: &SweepRecord) -> String {
    let reason = sweep.state_reason.as_ref();
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    format!(
        "sweep `{name}` is {}{reason} and gives out no runs; resume it to go on",
        sweep.state
    )
}

impl Tracking {
    /// Notes the ends of trials of all sweeps, and ends sweeps that are done, so that this needs no agent that asks. Returns
    /// how many sweeps were looked at.
    pub async fn settle_sweeps(&self) -> Result<usize> {
        let states = [SweepState::Pending, SweepState::Running, SweepState::Paused];
        let db = self.inner.meta.read();
        let keys = db.sweeps_with_open_trials(&states).await?;
        let mut n_settled = 0;
        for key in keys {
            let Some(sweep) = self.inner.meta.read().sweep(key).await? else {
                continue;
            };
            // Retries belong to whoever made the sweep.
            let Some(user) = sweep.user else { continue };
            let plan = self.plan_of(&sweep).await?;
            let step = self.step_for(user, sweep.project, &sweep, plan);
            self.inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        let Some(mut ledger) = Ledger::lock(tx, &step).await? else {
                            return Ok(());
                        };
                        if !ledger.is_current() {
                            return Ok(());
                        }
                        ledger.settle().await?;
                        if ledger.sweep.state == SweepState::Running
                            && let Some(reason) = ledger.is_done().await?
                        {
                            ledger
                                .set_state(SweepState::Finished, Some(reason.to_string()))
                                .await?;
                        }
                        Ok::<_, TrackingError>(())
                    })
                })
                .await?;
            n_settled += 1;
        }
        Ok(n_settled)
    }
}
