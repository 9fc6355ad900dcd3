//! Rules about source files.

use std::fs;

use anyhow::{Context as _, Result};

use crate::environment::Workspace;

/// A longer file is two files.
const MAX_LINES: usize = 800;

/// Kinds of files written by hand.
const SOURCE_EXTENSIONS: &[&str] = &["rs", "ts", "tsx", "py", "css"];

/// Folders of tests, which may list as many cases as there are.
const TEST_FOLDERS: &[&str] = &["tests/", "test/", "mock-api/", "scenarios/"];

/// Returns what is wrong, one line for each break.
///
/// # Errors
/// If the files cannot be listed or read.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in workspace.files()? {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !SOURCE_EXTENSIONS.contains(&extension) || is_generated(&path) {
            continue;
        }
        let text = fs::read_to_string(workspace.root.join(&path))
            .with_context(|| format!("could not read `{path}`"))?;
        let n_lines = lines_outside_tests(&path, &text);
        if n_lines > MAX_LINES {
            problems.push(format!(
                "`{path}` has {n_lines} lines besides tests, more than {MAX_LINES}: split it"
            ));
        }
    }
    Ok(problems)
}

fn is_generated(path: &str) -> bool {
    path.contains("/generated")
}

/// How many lines `path` has that are not tests. The tests of a Rust file stand at its end.
fn lines_outside_tests(path: &str, text: &str) -> usize {
    let is_test = TEST_FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
        || path.contains(".test.")
        || path.contains(".spec.")
        || path.ends_with("/tests.rs");
    if is_test {
        return 0;
    }
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::lines_outside_tests;

    #[test]
    fn tests_do_not_count() {
        assert_eq!(
            lines_outside_tests("src/lib.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {}\n"),
            2
        );
        assert_eq!(lines_outside_tests("crates/x/tests/all.rs", "a\nb\n"), 0);
        assert_eq!(lines_outside_tests("ui/src/a.spec.ts", "a\nb\n"), 0);
        assert_eq!(lines_outside_tests("ui/src/contests.ts", "a\nb\n"), 2);
    }
}
