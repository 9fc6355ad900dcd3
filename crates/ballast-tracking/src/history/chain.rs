//! Chains: which lines of which generations a run shows.
//!
//! A run's stream is a chain of pieces, each a generation up to a line. Forking, rewinding and starting over never
//! touch stored rows: they make a chain whose pieces end earlier, followed by a new generation.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use ballast_history::{Part, PartSource, View};
use ballast_meta::{ChunkHead, Db, MetaError, Piece, SegmentRecord, Stream, Tx};
use ballast_model::{GenerationKey, RunKey};

/// The generation that a run's stream appends to, made if the stream is new.
pub(crate) async fn open_generation(
    tx: &Tx<'_>,
    run: RunKey,
    stream: Stream,
) -> Result<GenerationKey, MetaError> {
    let chain = tx.chain(run, stream).await?;
    if let Some(Piece {
        generation,
        end_line: None,
    }) = chain.last()
    {
        return Ok(*generation);
    }
    branch(
        tx,
        run,
        stream,
        &chain,
        chain.last().and_then(|piece| piece.end_line).unwrap_or(0),
    )
    .await
}

/// Gives `run` the lines of `inherited` before `line`, and a new generation from there on.
pub(crate) async fn branch(
    tx: &Tx<'_>,
    run: RunKey,
    stream: Stream,
    inherited: &[Piece],
    line: u64,
) -> Result<GenerationKey, MetaError> {
    let generation = tx.start_generation(run, stream, line).await?;
    let mut pieces = truncated(inherited, line);
    pieces.push(Piece {
        generation,
        end_line: None,
    });
    tx.replace_chain(run, stream, &pieces).await?;
    Ok(generation)
}

/// The pieces of `chain` that show lines before `line`, none of them open.
fn truncated(chain: &[Piece], line: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for piece in chain {
        let end = piece.end_line.unwrap_or(u64::MAX).min(line);
        if end > start {
            pieces.push(Piece {
                generation: piece.generation,
                end_line: Some(end),
            });
            start = end;
        }
    }
    pieces
}

/// The lines that each piece of a chain shows.
pub(crate) fn visible(chain: &[Piece]) -> impl Iterator<Item = (GenerationKey, Range<u64>)> {
    let mut start = 0;
    chain.iter().map(move |piece| {
        let end = piece.end_line.unwrap_or(u64::MAX);
        let lines = start..end.max(start);
        start = lines.end;
        (piece.generation, lines)
    })
}

/// Whether `chain` shows all lines before `end_line` that `known` shows, in the same generations.
pub(crate) fn shows(chain: &[Piece], known: &[Piece], end_line: u64) -> bool {
    visible(known).all(|(generation, lines)| {
        let end = lines.end.min(end_line);
        end <= lines.start
            || visible(chain).any(|(shown, shown_lines)| {
                shown == generation && shown_lines.start <= lines.start && end <= shown_lines.end
            })
    })
}

/// The parts that hold `lines` of a run's stream, in line order.
pub(crate) async fn view(
    db: &Db<'_>,
    run: RunKey,
    stream: Stream,
    lines: Range<u64>,
) -> Result<View, MetaError> {
    let mut views = views(db, &[run], stream, lines).await?;
    Ok(views.pop().expect("a view for each run"))
}

/// The parts that hold `lines` of a stream of each run, in line order. Asks the database as often for many as for one.
pub(crate) async fn views(
    db: &Db<'_>,
    runs: &[RunKey],
    stream: Stream,
    lines: Range<u64>,
) -> Result<Vec<View>, MetaError> {
    let chains = db.chains(runs, stream).await?;
    views_of_chains(db, runs, &chains, lines).await
}

/// As [`views`], of chains that are known.
pub(crate) async fn views_of_chains(
    db: &Db<'_>,
    runs: &[RunKey],
    chains: &HashMap<RunKey, Vec<Piece>>,
    lines: Range<u64>,
) -> Result<Vec<View>, MetaError> {
    let generations: BTreeSet<GenerationKey> = chains
        .values()
        .flatten()
        .map(|piece| piece.generation)
        .collect();
    let generations: Vec<GenerationKey> = generations.into_iter().collect();
    // Chunks before segments: a fold that commits in between shows its rows twice, never not at all, and the overlap
    // is cut below.
    let mut parts: HashMap<GenerationKey, Parts> = HashMap::new();
    for chunk in db.chunk_heads(&generations, lines.clone()).await? {
        parts
            .entry(chunk.generation)
            .or_default()
            .chunks
            .push(chunk);
    }
    for segment in db.segments(&generations, lines.clone()).await? {
        let parts = parts.entry(segment.generation).or_default();
        parts.segments.push(segment);
    }
    let parts: HashMap<GenerationKey, Vec<Part>> = parts
        .into_iter()
        .map(|(generation, parts)| (generation, parts.joined()))
        .collect();
    let view_of = |run: &RunKey| {
        let mut view = View::new();
        for (generation, shown) in visible(chains.get(run).map_or(&[][..], Vec::as_slice)) {
            let wanted = shown.start.max(lines.start)..shown.end.min(lines.end);
            if let Some(parts) = parts.get(&generation) {
                add_parts(parts, wanted, &mut view);
            }
        }
        view
    };
    Ok(runs.iter().map(view_of).collect())
}

/// What is stored of a generation.
#[derive(Default)]
struct Parts {
    chunks: Vec<ChunkHead>,
    segments: Vec<SegmentRecord>,
}

impl Parts {
    /// In line order, without the chunks that a segment holds.
    fn joined(self) -> Vec<Part> {
        let folded: Vec<Range<u64>> = self
            .segments
            .iter()
            .map(|segment| segment.lines.clone())
            .collect();
        let is_folded = |chunk: &ChunkHead| {
            folded
                .iter()
                .any(|lines| lines.start <= chunk.lines.start && chunk.lines.end <= lines.end)
        };
        let chunks = self.chunks.into_iter().filter(|chunk| !is_folded(chunk));
        let chunks = chunks.map(|chunk| chunk_part(&chunk));
        let mut parts: Vec<Part> = self
            .segments
            .iter()
            .map(segment_part)
            .chain(chunks)
            .collect();
        parts.sort_by_key(|part| part.first_line);
        parts
    }
}

/// A chunk, all of whose lines are visible.
pub(crate) fn chunk_part(chunk: &ChunkHead) -> Part {
    Part {
        first_line: chunk.lines.start,
        end_line: chunk.lines.end,
        visible: chunk.lines.clone(),
        steps: chunk.steps,
        source: PartSource::Chunk {
            key: chunk.key.0,
            n_bytes: chunk.n_bytes,
        },
    }
}

/// A segment, all of whose lines are visible.
pub(crate) fn segment_part(segment: &SegmentRecord) -> Part {
    Part {
        first_line: segment.lines.start,
        end_line: segment.lines.end,
        visible: segment.lines.clone(),
        steps: segment.steps,
        source: PartSource::Segment {
            object_key: segment.object_key.clone(),
            index: segment.index.clone(),
        },
    }
}

/// Adds what of sorted parts is in `wanted`.
fn add_parts(parts: &[Part], wanted: Range<u64>, view: &mut View) {
    let mut start = wanted.start;
    for part in parts {
        let visible = part.first_line.max(start)..part.end_line.min(wanted.end);
        if !visible.is_empty() {
            start = visible.end;
            view.push(Part {
                visible,
                ..part.clone()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(generation: i64, end_line: Option<u64>) -> Piece {
        Piece {
            generation: GenerationKey(generation),
            end_line,
        }
    }

    #[test]
    fn pieces_show_consecutive_lines() {
        let chain = [piece(1, Some(10)), piece(2, Some(15)), piece(3, None)];
        let shown: Vec<_> = visible(&chain)
            .map(|(generation, lines)| (generation.0, lines))
            .collect();
        assert_eq!(shown, [(1, 0..10), (2, 10..15), (3, 15..u64::MAX)]);
    }

    #[test]
    fn a_longer_chain_shows_what_a_cut_one_does_not() {
        let known = [piece(1, Some(10)), piece(2, None)];
        assert!(shows(&known, &known, 20));
        let grown = [piece(1, Some(10)), piece(2, Some(20)), piece(3, None)];
        assert!(shows(&grown, &known, 20));
        assert!(!shows(&grown, &known, 21));
        let restarted = [piece(1, Some(9)), piece(3, None)];
        assert!(shows(&restarted, &known, 9));
        assert!(!shows(&restarted, &known, 10));
        assert!(!shows(&[], &known, 1) && shows(&[], &known, 0));
    }

    #[test]
    fn truncating_drops_later_pieces_and_closes_the_last() {
        let chain = [piece(1, Some(10)), piece(2, Some(15)), piece(3, None)];
        assert_eq!(truncated(&chain, 0), []);
        assert_eq!(truncated(&chain, 10), [piece(1, Some(10))]);
        assert_eq!(
            truncated(&chain, 12),
            [piece(1, Some(10)), piece(2, Some(12))]
        );
        assert_eq!(
            truncated(&chain, 99),
            [piece(1, Some(10)), piece(2, Some(15)), piece(3, Some(99))]
        );
    }
}
