//! What is logged, and how.

use tracing_subscriber::EnvFilter;

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::sources::Sources;

static LOG_FORMAT: Key<LogFormat> = Key {
    info: KeyInfo {
        name: "log_format",
        placeholder: "FORMAT",
        doc: "How log lines are written to stderr: `text` for people, `json` for machines, one object a line.",
        expected: "`text` or `json`",
        default: DefaultValue::Text("text"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: log_format,
};

static LOG_LEVEL: Key<String> = Key {
    info: KeyInfo {
        name: "log_level",
        placeholder: "LEVEL",
        doc: "What is logged: `error`, `warn`, `info`, `debug` or `trace`, or levels by crate such as `info,ballast_wandb=debug`. At `debug`, every request is logged.",
        expected: "a level such as `info`, or levels by crate such as `info,ballast_wandb=debug`",
        default: DefaultValue::Text("info"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: log_level,
};

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Logging",
    keys: &[&LOG_FORMAT.info, &LOG_LEVEL.info],
};

/// What is logged, and how.
#[derive(Debug, Clone)]
pub(crate) struct Logging {
    pub(crate) format: LogFormat,
    /// Directives of `tracing_subscriber`'s filter, which have been checked.
    pub(crate) level: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Logging {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self {
            format: sources.value(&LOG_FORMAT)?,
            level: sources.value(&LOG_LEVEL)?,
        })
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(String::new()),
    }
}

/// The filter would take a misspelt level for the name of a crate, so a bare word must be a level.
fn log_level(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
    for directive in text.split(',') {
        let level = directive.rsplit('=').next().unwrap_or_default().trim();
        if !is_level(level) {
            return Err(format!("`{level}` is no level"));
        }
    }
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}
