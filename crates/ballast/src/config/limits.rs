//! How large things may be.

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::parse;
use super::sources::Sources;

const EXPECTED: &str = "bytes, or a size with a unit such as `16 MiB`";

static MAX_REQUEST_BYTES: Key<u64> = size(
    "max_request_bytes",
    "The largest body of a request, after decompression. Uploads of files are not bound by it.",
    "16 MiB",
);

static MAX_LINE_BYTES: Key<u64> = size(
    "max_line_bytes",
    "The largest line of a run's history, system metrics or console. A longer one keeps its place, empty, and is reported on the page of the run.",
    "10 MiB",
);

static MAX_CONFIG_BYTES: Key<u64> = size(
    "max_config_bytes",
    "The largest config, and the largest summary, of a run.",
    "16 MiB",
);

static MAX_FILE_BYTES: Key<u64> = size(
    "max_file_bytes",
    "The largest file that a run may keep.",
    "5 GiB",
);

static CACHE_BYTES: Key<u64> = size(
    "cache_bytes",
    "The memory that history read lately may take, so that a chart that is asked for again need not be read again. The server as a whole takes up to 200 MB more.",
    "256 MiB",
);

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Limits",
    keys: &[
        &MAX_REQUEST_BYTES.info,
        &MAX_LINE_BYTES.info,
        &MAX_CONFIG_BYTES.info,
        &MAX_FILE_BYTES.info,
        &CACHE_BYTES.info,
    ],
};

/// How large things may be.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "a name says its unit")]
pub(crate) struct Limits {
    pub(crate) request_bytes: u64,
    pub(crate) line_bytes: u64,
    pub(crate) config_bytes: u64,
    pub(crate) file_bytes: u64,
    pub(crate) cache_bytes: u64,
}

impl Limits {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self {
            request_bytes: sources.value(&MAX_REQUEST_BYTES)?,
            line_bytes: sources.value(&MAX_LINE_BYTES)?,
            config_bytes: sources.value(&MAX_CONFIG_BYTES)?,
            file_bytes: sources.value(&MAX_FILE_BYTES)?,
            cache_bytes: sources.value(&CACHE_BYTES)?,
        })
    }
}

const fn size(name: &'static str, doc: &'static str, default: &'static str) -> Key<u64> {
    Key {
        info: KeyInfo {
            name,
            placeholder: "SIZE",
            doc,
            expected: EXPECTED,
            default: DefaultValue::Text(default),
            kind: KeyKind::Plain,
            fallback: None,
        },
        parse: parse::size,
    }
}
