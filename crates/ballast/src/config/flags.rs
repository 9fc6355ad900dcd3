//! Every key's flag, for the command line parser.

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use super::{DefaultValue, FlagValues, KeyInfo, SECTIONS, Section, accounts, server, storage};

/// Flags of all keys: what `serve` takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerFlags(pub(crate) FlagValues);

/// Flags of the keys that commands need which work on the storage directly.
#[derive(Debug, Clone, Default)]
pub(crate) struct OperatorFlags(pub(crate) FlagValues);

/// The sections whose keys [`OperatorFlags`] takes.
const OPERATOR_SECTIONS: &[&Section] = &[&storage::SECTION, &server::SECTION, &accounts::SECTION];

impl Args for ServerFlags {
    fn augment_args(command: Command) -> Command {
        augment(command, SECTIONS)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServerFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(given(matches, SECTIONS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for OperatorFlags {
    fn augment_args(command: Command) -> Command {
        augment(command, OPERATOR_SECTIONS)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for OperatorFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(given(matches, OPERATOR_SECTIONS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn augment(command: Command, sections: &[&Section]) -> Command {
    sections.iter().fold(command, |command, section| {
        let flags = section.keys.iter().copied().filter_map(flag);
        command.args(flags.map(|flag| flag.help_heading(section.title)))
    })
}

fn flag(key: &'static KeyInfo) -> Option<Arg> {
    let long = key.flag()?.trim_start_matches('-').to_owned();
    let summary = key.doc.split_once(". ").map_or(key.doc, |(first, _)| first);
    let default = match key.default {
        DefaultValue::Text(text) | DefaultValue::Unset(text) => text,
    };
    let help = format!(
        "{} [env: {}] [default: {default}]",
        summary.trim_end_matches('.').replace('`', ""),
        key.variable()
    );
    Some(
        Arg::new(key.name)
            .long(long)
            .value_name(key.placeholder)
            .help(help),
    )
}

fn given(matches: &ArgMatches, sections: &[&Section]) -> FlagValues {
    let keys = sections.iter().flat_map(|section| section.keys);
    keys.filter(|key| key.flag().is_some())
        .filter_map(|key| {
            let value = matches.get_one::<String>(key.name)?;
            Some((key.name, value.clone()))
        })
        .collect()
}
