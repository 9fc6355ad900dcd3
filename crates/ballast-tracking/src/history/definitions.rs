//! What runs declare about their metrics.

use ballast_meta::LoggedRun;
use ballast_model::{MetricDefinition, MetricName};

use crate::Result;
use crate::runs::parse_metric_definitions;

/// What a run declares about its metrics: exact names before globs, later declarations before earlier ones.
pub(super) struct Definitions(Vec<MetricDefinition>);

impl Definitions {
    /// Those of a run.
    ///
    /// # Errors
    /// [`TrackingError::Internal`](crate::TrackingError::Internal) if what is stored is not what we wrote.
    pub(super) fn parse(run: &LoggedRun) -> Result<Self> {
        Ok(Self(parse_metric_definitions(
            run.key,
            &run.metric_definitions,
        )?))
    }

    pub(super) fn find(&self, name: &MetricName) -> Option<MetricDefinition> {
        let dotted = name.dotted();
        let mut definitions = self.0.iter().rev();
        let exact = definitions
            .clone()
            .find(|definition| !definition.is_glob && definition.name == dotted);
        let found = exact.or_else(|| {
            definitions
                .find(|definition| definition.is_glob && glob_matches(&definition.name, &dotted))
        })?;
        Some(MetricDefinition {
            name: dotted,
            is_glob: false,
            ..found.clone()
        })
    }
}

/// Whether a pattern, in which `*` stands for any text, matches all of `text`.
fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (pattern, text) in [
            ("val/*", "val/loss"),
            ("*", ""),
            ("a*b*c", "a-b-b-c"),
            ("x", "x"),
            ("*loss", "loss"),
        ] {
            assert!(glob_matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("val/*", "train/loss"),
            ("x", "xy"),
            ("a*b", "a-bc"),
            ("ab*ba", "aba"),
            ("", "x"),
        ] {
            assert!(!glob_matches(pattern, text), "{pattern} {text}");
        }
    }
}
