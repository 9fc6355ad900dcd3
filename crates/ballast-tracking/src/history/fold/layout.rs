//! Where segments lie in the blob store, so that other programs find them by the names that people know.
//!
//! `history/entity=<entity>/project=<project>/run=<run>/<generation>-<random>` for logged rows, and the same below
//! `system/` for system metrics. `docs/formats/segment.md` says what lies below that.

use std::fmt::Write as _;

use ballast_meta::Stream;
use ballast_model::{GenerationKey, RunPath};

const ROOTS: [&str; 2] = ["history", "system"];

/// The key under which a new segment of a run is stored. The path tells the run's names at this time.
pub(super) fn object_key(
    run: &RunPath,
    stream: Stream,
    generation: GenerationKey,
    random: &str,
) -> String {
    let root = match stream {
        Stream::System => ROOTS[1],
        _ => ROOTS[0],
    };
    format!(
        "{root}/entity={}/project={}/run={}/{generation}-{random}",
        escaped(run.entity.as_str()),
        escaped(run.project.as_str()),
        escaped(run.run.as_str()),
    )
}

/// Whether an object is a segment: its parts lie below its key.
pub(crate) fn is_segment(object_key: &str) -> bool {
    let root = object_key.split('/').next();
    root.is_some_and(|root| ROOTS.contains(&root))
}

/// A name as one part of a path: whatever is not plain is percent-encoded, as readers of such paths expect.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a String takes everything");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_parts_of_a_path() {
        let run = RunPath::new("ada", "vision", "größe 1=🚀").expect("valid names");
        let key = object_key(&run, Stream::History, GenerationKey(7), "r");
        assert_eq!(
            key,
            "history/entity=ada/project=vision/run=gr%C3%B6%C3%9Fe%201%3D%F0%9F%9A%80/7-r"
        );
        assert!(is_segment(&key));
        let key = object_key(&run, Stream::System, GenerationKey(7), "r");
        assert!(key.starts_with("system/entity=ada/") && is_segment(&key));
        assert!(!is_segment("files/history/1"));
    }
}
