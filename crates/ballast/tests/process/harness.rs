//! Runs the binary in a folder and an environment of its own.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// An empty folder to run commands in, and the environment they see.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Place {
    /// An empty folder and an empty environment.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Vec::new(),
        }
    }

    /// Sets an environment name.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with these arguments, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ballast"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end. Shows exit code, stdout and stderr; paths of the folder are `[FOLDER]`.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the binary runs");
        self.show(&output)
    }

    /// As [`Place::run`], with something on stdin.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> String {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that ends early does not read everything.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        self.show(&child.wait_with_output().expect("the binary ends"))
    }

    /// Shows an output as [`Place::run`] does.
    pub(crate) fn show(&self, output: &Output) -> String {
        let mut text = match output.status.code() {
            Some(code) => format!("exit code: {code}\n"),
            None => "ended by a signal\n".to_owned(),
        };
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let content = String::from_utf8_lossy(bytes);
            write!(text, "----- {name}\n{content}").expect("a text can be written to");
        }
        text.replace(&self.folder.path().display().to_string(), "[FOLDER]")
    }
}
