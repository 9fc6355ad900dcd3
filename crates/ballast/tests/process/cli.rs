//! What the command line shows: exit code, stdout and stderr of every command.

use std::fs;

use insta::assert_snapshot;

use crate::harness::Place;

/// Without a command, the help goes to stderr and the code says that the input is wrong.
#[test]
fn no_command() {
    assert_snapshot!(Place::new().run(&[]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    Ballast: experiment tracking on your own machine

    Usage: ballast <COMMAND>

    Commands:
      serve    Run the server
      user     Manage users and their API keys
      fsck     Verify everything that is stored by its checksums
      diff     Say what changed between two runs or two versions of artifacts, causes first
      gc       Free contents of artifacts that nothing uses
      verify   Verify a version of an artifact: read its manifest and files and compare them with their
               digests
      sweep    Search without a server: propose the next trial of a sweep, or check its config
      version  Print the version
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

/// An unknown command is answered with a similar one.
#[test]
fn unknown_command() {
    assert_snapshot!(Place::new().run(&["srve"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: unrecognized subcommand 'srve'

      tip: a similar subcommand exists: 'serve'

    Usage: ballast <COMMAND>

    For more information, try '--help'.
    ");
}

/// The version goes to stdout.
#[test]
fn version() {
    assert_snapshot!(Place::new().run(&["version"]), @r"
    exit code: 0
    ----- stdout
    ballast 0.1.0
    ----- stderr
    ");
}

/// A wrong flag names its key, what was found and what is expected.
#[test]
fn wrong_flag() {
    assert_snapshot!(Place::new().run(&["serve", "--listen", "everywhere"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `listen` is `everywhere`, from the flag `--listen`; expected an IP address and a port, such as `127.0.0.1:8080`
    ");
}

/// A wrong environment value says where it comes from, and why it is wrong.
#[test]
fn wrong_environment() {
    let place = Place::new().with_variable("BALLAST_MAX_LINE_BYTES", "10 mb");
    assert_snapshot!(place.run(&["serve"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `max_line_bytes` is `10 mb`, from the environment name `BALLAST_MAX_LINE_BYTES`; expected bytes, or a size with a unit such as `16 MiB`
      caused by: `mb` is no unit of size
    ");
}

/// An environment name that no key has is refused with the nearest.
#[test]
fn unknown_environment_name() {
    let place = Place::new().with_variable("BALLAST_DATADIR", "/data");
    assert_snapshot!(place.run(&["serve"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: unknown environment name `BALLAST_DATADIR`

    hint: the nearest name is `BALLAST_DATA_DIR`
    ");
}

/// A key of the file that does not exist is refused with the nearest.
#[test]
fn unknown_file_key() {
    let place = Place::new();
    fs::write(place.path("ballast.toml"), "heartbeatlimit = \"5m\"\n").expect("a file");
    assert_snapshot!(place.run(&["serve", "--config", "ballast.toml"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: unknown key `heartbeatlimit` in `ballast.toml`

    hint: the nearest name is `heartbeat_limit`
    ");
}

/// A secret in the wrong form is not shown.
#[test]
fn wrong_secret() {
    let place = Place::new().with_variable("BALLAST_ADMIN_API_KEY", "hunter2");
    assert_snapshot!(place.run(&["serve"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `admin_api_key` is a value that is not shown, from the environment name `BALLAST_ADMIN_API_KEY`; expected at least 20 printable ASCII characters without spaces
      caused by: it has 7 characters
    ");
}

/// A data folder that cannot be made is named, with the reason.
#[test]
fn data_folder_is_a_file() {
    let place = Place::new();
    fs::write(place.path("data"), "").expect("a file");
    assert_snapshot!(place.run(&["serve", "--data-dir", "data"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: could not use the data folder `data`
      caused by: File exists (os error 17)
    ");
}

/// There is nothing to manage or verify where no server has been, and none is made.
#[test]
fn no_database() {
    let place = Place::new();
    assert_snapshot!(place.run(&["user", "list"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: there is no database `./ballast-data/ballast.db`

    hint: name the data folder of the server with `--data-dir DIR`
    ");
    assert_snapshot!(place.run(&["fsck", "--data-dir", "elsewhere"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: there is no database `elsewhere/ballast.db`

    hint: name the data folder of the server with `--data-dir DIR`
    ");
    assert!(!place.path("ballast-data").exists());
    assert!(!place.path("elsewhere").exists());
}

/// What names neither a run nor a version is refused before anything is opened.
#[test]
fn wrong_subjects() {
    let place = Place::new();
    assert_snapshot!(place.run(&["diff", "ada/vision", "ada/vision/two"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `ada/vision` names nothing: expected `entity/project/run` or `entity/project/collection:version`
    ");
    assert_snapshot!(place.run(&["verify", "ada/vision/one"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `ada/vision/one` is a run; expected `entity/project/collection:version`
    ");
    assert!(!place.path("ballast-data").exists());
}
