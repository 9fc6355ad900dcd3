//! Finding keys by name.

use ballast_model::MetricName;
use regex::{Regex, RegexBuilder};

use crate::{Result, TrackingError};

/// No pattern may take more memory than this once it is compiled.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Which keys to list. Names are compared as scripts write them, dots not escaped.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// In lower case.
    search: Option<String>,
    pattern: Option<Regex>,
    after: Option<MetricName>,
    limit: Option<usize>,
}

/// Some keys, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPage<K> {
    /// By name, no more than the limit.
    pub items: Vec<K>,
    /// How many fit the filter, on all pages.
    pub total: u64,
    /// The last item's name, if others follow on the next page.
    pub next: Option<MetricName>,
}

impl KeyFilter {
    /// Only keys whose name has `search` in it, in any case, and that `pattern` matches somewhere.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] if `pattern` is no regular expression or a very large one.
    pub fn new(search: Option<&str>, pattern: Option<&str>) -> Result<Self> {
        let compile = |pattern: &str| {
            let compiled = RegexBuilder::new(pattern)
                .size_limit(MAX_PATTERN_BYTES)
                .build();
            compiled.map_err(|error| {
                TrackingError::Invalid(format!("`{pattern}` is not a regular expression: {error}"))
            })
        };
        Ok(Self {
            search: search.map(str::to_lowercase),
            pattern: pattern.map(compile).transpose()?,
            after: None,
            limit: None,
        })
    }

    /// Only those behind `after`, and at most `limit`.
    #[must_use]
    pub fn page(self, after: Option<MetricName>, limit: Option<usize>) -> Self {
        Self {
            after,
            limit,
            ..self
        }
    }

    fn fits(&self, name: &MetricName) -> bool {
        if self.search.is_none() && self.pattern.is_none() {
            return true;
        }
        let name = name.dotted();
        let search = self.search.as_ref();
        search.is_none_or(|search| name.to_lowercase().contains(search))
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(&name))
    }

    /// The page of `keys`, which are sorted by name.
    pub(super) fn apply<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
        name: impl Fn(&K) -> &MetricName,
    ) -> KeyPage<K> {
        let limit = self.limit.unwrap_or(usize::MAX);
        let mut page = KeyPage {
            items: Vec::new(),
            total: 0,
            next: None,
        };
        for key in keys.into_iter().filter(|key| self.fits(name(key))) {
            page.total += 1;
            if self.after.as_ref().is_some_and(|after| name(&key) <= after) {
                continue;
            }
            if page.items.len() < limit {
                page.items.push(key);
            } else if page.next.is_none() {
                page.next = page.items.last().map(|key| name(key).clone());
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(filter: &KeyFilter) -> (Vec<String>, u64, Option<String>) {
        let keys = ["loss", "train/Loss", "val.acc2", "val\\.acc"].map(MetricName::from_stored);
        let page = filter.apply(keys, |key| key);
        let items = page.items.iter().map(MetricName::dotted).collect();
        (items, page.total, page.next.map(|name| name.to_string()))
    }

    fn names(search: Option<&str>, pattern: Option<&str>) -> Vec<String> {
        found(&KeyFilter::new(search, pattern).expect("a filter")).0
    }

    #[test]
    fn names_are_compared_as_scripts_write_them() {
        assert_eq!(names(Some("LOSS"), None), ["loss", "train/Loss"]);
        assert_eq!(names(Some("l.a"), None), ["val.acc2", "val.acc"]);
        assert_eq!(names(None, Some("^l")), ["loss"]);
        assert_eq!(names(None, Some(r"acc\d$")), ["val.acc2"]);
        assert_eq!(names(Some("acc"), Some("2")), ["val.acc2"]);
        assert_eq!(names(None, None).len(), 4);
    }

    #[test]
    fn pages_follow_each_other() {
        let filter = KeyFilter::new(Some("a"), None).expect("a filter");
        let first = found(&filter.clone().page(None, Some(2)));
        let names = ["train/Loss", "val.acc2"].map(str::to_owned).to_vec();
        assert_eq!(first, (names, 3, Some("val.acc2".to_owned())));
        let after = Some(MetricName::from_stored("val.acc2"));
        let last = found(&filter.page(after, Some(2)));
        assert_eq!(last, (vec!["val.acc".to_owned()], 3, None));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        for pattern in ["(", "(?:a{1000}){1000}"] {
            let error = KeyFilter::new(None, Some(pattern)).expect_err("not a pattern");
            assert!(error.to_string().contains(pattern), "{error}");
        }
    }
}
