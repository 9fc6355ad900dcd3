//! Which chunks or segments become the next segment.

use ballast_meta::{ChunkHead, SegmentRecord};

/// Most chunks in one segment, which bounds how long the transaction is that drops them.
const MAX_CHUNKS: usize = 1024;

/// Most bytes of what one segment is made from, which bounds the memory of a fold.
const MAX_BYTES: u64 = 32 << 20;

/// So many segments at least are merged at once, so that a row is written a few times at most.
pub(super) const MIN_MERGED: u64 = 4;

/// A generation is looked at for merging if it has [`MIN_MERGED`] segments smaller than this: so many of them fit into
/// one, so that those that cannot be merged do not keep others waiting.
pub(super) const SMALL_BYTES: u64 = MAX_BYTES / MIN_MERGED;

/// The chunks for one segment: the first ones, up to a gap, since a line that fills the gap later must not lie inside
/// a segment.
pub(super) fn first_chunks(heads: Vec<ChunkHead>) -> Vec<ChunkHead> {
    let mut chosen: Vec<ChunkHead> = Vec::new();
    let mut n_bytes = 0;
    for head in heads.into_iter().take(MAX_CHUNKS) {
        n_bytes += head.n_bytes;
        let joins = chosen
            .last()
            .is_none_or(|last| last.lines.end == head.lines.start && n_bytes <= MAX_BYTES);
        if !joins {
            break;
        }
        chosen.push(head);
    }
    chosen
}

/// The longest stretch of adjacent segments that are worth merging: at least [`MIN_MERGED`], none of them more than
/// half of the whole.
pub(super) fn small_segments(segments: &[SegmentRecord]) -> Option<Vec<SegmentRecord>> {
    let mut best = 0..0;
    for start in 0..segments.len() {
        let (mut total, mut largest) = (0, 0);
        for end in start..segments.len() {
            let is_adjacent =
                end == start || segments[end - 1].lines.end == segments[end].lines.start;
            total += segments[end].n_bytes;
            largest = largest.max(segments[end].n_bytes);
            if !is_adjacent || total > MAX_BYTES {
                break;
            }
            let n_segments = end + 1 - start;
            if n_segments as u64 >= MIN_MERGED && largest * 2 <= total && n_segments > best.len() {
                best = start..end + 1;
            }
        }
    }
    (!best.is_empty()).then(|| segments[best].to_vec())
}

#[cfg(test)]
mod tests {
    use ballast_meta::SegmentKey;
    use ballast_model::GenerationKey;
    use bytes::Bytes;

    use super::*;

    /// Segments of these sizes, in MiB; a negative one has a gap before it.
    fn merged(sizes: &[i64]) -> Option<Vec<i64>> {
        let mut line = 0;
        let mut segments = Vec::new();
        for (number, size) in (0..).zip(sizes) {
            line += u64::from(*size < 0);
            segments.push(SegmentRecord {
                key: SegmentKey(number),
                generation: GenerationKey(1),
                lines: line..line + 10,
                steps: None,
                object_key: String::new(),
                n_bytes: size.unsigned_abs() << 20,
                checksum: Bytes::new(),
                index: Bytes::new(),
            });
            line += 10;
        }
        let chosen = small_segments(&segments)?;
        Some(chosen.iter().map(|segment| segment.key.0).collect())
    }

    #[test]
    fn small_neighbours_are_merged() {
        assert_eq!(merged(&[4, 4, 4, 4]), Some(vec![0, 1, 2, 3]));
        assert_eq!(merged(&[60, 4, 4, 4, 4]), Some(vec![1, 2, 3, 4]));
        assert_eq!(merged(&[4, 4, 4]), None);
        assert_eq!(merged(&[40, 1, 1, 1, 1]), Some(vec![1, 2, 3, 4]));
        assert_eq!(merged(&[20, 20, 20, 20]), None, "too large together");
        assert_eq!(merged(&[4, 4, -4, 4, 4]), None, "a gap may be filled yet");
        assert_eq!(merged(&[]), None);
    }
}
