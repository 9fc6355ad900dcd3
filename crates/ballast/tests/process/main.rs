//! The binary as a process: what the command line shows, and the life of a server.

mod cli;
mod harness;
mod serve;
mod stored;
mod sweep;
