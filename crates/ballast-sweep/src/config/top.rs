//! The whole of a configuration.

use serde_json::Value;

use super::error::ConfigError;
use super::node::{Kind, Node};
use super::read::{Notes, Section};
use super::{
    Controller, Method, OnFailure, Parsed, SweepConfig, WarmStart, early_terminate, keys, metrics,
    parameters, yaml,
};

impl SweepConfig {
    /// Reads a text of YAML, or of JSON, which is YAML as well.
    ///
    /// At most 4 MiB, 32 levels and 200,000 values. Unlike [`Self::parse_json`] it sees keys that are there twice.
    ///
    /// # Errors
    /// [`ConfigError`] with all that is wrong with it.
    pub fn parse_yaml(text: &str) -> Result<Parsed, ConfigError> {
        let mut notes = Notes::default();
        let node = yaml::read(text, &mut notes.problems)?;
        read(&node, notes)
    }

    /// Takes a value of JSON over.
    ///
    /// # Errors
    /// [`ConfigError`] with all that is wrong with it.
    pub fn parse_json(value: &Value) -> Result<Parsed, ConfigError> {
        read(&Node::from_json(value)?, Notes::default())
    }
}

fn read(node: &Node, mut notes: Notes) -> Result<Parsed, ConfigError> {
    let config = whole(node, &mut notes);
    match config {
        Some(config) if notes.problems.is_empty() => Ok(Parsed {
            config,
            warnings: notes.warnings,
        }),
        _ => Err(ConfigError::new(notes.problems)),
    }
}

fn whole(node: &Node, notes: &mut Notes) -> Option<SweepConfig> {
    let expected = "a mapping with `method` and `parameters`";
    let mut top = Section::open("", node, expected, notes)?;
    let method = method(&mut top, notes);
    let objectives = metrics::read(&mut top, method, notes);
    let space = parameters::read(&mut top, method, notes);
    let early_terminate = early_terminate::read(&mut top, &objectives, notes);
    let run_cap = top.integer("run_cap", 1..=i64::MAX, notes);
    let on_failure = on_failure(&mut top, notes);
    let warm_start = warm_start(&mut top, notes);
    let controller = controller(&mut top, notes);
    let command = command(&mut top, notes);
    let program = top.text("program", notes);
    let name = top.text("name", notes);
    let description = top.text("description", notes);
    let entity = top.text("entity", notes);
    let project = top.text("project", notes);
    let scheduler = top.value("scheduler", notes);
    for key in ["job", "image_uri"] {
        if top.text(key, notes).is_some() {
            notes.warn(format!("`{key}` is ignored: there are no launch queues"));
        }
    }
    top.take("apiVersion");
    if let Some(kind) = top.text("kind", notes).filter(|kind| kind != "sweep") {
        notes.problem("kind", None, format!("found `{kind}`, expected `sweep`"));
    }
    top.warn_of_rest(&keys::TOP, notes);
    Some(SweepConfig {
        method: method?,
        space,
        objectives,
        early_terminate,
        run_cap: run_cap.map(|cap| cap as u64),
        on_failure,
        warm_start,
        controller,
        command,
        program,
        name,
        description,
        entity,
        project,
        scheduler: scheduler.filter(|value| !value.is_null()),
    })
}

fn method(top: &mut Section<'_>, notes: &mut Notes) -> Option<Method> {
    let methods = [
        ("grid", Method::Grid),
        ("random", Method::Random),
        ("bayes", Method::Bayes),
        ("custom", Method::Custom),
    ];
    if !top.has("method") {
        let message = "is missing, expected `grid`, `random` or `bayes`";
        notes.problem("method", top.line, message);
        return None;
    }
    let n_problems = notes.problems.len();
    let line = top.line;
    let method = top.choice("method", &methods, notes);
    if method.is_none() && notes.problems.len() == n_problems {
        notes.problem(
            "method",
            line,
            "found nothing, expected `grid`, `random` or `bayes`",
        );
    }
    method
}

fn on_failure(top: &mut Section<'_>, notes: &mut Notes) -> OnFailure {
    let Some(node) = top
        .take("on_failure")
        .filter(|node| node.kind != Kind::Null)
    else {
        return OnFailure::default();
    };
    let expected = "a mapping with `max_retries` or `stop_after_failures`";
    let Some(mut section) = Section::open("on_failure", node, expected, notes) else {
        return OnFailure::default();
    };
    let max_retries = section.integer("max_retries", 0..=100, notes);
    let stop_after_failures = section.integer("stop_after_failures", 1..=1_000_000, notes);
    section.warn_of_rest(&["max_retries", "stop_after_failures"], notes);
    OnFailure {
        max_retries: max_retries.unwrap_or(0) as u32,
        stop_after_failures: stop_after_failures.map(|n| n as u32),
    }
}

fn warm_start(top: &mut Section<'_>, notes: &mut Notes) -> WarmStart {
    let Some(node) = top
        .take("warm_start")
        .filter(|node| node.kind != Kind::Null)
    else {
        return WarmStart::default();
    };
    let expected = "a mapping with `runs` or `sweeps`";
    let Some(mut section) = Section::open("warm_start", node, expected, notes) else {
        return WarmStart::default();
    };
    let runs = section.texts("runs", notes).unwrap_or_default();
    let sweeps = section.texts("sweeps", notes).unwrap_or_default();
    section.warn_of_rest(&["runs", "sweeps"], notes);
    WarmStart { runs, sweeps }
}

fn controller(top: &mut Section<'_>, notes: &mut Notes) -> Controller {
    let Some(node) = top
        .take("controller")
        .filter(|node| node.kind != Kind::Null)
    else {
        return Controller::default();
    };
    let expected = "a mapping with `type`, `local` or `cloud`";
    let Some(mut section) = Section::open("controller", node, expected, notes) else {
        return Controller::default();
    };
    let types = [("cloud", Controller::Cloud), ("local", Controller::Local)];
    section.choice("type", &types, notes).unwrap_or_default()
}

/// The words of the command; a text is split at spaces.
fn command(top: &mut Section<'_>, notes: &mut Notes) -> Option<Vec<String>> {
    let node = top.take("command").filter(|node| node.kind != Kind::Null)?;
    let words: Option<Vec<String>> = match &node.kind {
        Kind::List(nodes) => nodes.iter().map(super::read::word).collect(),
        Kind::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        _ => None,
    };
    let words = words.filter(|words| !words.is_empty());
    if words.is_none() {
        notes.mismatch(
            "command",
            node,
            "a list of words, such as `[\"${env}\", python, \"${program}\", \"${args}\"]`",
        );
    }
    words
}
