//! What is compared of a run, as sorted lists of facts.

use ballast_history::{RUNTIME, TIMESTAMP};
use ballast_model::json::{Map, Value};

use super::TextSource;
use super::merge::{leaves, sorted};
use crate::runs::Run;

/// A value, with where its text can be read and how large that is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    pub(super) value: Value,
    pub(super) text: Option<TextSource>,
    pub(super) size_bytes: Option<u64>,
}

impl Fact {
    fn new(value: Value) -> Self {
        Self {
            value,
            text: None,
            size_bytes: None,
        }
    }
}

pub(super) type Facts = Vec<(String, Fact)>;

fn facts(entries: Vec<(String, Value)>) -> Facts {
    let entries = entries.into_iter();
    entries
        .map(|(key, value)| (key, Fact::new(value)))
        .collect()
}

/// Members of an object as facts, those of nested objects by path.
pub(super) fn of_map(map: &Map) -> Facts {
    facts(leaves(map))
}

/// A run's results, without when it ended and how long it took, which no two runs have in common.
pub(super) fn summary(summary: &Map) -> Facts {
    let mut entries = leaves(summary);
    entries.retain(|(key, _)| ![TIMESTAMP, RUNTIME].contains(&key.as_str()));
    facts(entries)
}

/// How a run was started: its program, and its arguments by option.
pub(super) fn command(run: &Run) -> Facts {
    let environment = &run.environment;
    let program = environment.program.as_ref().or(run.program.as_ref());
    let mut entries = arguments(&environment.args);
    entries.extend(program.map(|program| ("program".to_owned(), program.as_str().into())));
    facts(sorted(entries))
}

/// Arguments by option: `--lr 0.1` and `--lr=0.1` are `0.1` under `--lr`, an option alone is `true`, and what belongs to
/// no option is numbered. An option that comes several times has a list.
fn arguments(args: &[String]) -> Vec<(String, Value)> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    let mut n_free = 0;
    let mut args = args.iter().peekable();
    while let Some(arg) = args.next() {
        let (key, value) = if !is_option(arg) {
            n_free += 1;
            (format!("argument {n_free}"), arg.as_str().into())
        } else if let Some((key, value)) = arg.split_once('=') {
            (key.to_owned(), value.into())
        } else if let Some(value) = args.next_if(|next| !is_option(next)) {
            (arg.clone(), value.as_str().into())
        } else {
            (arg.clone(), Value::Bool(true))
        };
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, Value::List(values))) => values.push(value),
            Some((_, first)) => *first = Value::List(vec![std::mem::take(first), value]),
            None => entries.push((key, value)),
        }
    }
    entries
}

/// Whether an argument is an option and no negative number.
fn is_option(arg: &str) -> bool {
    arg.starts_with('-') && arg.len() > 1 && arg.parse::<f64>().is_err()
}

/// Which commit was checked out. What was changed since is among the files.
pub(super) fn git(run: &Run) -> Facts {
    let environment = &run.environment;
    let commit = environment.git_commit.as_ref().or(run.git_commit.as_ref());
    let remote = environment.git_remote.as_ref().or(run.git_remote.as_ref());
    let named = [("commit", commit), ("remote", remote)];
    let found = named
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), text?.as_str().into())));
    facts(found.collect())
}

/// Python, the system and the machine.
pub(super) fn environment(run: &Run) -> Facts {
    let environment = &run.environment;
    let host = environment.host.as_ref().or(run.host.as_ref());
    let mut hardware = environment.hardware.clone();
    if let Some(Value::Map(disks)) = hardware.get_mut("disk") {
        for disk in disks.values_mut() {
            // How full a disk was says nothing about the machine.
            if let Value::Map(disk) = disk {
                disk.shift_remove("used");
            }
        }
    }
    let mut entries = leaves(&hardware);
    let named = [
        ("os", environment.os.as_ref()),
        ("python", environment.python.as_ref()),
        ("host", host),
        ("executable", environment.executable.as_ref()),
        ("client", environment.client.as_ref()),
    ];
    let found = named
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), text?.as_str().into())));
    entries.extend(found);
    facts(sorted(entries))
}

/// Installed packages with their versions.
pub(super) fn packages(run: &Run) -> Facts {
    let lines = run.environment.packages.iter();
    facts(sorted(lines.map(|line| package(line)).collect()))
}

/// A line of requirements as name and version; `name @ address` has the address. Names are compared as package indexes do.
fn package(line: &str) -> (String, Value) {
    let split = line.split_once("==").or_else(|| line.split_once(" @ "));
    let (name, version) = match split {
        Some((name, version)) => (name, version.trim().into()),
        None => (line, Value::Null),
    };
    let name = name.trim().to_ascii_lowercase().replace(['_', '.'], "-");
    (name, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entries: &[(String, Value)]) -> String {
        let texts = entries
            .iter()
            .map(|(key, value)| format!("{key}={}", value.to_text()));
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn arguments_are_found_by_option() {
        let args = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            text(&arguments(&args(
                "data.csv --lr=0.1 --n 3 -v --shift -2 out"
            ))),
            r#"argument 1="data.csv" --lr="0.1" --n="3" -v=true --shift="-2" argument 2="out""#
        );
        assert_eq!(
            text(&arguments(&args("--x 1 --x 2 --x 3"))),
            r#"--x=["1","2","3"]"#
        );
        assert_eq!(text(&arguments(&[])), "");
    }

    #[test]
    fn results_are_compared_without_times() {
        let map = Value::parse(br#"{"_runtime":3,"_step":9,"_timestamp":7,"loss":{"min":1}}"#);
        let Ok(Value::Map(map)) = map else {
            panic!("an object");
        };
        let keys: Vec<String> = summary(&map).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["_step", "loss.min"]);
    }

    #[test]
    fn packages_have_names_as_indexes_compare_them() {
        for (line, expected) in [
            ("numpy==2.0.1", r#"numpy="2.0.1""#),
            ("Typing_Extensions==4", r#"typing-extensions="4""#),
            ("ours @ file:///x", r#"ours="file:///x""#),
            ("torch", "torch=null"),
        ] {
            assert_eq!(text(&[package(line)]), expected);
        }
    }
}
