//! The command line.

use clap::{Parser, Subcommand};

use crate::commands::{self, reference::Document};
use crate::config::{OperatorFlags, ServerFlags};

/// Ballast: experiment tracking on your own machine.
#[derive(Debug, Parser)]
#[command(name = "ballast", version, propagate_version = false)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(ServerFlags),
    /// Manage users and their API keys
    User {
        #[command(flatten)]
        flags: OperatorFlags,
        #[command(subcommand)]
        action: commands::user::Action,
    },
    /// Verify everything that is stored by its checksums
    Fsck(OperatorFlags),
    /// Say what changed between two runs or two versions of artifacts, causes first
    ///
    /// A run is `entity/project/run`, a version `entity/project/collection:version`.
    Diff {
        #[command(flatten)]
        flags: OperatorFlags,
        /// The older run or version
        left: String,
        /// The newer run or version
        right: String,
        /// Print JSON, as `GET /api/v1/diff` answers
        #[arg(long)]
        json: bool,
    },
    /// Free contents of artifacts that nothing uses
    Gc {
        #[command(flatten)]
        flags: OperatorFlags,
        #[command(flatten)]
        wish: commands::gc::Wish,
    },
    /// Verify a version of an artifact: read its manifest and files and compare them with their digests
    Verify {
        #[command(flatten)]
        flags: OperatorFlags,
        /// The version, as `entity/project/collection:version`
        artifact: String,
    },
    /// Search without a server: propose the next trial of a sweep, or check its config
    Sweep {
        #[command(subcommand)]
        action: commands::sweep::Action,
    },
    /// Print the version
    Version,
    /// Print a reference document made from code
    #[command(hide = true)]
    Reference {
        /// Which one
        document: Document,
    },
}
