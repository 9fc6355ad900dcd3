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
    /// Print the version
    Version,
    /// Print a reference document made from code
    #[command(hide = true)]
    Reference {
        /// Which one
        document: Document,
    },
}
