//! What is wrong with a configuration.

use std::fmt;

/// A configuration that cannot be used, with all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
    n_more: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The keys that lead to it, joined by periods, such as `parameters.lr.min`. Empty if it concerns the whole.
    pub path: String,
    /// The line of the text, from 1, if a text was read.
    pub line: Option<usize>,
    /// What was found, and what was expected.
    pub message: String,
}

impl ConfigError {
    /// How many problems are kept; the rest is counted.
    const MOST_PROBLEMS: usize = 20;

    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        let n_more = problems.len().saturating_sub(Self::MOST_PROBLEMS);
        problems.truncate(Self::MOST_PROBLEMS);
        Self { problems, n_more }
    }

    pub(super) fn single(line: Option<usize>, message: impl Into<String>) -> Self {
        Self::new(vec![Problem {
            path: String::new(),
            line,
            message: message.into(),
        }])
    }

    /// What is wrong, at least one thing, in the order of the configuration.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many problems there are besides [`Self::problems`].
    pub fn n_more(&self) -> usize {
        self.n_more
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ([problem], 0) = (self.problems.as_slice(), self.n_more) {
            return write!(formatter, "invalid sweep config: {problem}");
        }
        let n_problems = self.problems.len() + self.n_more;
        write!(formatter, "invalid sweep config, {n_problems} problems:")?;
        for problem in &self.problems {
            write!(formatter, "\n- {problem}")?;
        }
        if self.n_more > 0 {
            write!(formatter, "\n- and {} more", self.n_more)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(formatter, "`{}`: ", self.path)?;
        }
        formatter.write_str(&self.message)
    }
}
