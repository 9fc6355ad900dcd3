//! `early_terminate`.

use super::Metric;
use super::node::{Kind, Node};
use super::read::{Notes, Section};
use crate::early_stopping::{Asha, Bands, EarlyTerminate, Hyperband, Median};

#[derive(Clone, Copy)]
enum Type {
    Hyperband,
    Asha,
    Median,
}

/// Reads the rule of early stopping, which is about the first objective.
pub(super) fn read(
    top: &mut Section<'_>,
    objectives: &[Metric],
    notes: &mut Notes,
) -> Option<EarlyTerminate> {
    let node = top
        .take("early_terminate")
        .filter(|node| node.kind != Kind::Null)?;
    let n_problems = notes.problems.len();
    let expected = "a mapping with `type`, such as `{type: hyperband, min_iter: 3}`";
    let mut section = Section::open("early_terminate", node, expected, notes)?;
    let types = [
        ("hyperband", Type::Hyperband),
        ("asha", Type::Asha),
        ("median", Type::Median),
    ];
    if !section.has("type") {
        let message = "is missing, expected `hyperband`, `asha` or `median`";
        notes.problem("early_terminate.type", node.line, message);
        return None;
    }
    let rule = match section.choice("type", &types, notes)? {
        Type::Hyperband => hyperband(&mut section, node, notes),
        Type::Asha => Some(asha(&mut section, notes)),
        Type::Median => Some(median(&mut section, notes)),
    };
    if objectives.is_empty()
        && !notes
            .problems
            .iter()
            .any(|problem| problem.path.starts_with("metric"))
    {
        let message = "is missing; `early_terminate` needs to know what to judge runs by";
        notes.problem("metric", node.line, message);
    }
    rule.filter(|_| notes.problems.len() == n_problems)
}

fn hyperband(section: &mut Section<'_>, node: &Node, notes: &mut Notes) -> Option<EarlyTerminate> {
    let has_min_iter = section.has("min_iter");
    let min_iter = count(section, "min_iter", notes);
    let max_iter = count(section, "max_iter", notes);
    let has_s = section.has("s");
    let s = section.integer("s", 1..=1_000, notes);
    let eta = eta(section, notes);
    let strict = section.boolean("strict", notes).unwrap_or(true);
    section.warn_of_rest(
        &["type", "min_iter", "max_iter", "s", "eta", "strict"],
        notes,
    );
    // W&B lets `min_iter` decide if both forms are there.
    let bands = match (min_iter, max_iter, s) {
        (Some(min_iter), _, _) => Bands::From { min_iter },
        (None, Some(max_iter), Some(s)) => Bands::UpTo {
            max_iter,
            s: s as u32,
        },
        (None, Some(_), None) if !has_s => {
            let message = "is missing; `max_iter` needs the number of bands";
            notes.problem("early_terminate.s", node.line, message);
            return None;
        }
        _ if has_min_iter || max_iter.is_some() => return None,
        _ => {
            let message = "found neither `min_iter` nor `max_iter`, expected `min_iter`, or `max_iter` with `s`";
            notes.problem("early_terminate", node.line, message);
            return None;
        }
    };
    Some(EarlyTerminate::Hyperband(Hyperband { bands, eta, strict }))
}

fn asha(section: &mut Section<'_>, notes: &mut Notes) -> EarlyTerminate {
    let min_iter = count(section, "min_iter", notes).unwrap_or(1);
    let max_iter = count(section, "max_iter", notes);
    let eta = eta(section, notes);
    let min_runs = section.integer("min_runs", 1..=1_000_000, notes);
    section.warn_of_rest(&["type", "min_iter", "max_iter", "eta", "min_runs"], notes);
    if let Some(max_iter) = max_iter.filter(|max_iter| *max_iter <= min_iter) {
        let message =
            format!("found {max_iter}, expected more than `min_iter`, which is {min_iter}");
        notes.problem("early_terminate.max_iter", section.line, message);
    }
    EarlyTerminate::Asha(Asha {
        min_iter,
        max_iter,
        eta,
        min_runs: min_runs.map_or(eta.ceil().min(1e6) as u32, |n| n as u32),
    })
}

fn median(section: &mut Section<'_>, notes: &mut Notes) -> EarlyTerminate {
    let min_iter = count(section, "min_iter", notes).unwrap_or(1);
    let interval = count(section, "interval", notes).unwrap_or(1);
    let min_runs = section.integer("min_runs", 1..=1_000_000, notes);
    section.warn_of_rest(&["type", "min_iter", "interval", "min_runs"], notes);
    EarlyTerminate::Median(Median {
        min_iter,
        interval,
        min_runs: min_runs.unwrap_or(5) as u32,
    })
}

fn count(section: &mut Section<'_>, key: &str, notes: &mut Notes) -> Option<u64> {
    section
        .integer(key, 1..=i64::MAX, notes)
        .map(|count| count as u64)
}

/// The factor between bands, 3 unless it is given.
fn eta(section: &mut Section<'_>, notes: &mut Notes) -> f64 {
    const DEFAULT: f64 = 3.0;
    let Some(eta) = section
        .number("eta", notes)
        .and_then(serde_json::Number::as_f64)
    else {
        return DEFAULT;
    };
    if eta <= 1.0 {
        let message = format!("found `{eta}`, expected a number greater than 1");
        notes.problem("early_terminate.eta", section.line, message);
        return DEFAULT;
    }
    eta
}
