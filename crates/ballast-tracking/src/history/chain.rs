//! Chains: which lines of which generations a run shows.
//!
//! A run's stream is a chain of pieces, each a generation up to a line. Forking, rewinding and starting over never
//! touch stored rows: they make a chain whose pieces end earlier, followed by a new generation.

use std::ops::Range;

use ballast_history::{Part, PartSource, View};
use ballast_meta::{Db, MetaError, Piece, Stream, Tx};
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

/// The parts that hold `lines` of a run's stream, in line order.
pub(crate) async fn view(
    db: &Db<'_>,
    run: RunKey,
    stream: Stream,
    lines: Range<u64>,
) -> Result<View, MetaError> {
    let chain = db.chain(run, stream).await?;
    let mut parts = View::new();
    for (generation, shown) in visible(&chain) {
        let wanted = shown.start.max(lines.start)..shown.end.min(lines.end);
        if !wanted.is_empty() {
            add_parts(db, generation, wanted, &mut parts).await?;
        }
    }
    Ok(parts)
}

async fn add_parts(
    db: &Db<'_>,
    generation: GenerationKey,
    wanted: Range<u64>,
    parts: &mut View,
) -> Result<(), MetaError> {
    // Chunks before segments: a fold that commits in between shows its rows twice, never not at all, and the overlap
    // is cut below.
    let chunks = db.chunk_heads(generation, wanted.clone()).await?;
    let segments = db.segments(generation, wanted.clone()).await?;
    let mut found: Vec<Part> = segments
        .into_iter()
        .map(|segment| Part {
            first_line: segment.lines.start,
            end_line: segment.lines.end,
            visible: segment.lines,
            steps: segment.steps,
            source: PartSource::Segment {
                object_key: segment.object_key,
                index: segment.index,
            },
        })
        .collect();
    let n_segments = found.len();
    found.extend(
        chunks
            .into_iter()
            .map(|chunk| Part {
                first_line: chunk.lines.start,
                end_line: chunk.lines.end,
                visible: chunk.lines,
                steps: chunk.steps,
                source: PartSource::Chunk { key: chunk.key.0 },
            })
            .filter({
                let segments: Vec<Range<u64>> = found[..n_segments]
                    .iter()
                    .map(|part| part.visible.clone())
                    .collect();
                move |chunk| {
                    !segments
                        .iter()
                        .any(|lines| lines.start <= chunk.first_line && chunk.end_line <= lines.end)
                }
            }),
    );
    found.sort_by_key(|part| part.first_line);
    let mut start = wanted.start;
    for mut part in found {
        part.visible = part.first_line.max(start)..part.end_line.min(wanted.end);
        if !part.visible.is_empty() {
            start = part.visible.end;
            parts.push(part);
        }
    }
    Ok(())
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
