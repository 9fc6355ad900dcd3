//! Names for runs that were started without one.

use crate::clock::Entropy;

const ADJECTIVES: &[&str] = &[
    "amber", "bold", "brisk", "bright", "calm", "clear", "coral", "crisp", "dapper", "deep",
    "eager", "early", "fair", "fleet", "fresh", "gentle", "glad", "golden", "grand", "hardy",
    "hazel", "honest", "ivory", "jolly", "keen", "kind", "light", "lively", "lucid", "lucky",
    "mellow", "merry", "mild", "misty", "nimble", "noble", "olive", "patient", "plain", "polar",
    "proud", "quick", "quiet", "rapid", "ready", "rosy", "royal", "rustic", "sage", "scarlet",
    "serene", "sharp", "silent", "silver", "smooth", "snowy", "solar", "spry", "stable", "steady",
    "still", "stout", "sunny", "swift", "tidy", "vivid", "warm", "wise", "witty", "young",
];

const NOUNS: &[&str] = &[
    "anchor", "aspen", "badger", "bay", "beacon", "birch", "bison", "brook", "canyon", "cedar",
    "cliff", "cloud", "comet", "cove", "crane", "creek", "dale", "delta", "dove", "dune", "eagle",
    "ember", "falcon", "fern", "finch", "fjord", "forest", "fox", "glade", "grove", "harbor",
    "hare", "hawk", "heron", "hill", "island", "jay", "keel", "lagoon", "lake", "lark", "linden",
    "lynx", "maple", "marsh", "meadow", "moon", "moss", "oak", "ocean", "otter", "owl", "peak",
    "pine", "plover", "pond", "prairie", "quail", "raven", "reef", "ridge", "river", "robin",
    "rook", "sail", "shore", "sparrow", "spring", "spruce", "star", "stone", "stream", "swan",
    "tern", "thicket", "tide", "valley", "wave", "willow", "wolf", "wren",
];

/// A name of the form `brisk-otter-41`, where the number is the run's place in its project.
pub fn generate(entropy: &dyn Entropy, number: u64) -> String {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    let pick = |words: &[&'static str], low: u8, high: u8| {
        words[usize::from(u16::from_le_bytes([low, high])) % words.len()]
    };
    format!(
        "{}-{}-{number}",
        pick(ADJECTIVES, bytes[0], bytes[1]),
        pick(NOUNS, bytes[2], bytes[3])
    )
}
