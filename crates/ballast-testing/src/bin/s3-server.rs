//! The S3 server of the tests as a process, for tests that are not written in Rust.
//!
//! Prints its endpoint as the first line, then runs until it is killed.

use std::io::Write as _;
use std::path::PathBuf;

use ballast_testing::s3::{S3Config, S3Server};
use clap::Parser;

#[derive(Parser)]
#[command(about = "An S3 server for tests; prints its endpoint and runs until it is killed")]
struct Arguments {
    /// Port on 127.0.0.1; 0 for any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Folder of the buckets; a temporary one if left out.
    #[arg(long)]
    root: Option<PathBuf>,
    /// Bucket to make.
    #[arg(long, default_value = "ballast")]
    bucket: String,
    /// Key of the only account.
    #[arg(long, default_value = "test-access-key")]
    access_key: String,
    /// Secret of the only account.
    #[arg(long, default_value = "test-secret-key")]
    secret_key: String,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let server = S3Server::start_with(S3Config {
        root: arguments.root,
        port: arguments.port,
        bucket: arguments.bucket,
        access_key: arguments.access_key,
        secret_key: arguments.secret_key,
    })
    .await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", server.endpoint())?;
    stdout.flush()?;
    server.run().await;
    Ok(())
}
