//! What the task runner itself says. All of it goes to stderr: stdout belongs to the tools it runs.
#![expect(
    clippy::print_stderr,
    reason = "the one place that prints; everything else calls it"
)]

use std::time::{Duration, Instant};

/// Says one line of progress.
pub(crate) fn note(text: &str) {
    eprintln!("xtask: {text}");
}

/// Reports a failure with everything that caused it.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  caused by: {cause}");
    }
}

/// A sequence of named steps, each timed.
#[derive(Debug)]
pub(crate) struct Steps {
    started: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Runs one step and says how long it took.
    ///
    /// # Errors
    /// The step's own error, with the step's name as context.
    pub(crate) fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        eprintln!("\n==> {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        self.done.push((name, took));
        match &result {
            Ok(_) => eprintln!("<== {name}: {:.1} s", took.as_secs_f64()),
            Err(_) => eprintln!("<== {name}: failed after {:.1} s", took.as_secs_f64()),
        }
        result.map_err(|error| error.context(format!("step `{name}` failed")))
    }

    /// Lists the steps with their times, and the total in the last line.
    pub(crate) fn finish(self) {
        eprintln!("\nTime by step:");
        for (name, took) in &self.done {
            eprintln!("  {:>8.1} s  {name}", took.as_secs_f64());
        }
        eprintln!(
            "===== {} steps passed in {:.2}s =====",
            self.done.len(),
            self.started.elapsed().as_secs_f64()
        );
    }
}
