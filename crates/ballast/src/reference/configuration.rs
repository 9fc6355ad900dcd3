//! `docs/reference/configuration.md`.

use std::fmt::Write as _;

use super::NOTICE;
use crate::config::{DefaultValue, IGNORED_NAMES, KeyInfo, SECTIONS, storage};

const INTRODUCTION: &str = "\
# Configuration

Every key can be set by a flag of `ballast serve`, in the environment, or in a configuration file; what is not set has
a default. The first in this order counts. Secrets have no flag, because other users of a machine can see those.

The file is `ballast.toml` in the data folder, or the one that `--config` names. It is TOML without tables:

```toml
listen = \"0.0.0.0:8080\"
public_url = \"https://ballast.example.org\"
heartbeat_limit = \"10m\"
```

Everything is checked when the server starts. A key, or an environment name beginning with `BALLAST_`, that does not
exist is refused, and so is a value that is not what its key expects. An environment name with an empty value counts
as not set.

Sizes are bytes, or a number with `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` or `TiB`. Times are seconds, or numbers
with `s`, `m` or `h`.
";

/// Every key by section.
pub(crate) fn configuration() -> String {
    let mut page = format!("{NOTICE}{INTRODUCTION}");
    for section in SECTIONS {
        write!(page, "\n## {}\n", section.title).expect("a text can be written to");
        for key in section.keys {
            page.push_str(&entry(key));
        }
    }
    let passed_on = storage::PASSED_ON.join("`, `");
    let ignored = IGNORED_NAMES.join("`, `");
    write!(
        page,
        "\n## Other environment names\n\n\
         The standard names by which clouds lend a machine an identity are handed to the blob store as they are: \
         `{passed_on}`.\n\n\
         `{ignored}` belong to the tests; the server does not look at them.\n"
    )
    .expect("a text can be written to");
    page
}

fn entry(key: &KeyInfo) -> String {
    let code = |text: Option<&str>| text.map_or_else(|| "–".to_owned(), |text| format!("`{text}`"));
    let mut variables = code(Some(&key.variable()));
    if let Some(fallback) = key.fallback {
        variables = format!("{variables}, else `{fallback}`");
    }
    let flag = key.flag().map(|flag| format!("{flag} {}", key.placeholder));
    let default = match key.default {
        DefaultValue::Text(text) => code(Some(text)),
        DefaultValue::Unset(words) => words.to_owned(),
    };
    format!(
        "\n### `{}`\n\n{} Expects {}.\n\n\
         | flag | environment | file | default |\n|---|---|---|---|\n| {} | {variables} | {} | {default} |\n",
        key.name,
        key.doc,
        key.expected,
        code(flag.as_deref()),
        code(key.file_key()),
    )
}
