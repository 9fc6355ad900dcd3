use std::borrow::Cow;

use ballast_model::json::{Map, Value};
use ballast_tracking::runs::Run;
use serde::Serialize;
use utoipa::ToSchema;

/// Where and how a run was made. Everything but the lists may be null; facts about the machine (`cpu_count`, `gpu` and
/// the like) follow as further fields, as its client names them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Environment)]
pub(crate) struct EnvironmentBody {
    /// Operating system.
    os: Option<String>,
    /// Python version.
    python: Option<String>,
    /// Host name.
    host: Option<String>,
    /// The script or module.
    program: Option<String>,
    /// The interpreter that ran it.
    executable: Option<String>,
    /// Arguments after the program.
    args: Vec<String>,
    /// Interpreter, program and arguments as one line for a shell.
    #[schema(example = "python train.py --lr 0.1")]
    command: Option<String>,
    /// Version of the client library.
    client: Option<String>,
    /// Address of the git remote.
    git_remote: Option<String>,
    /// Commit that was checked out.
    git_commit: Option<String>,
    /// When its process started, as it said.
    started_at: Option<String>,
    /// Main memory of the machine.
    memory_bytes: Option<u64>,
    /// Installed packages, each as `name==version`.
    packages: Vec<String>,
    /// Facts about the machine.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    hardware: Map,
}

/// Fields that a fact about the machine of the same name does not replace.
const FIELDS: [&str; 13] = [
    "os",
    "python",
    "host",
    "program",
    "executable",
    "args",
    "command",
    "client",
    "git_remote",
    "git_commit",
    "started_at",
    "memory_bytes",
    "packages",
];

impl EnvironmentBody {
    /// The environment of `run`, taken out of it.
    ///
    /// A run may know its host, program and commit on their own, without the rest.
    pub(super) fn of(run: &mut Run) -> Self {
        let environment = std::mem::take(&mut run.environment);
        let mut hardware = environment.hardware;
        hardware.retain(|name, _| !FIELDS.contains(&name.as_str()));
        let program = environment.program.or_else(|| run.program.clone());
        Self {
            os: environment.os,
            python: environment.python,
            host: environment.host.or_else(|| run.host.clone()),
            command: program.as_deref().map(|program| {
                command(
                    environment.executable.as_deref(),
                    program,
                    &environment.args,
                )
            }),
            program,
            executable: environment.executable,
            args: environment.args,
            client: environment.client,
            git_remote: environment.git_remote.or_else(|| run.git_remote.clone()),
            git_commit: environment.git_commit.or_else(|| run.git_commit.clone()),
            started_at: environment.started_at,
            memory_bytes: hardware
                .get("memory")
                .and_then(|memory| bytes(memory.get("total")?)),
            packages: environment.packages,
            hardware,
        }
    }
}

/// The line that starts the program again, with the interpreter by its name rather than where it was installed.
fn command(executable: Option<&str>, program: &str, args: &[String]) -> String {
    let interpreter = executable.and_then(|path| path.rsplit(['/', '\\']).next());
    // A module is reported with its flag, as one text.
    let module = program.strip_prefix("-m ");
    let program = module.map_or(vec![program], |module| vec!["-m", module]);
    let words: Vec<_> = std::iter::once(interpreter.unwrap_or("python"))
        .chain(program)
        .chain(args.iter().map(String::as_str))
        .map(quoted)
        .collect();
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

/// A size that a client wrote as a number or, since some JSON readers bend large numbers, as text.
fn bytes(value: &Value) -> Option<u64> {
    match value {
        Value::Int(int) => u64::try_from(*int).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        let args = [
            "--lr".to_owned(),
            "0.1".to_owned(),
            "it's".to_owned(),
            String::new(),
        ];
        assert_eq!(
            command(Some("/usr/bin/python3.12"), "train.py", &args),
            r"python3.12 train.py --lr 0.1 'it'\''s' ''"
        );
        assert_eq!(command(None, "my script.py", &[]), "python 'my script.py'");
        assert_eq!(command(None, "-m pkg.train", &[]), "python -m pkg.train");
    }

    #[test]
    fn sizes_come_as_numbers_or_text() {
        assert_eq!(bytes(&Value::from("25276510208")), Some(25_276_510_208));
        assert_eq!(bytes(&Value::Int(16)), Some(16));
        assert_eq!(bytes(&Value::Int(-1)), None);
    }
}
