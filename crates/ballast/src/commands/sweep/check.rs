//! `ballast sweep check`.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use ballast_sweep::{Grid, Method, SweepConfig};

use super::read_all;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::printer;

/// Prints the problems and warnings of a file, one a line, or what the sweep is.
pub(super) fn run(file: &Path) -> Outcome {
    let name = file.display();
    let bytes = if file.as_os_str() == "-" {
        read_all(std::io::stdin().lock())
    } else {
        File::open(file).and_then(read_all)
    };
    let bytes = bytes
        .with_context(|| format!("could not read `{name}`"))
        .map_err(Failure::expected)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::expected(anyhow!("`{name}` is not UTF-8 text")))?;
    let parsed = match SweepConfig::parse_yaml(&text) {
        Ok(parsed) => parsed,
        Err(error) => {
            for problem in error.problems() {
                match problem.line {
                    Some(line) => printer::data(&format!("{name}:{line}: {problem}")),
                    None => printer::data(&format!("{name}: {problem}")),
                }
            }
            let n_problems = error.problems().len() + error.n_more();
            let problems = match n_problems {
                1 => "1 problem".to_owned(),
                n => format!("{n} problems"),
            };
            return Err(Failure::expected(anyhow!("`{name}` has {problems}")));
        }
    };
    for warning in &parsed.warnings {
        printer::data(&format!("{name}: warning: {warning}"));
    }
    printer::note(&format!("`{name}` is valid: {}", summary(&parsed.config)));
    Ok(())
}

fn summary(config: &SweepConfig) -> String {
    let parameters = match config.space.parameters().len() {
        1 => "1 parameter".to_owned(),
        n => format!("{n} parameters"),
    };
    let search = match config.method {
        Method::Grid => match Grid::new(&config.space).map(|grid| grid.n_points()) {
            Some(1) => "a grid of 1 point".to_owned(),
            Some(u128::MAX) | None => "a grid of more points than can be counted".to_owned(),
            Some(n_points) => format!("a grid of {n_points} points"),
        },
        Method::Random => "a random search".to_owned(),
        Method::Bayes => "a Bayesian search".to_owned(),
        Method::Custom => "a search by a local controller".to_owned(),
    };
    let cap = match config.run_cap {
        Some(1) => ", at most 1 run".to_owned(),
        Some(run_cap) => format!(", at most {run_cap} runs"),
        None => String::new(),
    };
    format!("{search} over {parameters}{cap}")
}
