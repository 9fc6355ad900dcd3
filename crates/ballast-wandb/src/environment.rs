//! What a run's process tells about its machine: inside the config, and as the run files `wandb-metadata.json` and
//! `requirements.txt`.

use ballast_model::json::{Map, Value};
use ballast_model::{Environment, FilePath, RunPath};
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::{Caller, Tracking, TrackingError};
use futures::TryStreamExt as _;

const METADATA_FILE: &str = "wandb-metadata.json";
const REQUIREMENTS_FILE: &str = "requirements.txt";

/// Larger files are not looked into, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Members of the metadata that say what the machine has.
const HARDWARE: &[&str] = &[
    "cpu_count",
    "cpu_count_logical",
    "cpu",
    "memory",
    "disk",
    "gpu",
    "gpu_count",
    "gpu_nvidia",
    "gpu_amd",
    "cudaVersion",
    "apple",
    "slurm",
    "trainium",
    "tpu",
    "coreweave",
];

/// Reads the environments in `_wandb.value`: one for each process that ever wrote the run; the one that started last
/// counts.
pub(crate) fn from_sdk_state(state: &Map) -> Option<Environment> {
    let started_at = |entry: &Value| {
        entry
            .get("startedAt")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let writers = state.get("e").and_then(Value::as_map);
    let latest =
        writers.and_then(|writers| writers.values().max_by_key(|&entry| started_at(entry)));
    let mut environment = latest.map(from_metadata).unwrap_or_default();
    let text = |key: &str| state.get(key).and_then(Value::as_str).map(str::to_owned);
    environment.client = text("cli_version");
    if environment.python.is_none() {
        environment.python = text("python_version");
    }
    (environment != Environment::default()).then_some(environment)
}

/// Reads an environment object, the content of `wandb-metadata.json`.
fn from_metadata(metadata: &Value) -> Environment {
    let text = |value: Option<&Value>| {
        value?
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let git = metadata.get("git");
    let args = metadata
        .get("args")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let hardware = HARDWARE
        .iter()
        .filter_map(|&key| Some((key.to_owned(), metadata.get(key)?.clone())));
    Environment {
        os: text(metadata.get("os")),
        python: text(metadata.get("python")),
        host: text(metadata.get("host")),
        program: text(metadata.get("program")),
        executable: text(metadata.get("executable")),
        args: args
            .iter()
            .filter_map(|arg| arg.as_str().map(str::to_owned))
            .collect(),
        client: None,
        git_remote: text(git.and_then(|git| git.get("remote"))),
        git_commit: text(git.and_then(|git| git.get("commit"))),
        started_at: text(metadata.get("startedAt")),
        hardware: hardware.collect(),
        packages: Vec::new(),
    }
}

/// Reads the lines of a `requirements.txt`.
fn packages(requirements: &str) -> Vec<String> {
    let lines = requirements.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Reads the files that describe the environment, where they are among those that were just uploaded, into the run.
///
/// The files themselves stay run files. A file that cannot be read changes nothing: the run has its other parts.
pub(crate) async fn adopt_files(
    tracking: &Tracking,
    caller: &Caller,
    run: &RunPath,
    uploaded: &[FilePath],
) {
    for path in uploaded {
        if !matches!(path.as_str(), METADATA_FILE | REQUIREMENTS_FILE) {
            continue;
        }
        if let Err(error) = adopt_file(tracking, caller, run, path).await {
            tracing::warn!(%run, file = %path, error = &error as &dyn std::error::Error, "environment file not read");
        }
    }
}

async fn adopt_file(
    tracking: &Tracking,
    caller: &Caller,
    run: &RunPath,
    path: &FilePath,
) -> Result<(), TrackingError> {
    let Some(file) = tracking.lookup_file(caller, run, path).await? else {
        return Ok(());
    };
    if file.size_bytes > MAX_FILE_BYTES {
        return Ok(());
    }
    let opened = tracking.open_file(caller, run, path, None).await?;
    let pieces: Vec<_> = opened.body.try_collect().await?;
    let content = pieces.concat();
    let environment = if path.as_str() == REQUIREMENTS_FILE {
        Environment {
            packages: packages(&String::from_utf8_lossy(&content)),
            ..Environment::default()
        }
    } else {
        match Value::parse(&content) {
            Ok(metadata) => from_metadata(&metadata),
            Err(error) => return Err(TrackingError::Invalid(error.to_string())),
        }
    };
    let target = RunTarget::Name {
        entity: Some(run.entity.clone()),
        project: Some(run.project.clone()),
        run: run.run.clone(),
    };
    let upsert = UpsertRun {
        environment: Some(environment),
        ..UpsertRun::new(target)
    };
    tracking.upsert_run(caller, upsert).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_started_writer_counts() {
        let state = Value::parse(
            br#"{"cli_version":"0.31.0","python_version":"3.11.7","e":{
                "b":{"startedAt":"2026-11-23T09:00:00Z","host":"new","git":{"remote":"r","commit":"c"},"args":["--x",1],
                     "cpu_count":2,"memory":{"total":"25276514304"},"email":"not kept"},
                "a":{"startedAt":"2026-11-23T08:00:00Z","host":"old"}}}"#,
        );
        let Ok(Value::Map(state)) = state else {
            panic!("an object")
        };
        let environment = from_sdk_state(&state).expect("is told");
        assert_eq!(environment.host.as_deref(), Some("new"));
        assert_eq!(environment.client.as_deref(), Some("0.31.0"));
        assert_eq!(environment.python.as_deref(), Some("3.11.7"));
        assert_eq!(environment.git_commit.as_deref(), Some("c"));
        assert_eq!(environment.args, ["--x"]);
        let hardware = Value::Map(environment.hardware).to_text();
        assert_eq!(
            hardware,
            r#"{"cpu_count":2,"memory":{"total":"25276514304"}}"#
        );
        assert_eq!(from_sdk_state(&Map::new()), None);
    }

    #[test]
    fn requirements_are_packages() {
        assert_eq!(
            packages("# pip\nnumpy==2.0\r\n\n wandb==0.31.0 \n"),
            ["numpy==2.0", "wandb==0.31.0"]
        );
    }
}
