//! Sweeps, their agents, and the ledger of their trials.

mod read;
mod records;
mod write;

pub use records::{
    AgentRecord, NewAgent, NewSweep, NewTrial, SweepPatch, SweepRecord, TrialCount, TrialEnd,
    TrialPatch, TrialRecord, TrialRun,
};
