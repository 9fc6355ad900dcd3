//! The life of a run.

use std::time::Duration;

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::parse;
use super::sources::Sources;

static HEARTBEAT_LIMIT: Key<Duration> = Key {
    info: KeyInfo {
        name: "heartbeat_limit",
        placeholder: "TIME",
        doc: "How long a run may be silent before it counts as crashed. Clients give a sign of life every 30 seconds or so, also when they log nothing.",
        expected: "seconds, or a time with units such as `90s` or `5m`",
        default: DefaultValue::Text("5m"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::duration,
};

static AGENT_LIMIT: Key<Duration> = Key {
    info: KeyInfo {
        name: "agent_limit",
        placeholder: "TIME",
        doc: "How long an agent of a sweep may be silent before what it was given and did not start goes to another. Agents report every 5 seconds or so.",
        expected: "seconds, or a time with units such as `90s` or `5m`",
        default: DefaultValue::Text("5m"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::duration,
};

static FOLD_ENDED_AFTER: Key<Duration> = Key {
    info: KeyInfo {
        name: "fold_ended_after",
        placeholder: "TIME",
        doc: "How long after its end a run's history is written as Parquet, where other programs can read it. The history of long runs is written while they go on.",
        expected: "seconds, or a time with units such as `90s` or `5m`",
        default: DefaultValue::Text("10m"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::duration,
};

static FOLD_BYTES: Key<u64> = Key {
    info: KeyInfo {
        name: "fold_bytes",
        placeholder: "SIZE",
        doc: "How much history a run may have in the database, compressed, before it is written as Parquet while the run goes on.",
        expected: "bytes, or a size with a unit such as `4 MiB`",
        default: DefaultValue::Text("4 MiB"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::size,
};

static FOLD_CHUNKS: Key<u64> = Key {
    info: KeyInfo {
        name: "fold_chunks",
        placeholder: "NUMBER",
        doc: "How many reports of a run may be in the database before they are written as Parquet while the run goes on, however small they are. Each is a read of its own for whoever looks at the run.",
        expected: "a whole number",
        default: DefaultValue::Text("256"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::from_str,
};

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Runs",
    keys: &[
        &HEARTBEAT_LIMIT.info,
        &AGENT_LIMIT.info,
        &FOLD_ENDED_AFTER.info,
        &FOLD_BYTES.info,
        &FOLD_CHUNKS.info,
    ],
};

/// The life of a run.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    pub(crate) heartbeat_limit: Duration,
    pub(crate) agent_limit: Duration,
    pub(crate) fold_ended_after: Duration,
    pub(crate) fold_bytes: u64,
    pub(crate) fold_chunks: u64,
}

impl Runs {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self {
            heartbeat_limit: sources.value(&HEARTBEAT_LIMIT)?,
            agent_limit: sources.value(&AGENT_LIMIT)?,
            fold_ended_after: sources.value(&FOLD_ENDED_AFTER)?,
            fold_bytes: sources.value(&FOLD_BYTES)?,
            fold_chunks: sources.value(&FOLD_CHUNKS)?,
        })
    }
}
