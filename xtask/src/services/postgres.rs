//! A throw-away PostgreSQL cluster.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::packages;
use crate::{environment, output, process};

/// The folder of a cluster is this plus the process id of the task runner that started it.
const FOLDER_PREFIX: &str = "ballast-test-postgres-";

/// Makes and starts a cluster, says so, and takes it down when stdin closes: that is, when the task runner is done
/// or gone, however it went. It runs in a process group of its own, out of reach of Ctrl-C.
const KEEPER: &str = r#"
set -eu
bin=$1 folder=$2 port=$3
"$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C --no-sync >"$folder/log" 2>&1
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
SETTINGS
"$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait start >/dev/null </dev/null
echo ready
cat >/dev/null
"$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait stop >/dev/null
rm -rf "$folder"
"#;

/// A PostgreSQL server for tests, stopped and deleted when dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    url: String,
    /// The process that takes the cluster down; none if the server is not ours.
    keeper: Option<Child>,
}

impl Postgres {
    /// Starts a cluster on a free port, or takes the server that `BALLAST_TEST_POSTGRES_URL` names.
    ///
    /// The user of the URL may create databases; tests make their own.
    ///
    /// # Errors
    /// If PostgreSQL is missing and cannot be installed, or does not start.
    pub(crate) fn start() -> Result<Self> {
        if let Some(url) = environment::variable("BALLAST_TEST_POSTGRES_URL") {
            let url = url
                .into_string()
                .ok()
                .context("`BALLAST_TEST_POSTGRES_URL` is not UTF-8")?;
            return Ok(Self { url, keeper: None });
        }
        let programs = programs()?;
        let temporary = std::env::temp_dir();
        remove_stale(&temporary, &programs)?;

        let folder = temporary.join(format!("{FOLDER_PREFIX}{}", std::process::id()));
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not create `{}`", folder.display()))?;
        if packages::is_root() {
            process::run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let port = free_port()?;
        let mut keeper = as_postgres("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&programs)
            .arg(&folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start the keeper of PostgreSQL")?;
        let stdout = keeper.stdout.take().expect("stdout was asked for");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let started = Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            keeper: Some(keeper),
        };
        if line.trim() != "ready" {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!("PostgreSQL did not start:\n{}", log.trim_end());
        }
        Ok(started)
    }

    /// Where it answers: `postgres://user@host:port/database`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            if let Err(error) = keeper.wait() {
                output::note(&format!("could not wait for PostgreSQL to stop: {error}"));
            }
        }
    }
}

/// The folder of PostgreSQL's programs, installed if need be.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = lookup_programs() {
        return Ok(folder);
    }
    packages::install("PostgreSQL", &["postgresql"])?;
    lookup_programs().context("the package `postgresql` was installed, but has no `initdb`")
}

/// Looks in `PATH`, then where Debian keeps the programs: the newest version.
fn lookup_programs() -> Option<PathBuf> {
    if let Some(program) = process::lookup_program("initdb") {
        return program.parent().map(Path::to_path_buf);
    }
    let mut folders: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let folder = path.join("bin");
            process::is_program(&folder.join("initdb")).then_some((version, folder))
        })
        .collect();
    folders.sort();
    folders.pop().map(|(_, folder)| folder)
}

/// A command that runs as a user whom PostgreSQL accepts: it refuses to run as root.
fn as_postgres(program: &str) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = if packages::is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    };
    command.process_group(0).current_dir("/");
    command
}

/// Takes down clusters whose task runner and keeper were both killed.
fn remove_stale(temporary: &Path, programs: &Path) -> Result<()> {
    for entry in fs::read_dir(temporary).context("could not list the temporary folder")? {
        let folder = entry.context("could not list the temporary folder")?.path();
        let Some(owner) = folder
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix(FOLDER_PREFIX))
        else {
            continue;
        };
        if Path::new("/proc").join(owner).exists() {
            continue;
        }
        output::note(&format!(
            "removing the stale cluster `{}`",
            folder.display()
        ));
        // It may well not run any more: only the folder matters then.
        process::succeeds(
            as_postgres("env")
                .arg(programs.join("pg_ctl"))
                .arg("--pgdata")
                .arg(folder.join("data"))
                .args(["--mode=immediate", "--wait", "stop"]),
        );
        // Its keeper may be at it, too.
        if let Err(error) = fs::remove_dir_all(&folder) {
            output::note(&format!("could not remove `{}`: {error}", folder.display()));
        }
    }
    Ok(())
}

/// A port that nobody listens on at this moment.
///
/// # Errors
/// If the system has none.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("could not find a free port")?;
    Ok(listener.local_addr()?.port())
}
