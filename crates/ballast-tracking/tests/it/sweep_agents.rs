//! Hundreds of agents that race, crash, come back, time out and lose replies, on two servers that are killed on the way:
//! every point of a grid is tried once, or as often as the config says, and no run is started by two agents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use ballast_model::{AgentKey, RunId, RunPath, SweepState};
use ballast_tracking::history::Append;
use ballast_tracking::sweeps::{Command, NewSweep, Trial, TrialOutcome};
use ballast_tracking::{Tracking, TrackingError};
use futures::future::join_all;

use crate::interrupt::{Death, killed};
use crate::support::{World, upsert};

/// 96 points, of which one in eight or so fails or is lost.
const CONFIG: &str = "
method: grid
on_failure: {max_retries: 2}
parameters:
  a: {values: [1, 2, 3, 4]}
  b: {min: 1, max: 6}
  c: {parameters: {d: {values: [x, y, z, w]}}}
";
const N_POINTS: u64 = 96;
const MAX_ATTEMPTS: u64 = 3;
/// So many agents are there at a time; whoever goes is followed by another.
const N_AGENTS: usize = 40;
/// A heartbeat dies while it waits for one of its first so many times.
const WAITS: u64 = 12;
/// More rounds than any seed needs.
const MAX_ROUNDS: usize = 2_000;

/// Numbers that a seed decides.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Where a heartbeat dies; every sixth does.
    fn death(&mut self) -> Option<(usize, Death)> {
        let death = [Death::Waiting, Death::Answered][self.below(2) as usize];
        let nth = self.below(WAITS) as usize + 1;
        self.one_in(6).then_some((nth, death))
    }
}

/// What an agent does.
#[derive(Debug, Clone, PartialEq)]
enum Doing {
    Nothing,
    /// It was given a run and has not started it.
    Starting(RunId),
    /// The run reports for so many rounds.
    Running(RunId, u64),
}

#[derive(Debug)]
struct Agent {
    key: AgentKey,
    doing: Doing,
    /// It says nothing for so many rounds.
    silent_for: u64,
    is_gone: bool,
}

impl Agent {
    fn alive(&self) -> BTreeSet<RunId> {
        match &self.doing {
            Doing::Nothing => BTreeSet::new(),
            Doing::Starting(run) | Doing::Running(run, _) => [run.clone()].into(),
        }
    }
}

/// A heartbeat of a round: the agent's place, what it works on, the server, and where the heartbeat dies.
type Beat = (usize, BTreeSet<RunId>, usize, Option<(usize, Death)>);

/// How often things were seen on the way.
#[derive(Debug, Default)]
struct Seen {
    agents: usize,
    lost_replies: usize,
    gone: usize,
    returned: usize,
    retries: usize,
}

async fn register(
    world: &World,
    server: &Tracking,
    sweep: &ballast_model::SweepPath,
) -> Option<Agent> {
    match server.register_agent(&world.ada, sweep, "box").await {
        Ok(agent) => Some(Agent {
            key: agent.key,
            doing: Doing::Nothing,
            silent_for: 0,
            is_gone: false,
        }),
        // It ended meanwhile.
        Err(TrackingError::Conflict(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

async fn report(world: &World, server: &Tracking, run: &RunId, exit_code: Option<i32>) {
    let path = RunPath::new("ada", "vision", run.as_str()).expect("valid names");
    let append = Append {
        exit_code,
        ..Append::default()
    };
    let reported = server.append(&world.ada, &path, append).await;
    reported.expect("the run is there");
}

async fn every_point_is_tried_once(world: &World, seed: u64) -> Seen {
    let mut numbers = Numbers(seed);
    let mut servers = [world.another_server().await, world.another_server().await];
    let new = NewSweep {
        config: CONFIG.to_owned(),
        ..NewSweep::default()
    };
    let project = "vision".parse().expect("a name");
    let sweep = world
        .tracking
        .create_sweep(&world.ada, None, &project, new)
        .await
        .expect("a sweep")
        .sweep
        .path();
    let mut seen = Seen::default();
    let mut agents: Vec<Agent> = Vec::new();
    // Which agent started a run.
    let mut started: HashMap<RunId, AgentKey> = HashMap::new();
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds < MAX_ROUNDS, "seed {seed} does not come to an end");
        agents.retain(|agent| !agent.is_gone);
        while agents.len() < N_AGENTS {
            let server = &servers[numbers.below(2) as usize];
            let Some(agent) = register(world, server, &sweep).await else {
                break;
            };
            seen.agents += 1;
            agents.push(agent);
        }
        if numbers.one_in(20) {
            // One of the servers is killed, with whatever it had in memory, and another takes its place.
            servers[numbers.below(2) as usize] = world.another_server().await;
        }
        let asked: Vec<Beat> = agents
            .iter()
            .enumerate()
            .filter(|(_, agent)| agent.silent_for == 0)
            .map(|(index, agent)| {
                let server = numbers.below(2) as usize;
                (index, agent.alive(), server, numbers.death())
            })
            .collect();
        let replies = join_all(asked.iter().map(|(index, alive, server, death)| {
            let beat = servers[*server].agent_heartbeat(&world.ada, agents[*index].key, alive);
            async move {
                match death {
                    Some((nth, death)) => killed(beat, *nth, *death).await,
                    None => Some(beat.await),
                }
            }
        }))
        .await;
        let mut heard: HashMap<usize, Vec<Command>> = HashMap::new();
        for ((index, ..), reply) in asked.iter().zip(replies) {
            match reply {
                Some(Ok(heartbeat)) => drop(heard.insert(*index, heartbeat.commands)),
                // PostgreSQL may let one of two transactions go that wait for each other.
                Some(Err(TrackingError::Unavailable(_))) | None => seen.lost_replies += 1,
                Some(Err(error)) => panic!("seed {seed}: {error:?}"),
            }
        }
        for (index, agent) in agents.iter_mut().enumerate() {
            if agent.silent_for > 0 {
                agent.silent_for -= 1;
                if agent.silent_for == 0 {
                    seen.returned += 1;
                }
                continue;
            }
            let Some(commands) = heard.get(&index) else {
                continue;
            };
            assert!(commands.len() <= 1, "{commands:?}");
            act(world, &servers, agent, commands, &mut numbers, &mut started).await;
        }
        // Work that has begun goes on, whoever listens.
        for agent in &mut agents {
            if let Doing::Running(run, rounds_left) = &mut agent.doing {
                let server = &servers[numbers.below(2) as usize];
                if *rounds_left > 0 {
                    *rounds_left -= 1;
                    report(world, server, run, None).await;
                    if numbers.one_in(20) {
                        // The machine is lost with its run.
                        agent.is_gone = true;
                        seen.gone += 1;
                    }
                } else {
                    let exit_code = i32::from(numbers.one_in(8));
                    report(world, server, run, Some(exit_code)).await;
                    agent.doing = Doing::Nothing;
                }
            } else if numbers.one_in(25) {
                agent.is_gone = true;
                seen.gone += 1;
            } else if agent.silent_for == 0 && numbers.one_in(25) {
                agent.silent_for = numbers.below(12) + 1;
            }
        }
        world.clock.advance(Duration::from_secs(numbers.below(90)));
        world.tracking.sweep_silent_runs().await.expect("swept");
        if numbers.one_in(4) {
            let server = &servers[numbers.below(2) as usize];
            server.settle_sweeps().await.expect("settled");
        }
        let state = world.tracking.get_sweep(&world.ada, &sweep).await;
        let state = state.expect("the sweep").state;
        if state == SweepState::Finished {
            break;
        }
        assert_eq!(state, SweepState::Running);
    }
    // What still runs comes to its end.
    for agent in &agents {
        if let Doing::Running(run, _) = &agent.doing
            && !agent.is_gone
        {
            report(world, &world.tracking, run, Some(0)).await;
        }
    }
    world.clock.advance(Duration::from_hours(1));
    world.tracking.sweep_silent_runs().await.expect("swept");
    check(world, &sweep, seed, &mut seen).await;
    seen
}

/// What an agent makes of its commands.
async fn act(
    world: &World,
    servers: &[Tracking; 2],
    agent: &mut Agent,
    commands: &[Command],
    numbers: &mut Numbers,
    started: &mut HashMap<RunId, AgentKey>,
) {
    match (commands.first(), agent.doing.clone()) {
        (Some(Command::Run { run, resume, .. }), doing) => {
            assert_eq!(doing, Doing::Nothing, "a busy agent was given a run");
            assert!(!resume);
            assert_eq!(
                started.get(run),
                None,
                "run `{run}` was given after it was started"
            );
            // Some scripts end before they start their run.
            if !numbers.one_in(12) {
                agent.doing = Doing::Starting(run.clone());
            }
        }
        (Some(Command::Stop { run }), doing) => {
            // Nobody stops runs here but those that were given to others, which no agent starts.
            assert_eq!(doing, Doing::Starting(run.clone()));
            agent.doing = Doing::Nothing;
        }
        (Some(Command::Exit), doing) => {
            assert_eq!(doing, Doing::Nothing, "a busy agent was sent home");
            agent.is_gone = true;
        }
        (None, Doing::Starting(run)) => {
            let server = &servers[numbers.below(2) as usize];
            let upserted = server.upsert_run(&world.ada, upsert(run.as_str())).await;
            assert!(!upserted.expect("upserted").inserted);
            let before = started.insert(run.clone(), agent.key);
            assert_eq!(before, None, "run `{run}` was started twice");
            agent.doing = Doing::Running(run, numbers.below(4));
        }
        (None, _) => {}
    }
}

/// The ledger has each point, and each as often as it should.
async fn check(world: &World, sweep: &ballast_model::SweepPath, seed: u64, seen: &mut Seen) {
    let trials = world
        .tracking
        .list_trials(&world.ada, sweep, None, 10_000)
        .await
        .expect("trials")
        .items;
    let mut by_point: BTreeMap<u64, Vec<&Trial>> = BTreeMap::new();
    for trial in &trials {
        let point = trial.grid_index.expect("a point of the grid");
        by_point.entry(point).or_default().push(trial);
    }
    let points: Vec<u64> = by_point.keys().copied().collect();
    assert_eq!(points, (0..N_POINTS).collect::<Vec<_>>(), "seed {seed}");
    let mut configs = BTreeSet::new();
    for (point, trials) in &by_point {
        let attempts: Vec<u64> = trials.iter().map(|trial| trial.attempt).collect();
        let expected: Vec<u64> = (1..=attempts.len() as u64).collect();
        assert_eq!(attempts, expected, "seed {seed}, point {point}");
        let (last, before) = trials.split_last().expect("a trial");
        let is_failure =
            |trial: &Trial| matches!(trial.outcome, TrialOutcome::Failed | TrialOutcome::Lost);
        assert!(
            before.iter().all(|trial| is_failure(trial)),
            "seed {seed}, point {point}"
        );
        let is_over = last.outcome == TrialOutcome::Finished
            || (is_failure(last) && last.attempt == MAX_ATTEMPTS);
        assert!(is_over, "seed {seed}, point {point}: {last:?}");
        seen.retries += before.len();
        let text = serde_json::to_string(&last.config).expect("JSON");
        assert!(
            configs.insert(text),
            "seed {seed}: two points have one config"
        );
    }
    let runs: BTreeSet<&RunId> = trials
        .iter()
        .filter_map(|trial| trial.run.as_ref())
        .collect();
    assert_eq!(runs.len(), trials.len(), "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_is_tried_once_on_sqlite() {
    let mut all = Seen::default();
    for seed in 1..=6 {
        let seen = every_point_is_tried_once(&World::new().await, seed).await;
        all.agents += seen.agents;
        all.lost_replies += seen.lost_replies;
        all.gone += seen.gone;
        all.returned += seen.returned;
        all.retries += seen.retries;
    }
    // What races decide how much there is of each.
    assert!(all.agents > 250 && all.lost_replies > 100, "{all:?}");
    assert!(
        all.gone > 10 && all.returned > 10 && all.retries > 10,
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_is_tried_once_on_postgres() {
    World::on_postgres(async |world| {
        let seen = every_point_is_tried_once(&world, 7).await;
        assert!(seen.lost_replies > 10 && seen.gone > 0, "{seen:?}");
    })
    .await;
}
