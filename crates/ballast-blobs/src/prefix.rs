//! Between our keys and the paths of `object_store`.

use object_store::path::Path;

/// What every key of a store is put below; may be nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prefix(String);

impl Prefix {
    /// `text` is empty or a valid key.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The path of a valid key, or of the whole store if `key` is empty.
    pub(crate) fn path(&self, key: &str) -> Path {
        let text = match (self.0.as_str(), key) {
            ("", key) => key.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, key) => format!("{prefix}/{key}"),
        };
        Path::parse(text).expect("a valid key is a valid path")
    }

    /// The key at a path, if the path is below the prefix.
    pub(crate) fn key(&self, path: &Path) -> Option<String> {
        let path = path.as_ref();
        if self.0.is_empty() {
            return Some(path.to_owned());
        }
        let key = path.strip_prefix(&self.0)?.strip_prefix('/')?;
        Some(key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_below_the_prefix_and_come_back() {
        for prefix in ["", "p", "a/b"] {
            let prefix = Prefix::new(prefix);
            for key in ["k", "x/y=1/z.parquet"] {
                assert_eq!(prefix.key(&prefix.path(key)).as_deref(), Some(key));
            }
        }
        assert_eq!(Prefix::new("a/b").path("k").as_ref(), "a/b/k");
        assert_eq!(Prefix::new("a/b").path("").as_ref(), "a/b");
        assert_eq!(Prefix::new("a").key(&Path::from("ab/k")), None);
    }
}
