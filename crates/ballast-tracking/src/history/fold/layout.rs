//! Where segments lie in the blob store, so that other programs find them by the names that people know.
//!
//! `history/entity=<entity>/project=<project>/run=<run>/<generation>-<random>` for logged rows, and the same below
//! `system/` for system metrics. `docs/formats/segment.md` says what lies below that.

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
        part(run.entity.as_str()),
        part(run.project.as_str()),
        part(run.run.as_str()),
    )
}

/// Whether an object is a segment: its parts lie below its key.
pub(crate) fn is_segment(object_key: &str) -> bool {
    let root = object_key.split('/').next();
    root.is_some_and(|root| ROOTS.contains(&root))
}

/// Names longer than this are cut, in bytes.
const MAX_PLAIN_BYTES: usize = 100;

/// Characters of a digest that make a changed name unique.
const DIGEST_DIGITS: usize = 12;

/// A name as one part of a path: as it is if it is plain and short, else what of it is plain, and a digest.
fn part(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.len() <= MAX_PLAIN_BYTES && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let plain = name.chars().take(MAX_PLAIN_BYTES);
    let plain: String = plain.map(|c| if is_plain(c) { c } else { '_' }).collect();
    let digest = blake3::hash(name.as_bytes()).to_hex();
    format!("{plain}-{}", &digest[..DIGEST_DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_parts_of_a_path() {
        let run = RunPath::new("ada", "vision", "1x2y3z").expect("valid names");
        let key = object_key(&run, Stream::History, GenerationKey(7), "r");
        assert_eq!(key, "history/entity=ada/project=vision/run=1x2y3z/7-r");
        assert!(is_segment(&key));
        let key = object_key(&run, Stream::System, GenerationKey(7), "r");
        assert!(key.starts_with("system/entity=ada/") && is_segment(&key));
        assert!(!is_segment("files/history/1"));
    }

    #[test]
    fn unusual_names_stay_apart() {
        assert_eq!(part("größe 1=🚀"), "gr__e_1__-b0503d1bae50");
        assert_ne!(part("a b"), part("a_b"));
        assert_ne!(part("a b"), part("a=b"));
        let long = part(&"🚀".repeat(128));
        assert!(long.len() < 128 && long.is_ascii(), "{long}");
    }
}
