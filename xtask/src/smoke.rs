//! The web app inside the real binary, in a real browser: `npm run smoke` against a server of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::environment::Workspace;
use crate::services::free_port;
use crate::{process, web};

/// Of a server that lives as long as the test.
const ADMIN_API_KEY: &str = "5m0ke5m0ke5m0ke5m0ke5m0ke5m0ke5m0ke5m0ke";

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the binary on an empty data folder and drives its web app.
///
/// # Errors
/// If the server does not start or the browser finds something wrong.
pub(crate) fn run(workspace: &Workspace, binary: &Path, chromium: &Path) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("ballast-smoke-{}", std::process::id()));
    let address = format!("127.0.0.1:{}", free_port()?);
    let server = Command::new(binary)
        .arg("serve")
        .arg("--data-dir")
        .arg(&folder)
        .args(["--listen", &address])
        .env("BALLAST_ADMIN_USERNAME", "root")
        .env("BALLAST_ADMIN_API_KEY", ADMIN_API_KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("could not start `{}`", binary.display()))?;
    let mut server = Server(server);
    server.wait_until_ready(&address)?;
    let outcome = process::run(
        web::script_command(workspace, "smoke")
            .env("BALLAST_URL", format!("http://{address}"))
            .env("BALLAST_ADMIN_API_KEY", ADMIN_API_KEY)
            .env("CHROMIUM", chromium),
    );
    drop(server);
    std::fs::remove_dir_all(&folder)
        .with_context(|| format!("could not remove `{}`", folder.display()))?;
    outcome
}

/// A server that ends when it is dropped.
struct Server(Child);

impl Server {
    fn wait_until_ready(&mut self, address: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_ready(address) {
            if let Some(status) = self.0.try_wait()? {
                bail!("the server ended before it was ready: {status}");
            }
            if Instant::now() > deadline {
                bail!("the server was not ready within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_ready(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| {
        answer
            .lines()
            .next()
            .is_some_and(|line| line.contains(" 200 "))
    })
}
