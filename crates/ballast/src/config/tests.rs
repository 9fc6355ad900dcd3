//! Precedence, and what is refused.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;

use super::{Config, ConfigError, DefaultValue, Environment, FlagValues, keys};

fn environment(variables: &[(&str, &str)]) -> Result<Environment, ConfigError> {
    let variables = variables.iter();
    Environment::read(variables.map(|(name, value)| (OsString::from(name), OsString::from(value))))
}

fn load(flags: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let flags: FlagValues = flags
        .iter()
        .map(|&(name, value)| (name, value.to_owned()))
        .collect();
    Config::load(flags, environment(variables)?)
}

/// An error as the user reads it, with the folder of the test left out.
fn refused(result: Result<Config, ConfigError>, folder: &Path) -> String {
    let error = result.expect_err("it is wrong");
    let mut text = error.to_string();
    if let Some(reason) = std::error::Error::source(&error) {
        text = format!("{text}: {reason}");
    }
    if let Some(hint) = error.hint() {
        text = format!("{text} (hint: {hint})");
    }
    text.replace(&folder.display().to_string(), "[FOLDER]")
}

fn refused_variable(name: &str, value: &str) -> String {
    refused(load(&[], &[(name, value)]), Path::new("/nowhere"))
}

/// Loads with a data folder that has this configuration file.
fn with_file(text: &str, check: impl FnOnce(Result<Config, ConfigError>, &Path)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("ballast.toml"), text).expect("a file");
    let data_dir = folder.path().display().to_string();
    check(load(&[("data_dir", &data_dir)], &[]), folder.path());
}

fn refused_file(text: &str) -> String {
    let mut message = String::new();
    with_file(text, |result, folder| message = refused(result, folder));
    message
}

#[test]
fn every_key_has_a_name_of_its_own_and_a_default_that_is_valid() {
    let names: BTreeSet<&str> = keys().map(|key| key.name).collect();
    assert_eq!(names.len(), keys().count());
    for key in keys() {
        assert!(key.doc.ends_with('.'), "{}", key.name);
        assert!(!key.expected.ends_with('.'), "{}", key.name);
        if let DefaultValue::Text(default) = key.default {
            assert!(load(&[(key.name, default)], &[]).is_ok(), "{}", key.name);
        }
    }
}

#[test]
fn defaults() {
    let config = load(&[], &[]).expect("defaults are valid");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.runs.heartbeat_limit, Duration::from_mins(5));
    assert_eq!(config.limits.request_bytes, 16 << 20);
    assert_eq!(
        config.storage.database_url.to_string(),
        "sqlite:./ballast-data/ballast.db"
    );
    assert_eq!(config.storage.blob_url.to_string(), "./ballast-data/blobs");
}

#[test]
fn flags_come_before_the_environment_before_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("any.toml");
    fs::write(
        &file,
        "heartbeat_limit = 10\nmax_line_bytes = \"1 MiB\"\nlog_format = \"json\"\n",
    )
    .expect("a file");
    let file = file.display().to_string();
    let config = load(
        &[("config", &file), ("heartbeat_limit", "30s")],
        &[
            ("BALLAST_HEARTBEAT_LIMIT", "20s"),
            ("BALLAST_MAX_LINE_BYTES", "2 MiB"),
            ("BALLAST_LOG_FORMAT", ""),
        ],
    )
    .expect("all of it is valid");
    assert_eq!(config.runs.heartbeat_limit, Duration::from_secs(30));
    assert_eq!(config.limits.line_bytes, 2 << 20);
    assert_eq!(config.logging.format, super::logging::LogFormat::Json);
}

#[test]
fn a_value_that_is_wrong_is_shown_with_its_key_and_origin() {
    assert_snapshot!(
        refused_variable("BALLAST_LISTEN", "8080"),
        @"`listen` is `8080`, from the environment name `BALLAST_LISTEN`; expected an IP address and a port, such as `127.0.0.1:8080`"
    );
    assert_snapshot!(
        refused(load(&[("max_line_bytes", "10 mb")], &[]), Path::new("/nowhere")),
        @"`max_line_bytes` is `10 mb`, from the flag `--max-line-bytes`; expected bytes, or a size with a unit such as `16 MiB`: `mb` is no unit of size"
    );
    assert_snapshot!(
        refused_file("heartbeat_limit = \"soon\"\n"),
        @"`heartbeat_limit` is `soon`, from `[FOLDER]/ballast.toml`; expected seconds, or a time with units such as `90s` or `5m`"
    );
    assert_snapshot!(
        refused_variable("BALLAST_LOG_LEVEL", "verbose"),
        @"`log_level` is `verbose`, from the environment name `BALLAST_LOG_LEVEL`; expected a level such as `info`, or levels by crate such as `info,ballast_wandb=debug`: `verbose` is no level"
    );
}

#[test]
fn secrets_are_not_shown() {
    assert_snapshot!(
        refused_variable("BALLAST_ADMIN_API_KEY", "hunter2"),
        @"`admin_api_key` is a value that is not shown, from the environment name `BALLAST_ADMIN_API_KEY`; expected at least 20 printable ASCII characters without spaces: it has 7 characters"
    );
    let url = "mysql://ada:hunter2@db/ballast";
    assert!(!refused_variable("BALLAST_DATABASE_URL", url).contains("hunter2"));
    let url = "s3://ada:hunter2@bucket";
    assert!(!refused_variable("BALLAST_BLOB_URL", url).contains("hunter2"));
    assert!(!refused_file("admin_api_key = \"hunter2\nlisten = 1\n").contains("hunter2"));

    let config = load(
        &[],
        &[
            ("BALLAST_ADMIN_API_KEY", "hunter2-hunter2-hunter2"),
            ("BALLAST_DATABASE_URL", "postgres://ada:hunter2@db/ballast"),
            ("BALLAST_BLOB_URL", "s3://bucket"),
            ("AWS_ACCESS_KEY_ID", "ada"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ],
    )
    .expect("all of it is valid");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    assert_snapshot!(
        refused_variable("BALLAST_DATADIR", "/data"),
        @"unknown environment name `BALLAST_DATADIR` (hint: the nearest name is `BALLAST_DATA_DIR`)"
    );
    assert_snapshot!(
        refused_file("listn = \"127.0.0.1:80\"\n"),
        @"unknown key `listn` in `[FOLDER]/ballast.toml` (hint: the nearest name is `listen`)"
    );
}

#[test]
fn names_of_the_tests_and_of_others_are_left_alone() {
    let variables = [
        ("BALLAST_TEST_POSTGRES_URL", "x"),
        ("BALLAST_BIN", "x"),
        ("WANDB_BASE_URL", "x"),
        ("PATH", "x"),
    ];
    assert!(load(&[], &variables).is_ok());
}

#[test]
fn files_that_cannot_be_used() {
    assert_snapshot!(
        refused_file("listen = \"127.0.0.1:80\"\nlog_format json\n"),
        @"`[FOLDER]/ballast.toml` is not a valid configuration file, line 2: key with no value, expected `=`"
    );
    assert_snapshot!(
        refused_file("[listen]\nport = 80\n"),
        @"`listen` in `[FOLDER]/ballast.toml` is a table; expected a text, a whole number, `true` or `false`"
    );
    assert_snapshot!(
        refused_file("data_dir = \"/elsewhere\"\n"),
        @"`data_dir` cannot be set in `[FOLDER]/ballast.toml`, which was found by it (hint: set it by flag or environment, or name the file with `--config`)"
    );
    let missing = load(&[("config", "/nowhere/ballast.toml")], &[]);
    assert_snapshot!(
        refused(missing, Path::new("/x")),
        @"could not read the configuration file `/nowhere/ballast.toml`: No such file or directory (os error 2)"
    );
}

#[test]
fn an_access_key_needs_its_secret() {
    assert_snapshot!(
        refused_variable("BALLAST_BLOB_ACCESS_KEY_ID", "ada"),
        @"`blob_access_key_id` needs `blob_secret_access_key`, which is not set"
    );
}
