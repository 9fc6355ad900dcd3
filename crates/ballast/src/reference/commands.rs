//! `docs/reference/commands.md`.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::NOTICE;
use crate::arguments::Arguments;

/// Columns of the help texts.
const WIDTH: usize = 100;

const INTRODUCTION: &str = "\
# Commands

Data goes to stdout, everything else to stderr. A command ends with one of these codes:

| code | meaning |
|---|---|
| 0 | it worked |
| 1 | the input or the environment does not allow it; the message says what to change |
| 2 | something happened that should not, a fault of Ballast or of the machine |
";

/// Every command with its help text.
pub(crate) fn commands() -> String {
    let mut root = Arguments::command().term_width(WIDTH);
    root.build();
    let mut page = format!("{NOTICE}{INTRODUCTION}");
    describe(&mut root, &mut page);
    page
}

fn describe(command: &mut Command, page: &mut String) {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let help = command.render_long_help().to_string();
    write!(
        page,
        "\n## `{name}`\n\n```text\n{}\n```\n",
        without_trailing_blanks(&help)
    )
    .expect("a text can be written to");
    let subcommands = command.get_subcommands_mut();
    for subcommand in subcommands.filter(|command| !command.is_hide_set()) {
        if subcommand.get_name() != "help" {
            describe(subcommand, page);
        }
    }
}

fn without_trailing_blanks(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n")
}
