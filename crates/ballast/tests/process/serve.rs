//! The life of a server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use insta::assert_snapshot;

use crate::harness::Place;

/// Starts a server on a free port with the data folder `data`.
const START: [&str; 7] = [
    "serve",
    "--data-dir",
    "data",
    "--listen",
    "127.0.0.1:0",
    "--log-level",
    "warn",
];

/// A running `ballast serve`, killed when dropped.
struct Server {
    process: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    /// Runs [`START`] and waits until the server says where it is.
    fn start(place: &Place) -> Self {
        let mut process = place
            .command(&START)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stdout = process.stdout.take().expect("stdout was asked for");
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it is text");
        let address = line.trim().strip_prefix("Ballast is at http://");
        let address = address.expect("it says where it is").to_owned();
        Self {
            process,
            stdout,
            address,
        }
    }

    /// Sends a signal by its name, such as `TERM`, and waits for the end.
    fn end(&mut self, signal: &str) -> ExitStatus {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("`kill` runs").success());
        self.process.wait().expect("it ends")
    }

    /// The whole answer to a GET: head and body.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: ballast\r\nconnection: close\r\n\r\n");
        let mut answer = String::new();
        stream
            .write_all(request.as_bytes())
            .expect("the server reads");
        stream
            .read_to_string(&mut answer)
            .expect("the server answers");
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A started server answers the probes and names every request.
#[test]
fn probes_answer() {
    let place = Place::new();
    let server = Server::start(&place);
    for path in ["/healthz", "/readyz", "/ready", "/metrics"] {
        let answer = server.get(path);
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{path}: {answer}"
        );
        assert!(answer.contains("\r\nx-request-id: "), "{path}: {answer}");
    }
}

/// SIGTERM and SIGINT end a server that has nothing left to do with code 0; then the folder is free.
#[test]
fn signals_end_it_cleanly() {
    let place = Place::new();
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&place);
        assert_eq!(server.end(signal).code(), Some(0), "{signal}");
    }
}

/// A second server on the same folder is refused with the number of the first; a killed one leaves no lock behind.
#[test]
fn one_server_to_a_folder() {
    let place = Place::new();
    let mut first = Server::start(&place);
    let refused = place.run(&START);
    let refused = refused.replace(&first.process.id().to_string(), "[PID]");
    assert_snapshot!(refused, @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: the data folder `data` is used by another server, process [PID]

    hint: stop that server, or choose another folder with `--data-dir DIR`
    ");
    first.end("KILL");
    Server::start(&place);
}

/// A port that is taken is named, and what to do about it.
#[test]
fn taken_port() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let output = place.run(&[
        "serve",
        "--data-dir",
        "data",
        "--listen",
        &address,
        "--log-level",
        "warn",
    ]);
    assert_snapshot!(output.replace(&address, "[ADDRESS]"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: could not listen on `[ADDRESS]`
      caused by: Address already in use (os error 98)

    hint: choose another port with `--listen ADDR:PORT`
    ");
}

/// The first start prints a link and the two lines to paste; the next prints a link only.
#[test]
fn greeting() {
    let place = Place::new();
    let first = greeting_of(&place);
    assert!(first.contains("export WANDB_API_KEY="), "{first}");
    let second = greeting_of(&place);
    assert!(!second.contains("WANDB_API_KEY"), "{second}");
    assert!(second.contains("/sign-in?token="), "{second}");
}

/// Everything that a server writes to stdout until it is stopped.
fn greeting_of(place: &Place) -> String {
    let mut server = Server::start(place);
    server.end("TERM");
    std::io::read_to_string(&mut server.stdout).expect("it is text")
}

/// Users are managed while the server runs.
#[test]
fn users_from_the_shell() {
    let place = Place::new();
    let _server = Server::start(&place);
    let user = |arguments: &[&str]| {
        let start = ["user", "--data-dir", "data"];
        place.run(&[&start, arguments].concat())
    };
    assert_snapshot!(user(&["add", "grace", "--email", "grace@example.org"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    added user `grace`
    ");
    assert_snapshot!(user(&["add", "grace"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: user `grace` exists already
    ");
    assert_snapshot!(user(&["add", "gr/ace"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: entity name `gr/ace` is not valid: 1 to 64 ASCII letters, digits, `-` or `_`, starting with a letter or digit
    ");
    assert_snapshot!(user(&["add", "healthz"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: username `healthz` is reserved for a page of this server; choose another
    ");
    assert_snapshot!(user(&["set-password", "grace"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: stdin holds no password
    ");
    assert_snapshot!(without_times(&user(&["list"])), @r"
    exit code: 0
    ----- stdout
    name   email              role   created
    admin                     admin  [TIME]
    grace  grace@example.org  user   [TIME]
    ----- stderr
    ");
    assert_snapshot!(user(&["remove", "nobody"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: user `nobody` does not exist
    ");
    assert_snapshot!(user(&["remove", "grace"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    removed user `grace`
    ");
}

/// A key is shown when it is made, and never again.
#[test]
fn keys_from_the_shell() {
    let place = Place::new();
    let _server = Server::start(&place);
    let key = |arguments: &[&str]| {
        let start = ["user", "--data-dir", "data", "key"];
        place.run(&[&start, arguments].concat())
    };
    let made = key(&["add", "admin", "--label", "laptop"]);
    let secret = made.lines().nth(2).expect("the key is on stdout");
    assert_eq!(secret.len(), 40);
    let listed = key(&["list", "admin"]);
    assert!(!listed.contains(secret));
    let listed = listed.replace(&secret[secret.len() - 4..], "[HINT]");
    let first = first_key_hint(&listed);
    assert_snapshot!(without_times(&listed.replace(&first, "[HINT]")), @r"
    exit code: 0
    ----- stdout
    id  name       ends in  created               last used
    1   first key  [HINT]     [TIME]  never
    2   laptop     [HINT]     [TIME]  never
    ----- stderr
    ");
    assert_snapshot!(key(&["remove", "admin", "2"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    revoked key 2
    ");
    assert_snapshot!(key(&["remove", "admin", "2"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: API key `2` does not exist
    ");
}

/// Everything that is stored is verified while the server runs.
#[test]
fn verification() {
    let place = Place::new();
    let _server = Server::start(&place);
    assert_snapshot!(place.run(&["fsck", "--data-dir", "data"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    verified 0 chunks, 0 segments, 0 pieces of consoles, 0 files, 0 artifact contents and 0 artifact manifests
    ");
}

/// `text` with `[TIME]` for every time.
fn without_times(text: &str) -> String {
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.contains('T');
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let bare = word.trim_end();
        if is_time(bare) {
            word.replace(bare, "[TIME]")
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

/// What the first key of a list ends in.
fn first_key_hint(listed: &str) -> String {
    let line = listed.lines().find(|line| line.starts_with("1 "));
    let words = line.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let words = words.expect("the first key is listed");
    words[words.len() - 3].to_owned()
}
