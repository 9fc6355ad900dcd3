//! What is looked for in lines.

use regex::{Regex, RegexBuilder};

use crate::{Result, TrackingError};

/// How much memory a compiled expression may take, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// What to look for in the text of lines, their escape sequences left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleSearch {
    /// This text, in any case.
    Text(String),
    /// A match of this regular expression, in the syntax of the `regex` crate. The time it takes is linear in the text.
    Pattern(String),
}

/// A search that is ready to run.
#[derive(Debug, Clone)]
pub(super) struct Matcher {
    regex: Regex,
    plain: String,
}

impl Matcher {
    /// # Errors
    /// [`TrackingError::Invalid`] if a pattern cannot be read, or becomes too large.
    pub(super) fn new(search: &ConsoleSearch) -> Result<Self> {
        let mut builder = match search {
            ConsoleSearch::Text(text) => {
                let mut builder = RegexBuilder::new(&regex::escape(text));
                builder.case_insensitive(true);
                builder
            }
            ConsoleSearch::Pattern(pattern) => RegexBuilder::new(pattern),
        };
        let regex = builder.size_limit(MAX_REGEX_BYTES).build();
        let regex = regex.map_err(|error| {
            let what = match search {
                ConsoleSearch::Text(_) => "text",
                ConsoleSearch::Pattern(_) => "regular expression",
            };
            TrackingError::Invalid(format!("the {what} to search for cannot be used: {error}"))
        })?;
        Ok(Self {
            regex,
            plain: String::new(),
        })
    }

    pub(super) fn is_match(&mut self, text: &str) -> bool {
        if text.contains(ESCAPE) {
            self.plain.clear();
            push_plain(text, &mut self.plain);
            self.regex.is_match(&self.plain)
        } else {
            self.regex.is_match(text)
        }
    }
}

const ESCAPE: char = '\u{1b}';

/// Appends `text` without its escape sequences.
fn push_plain(text: &str, plain: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(ESCAPE) {
        plain.push_str(before);
        rest = behind_sequence(after);
    }
    plain.push_str(rest);
}

/// What follows the escape sequence whose first character, the escape, precedes `text`.
fn behind_sequence(text: &str) -> &str {
    if let Some(parameters) = text.strip_prefix('[') {
        // A control sequence ends with its first character from `@` to `~`.
        let end = parameters.find(|c| ('@'..='~').contains(&c));
        return end.map_or("", |end| &parameters[end + 1..]);
    }
    // A command, such as a link, ends with a bell or with an escape and `\`.
    if let Some(command) = text.strip_prefix(']')
        && let Some(end) = command.find(['\u{7}', ESCAPE])
    {
        let rest = &command[end + 1..];
        return rest.strip_prefix('\\').unwrap_or(rest);
    }
    // The others have one more character.
    text.strip_prefix(|c| ('@'..='_').contains(&c))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut plain = String::new();
        push_plain(text, &mut plain);
        plain
    }

    fn is_match(search: &ConsoleSearch, text: &str) -> bool {
        Matcher::new(search).expect("a search").is_match(text)
    }

    #[test]
    fn escape_sequences_are_left_out() {
        assert_eq!(plain("\u{1b}[1;31mEpoch\u{1b}[0m 3"), "Epoch 3");
        assert_eq!(
            plain("a \u{1b}]8;;https://x.y\u{1b}\\link\u{1b}]8;;\u{7}!"),
            "a link!"
        );
        assert_eq!(plain("cut \u{1b}["), "cut ");
        assert_eq!(plain("cut \u{1b}]0;title"), "cut 0;title");
        assert_eq!(plain("\u{1b}Mup \u{1b}é"), "up é");
        assert_eq!(plain("cut \u{1b}"), "cut ");
    }

    #[test]
    fn text_is_found_in_any_case_and_as_it_is() {
        let text = |text: &str| ConsoleSearch::Text(text.to_owned());
        assert!(is_match(&text("GRÜSSE (1"), "\u{1b}[1mgr\u{1b}[0müsse (1)"));
        assert!(!is_match(&text("a.c"), "abc"));
    }

    #[test]
    fn patterns_are_of_one_line() {
        let pattern = |text: &str| ConsoleSearch::Pattern(text.to_owned());
        assert!(is_match(
            &pattern("^step [0-9]+$"),
            "\u{1b}[1mstep 12\u{1b}[0m"
        ));
        assert!(!is_match(&pattern("^STEP"), "step 12"));
        for unusable in ["(", "(a{1000}){1000}"] {
            let error = Matcher::new(&pattern(unusable)).expect_err("no pattern");
            assert!(matches!(error, TrackingError::Invalid(_)), "{error:?}");
        }
    }
}
