//! What a key is.

/// A group of keys that belong together, with one file of this module.
#[derive(Debug)]
pub(crate) struct Section {
    /// Heading in the reference and in `--help`.
    pub(crate) title: &'static str,
    /// Its keys, in the order of the reference.
    pub(crate) keys: &'static [&'static KeyInfo],
}

/// What there is to say of a key, whatever its type.
#[derive(Debug)]
pub(crate) struct KeyInfo {
    /// Its name in the configuration file, in `snake_case`. The flag and the environment name follow from it.
    pub(crate) name: &'static str,
    /// What stands for the value in `--help`: `ADDR:PORT`.
    pub(crate) placeholder: &'static str,
    /// What it does: whole sentences in Markdown.
    pub(crate) doc: &'static str,
    /// What a value must be, to follow "expected" in an error: "an address and a port".
    pub(crate) expected: &'static str,
    /// What counts if nothing is set.
    pub(crate) default: DefaultValue,
    /// Where it may be set, and whether it may be shown.
    pub(crate) kind: KeyKind,
    /// An environment name that others have given the same thing; it counts if ours is not set.
    pub(crate) fallback: Option<&'static str>,
}

/// What counts if a key is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultValue {
    /// This text, as if it had been given.
    Text(&'static str),
    /// Nothing; what follows from that, in words.
    Unset(&'static str),
}

/// Where a key may be set, and whether its value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Set anywhere, shown in errors.
    Plain,
    /// Set anywhere; the value may hold a password and is not shown.
    Confidential,
    /// A secret: not shown, and without a flag, because other users of the machine can see those.
    Secret,
    /// Names the configuration file, so it cannot stand in it.
    OutsideFile,
}

impl KeyInfo {
    /// `--data-dir`, if there is one.
    pub(crate) fn flag(&self) -> Option<String> {
        (self.kind != KeyKind::Secret).then(|| format!("--{}", self.name.replace('_', "-")))
    }

    /// `BALLAST_DATA_DIR`.
    pub(crate) fn variable(&self) -> String {
        format!("BALLAST_{}", self.name.to_uppercase())
    }

    /// `data_dir`, if it may stand in the file.
    pub(crate) fn file_key(&self) -> Option<&'static str> {
        (self.kind != KeyKind::OutsideFile).then_some(self.name)
    }

    /// `value` as an error may show it.
    pub(crate) fn shown(&self, value: &str) -> String {
        match self.kind {
            KeyKind::Plain | KeyKind::OutsideFile => format!("`{value}`"),
            KeyKind::Confidential | KeyKind::Secret => "a value that is not shown".to_owned(),
        }
    }
}

/// A key and how its value is read. `T` is what the program works with.
pub(crate) struct Key<T> {
    pub(crate) info: KeyInfo,
    /// Reads a value; an error says what is wrong with it, or is empty if "expected ..." says it all.
    pub(crate) parse: fn(&str) -> Result<T, String>,
}
