//! Folding console chunks into blocks, in the background.
//!
//! The oldest chunks of a run are laid over the blocks whose lines they have, and the outcome is cut into new blocks,
//! in one transaction that drops both. Chunks that came meanwhile are newer than all that was folded and override it as
//! they overrode the chunks; a script that started over took the chunks away, and nothing is folded. A line that was
//! rewritten many times is left once.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use ballast_meta::{
    ConsoleBlockHead, ConsoleBlockKey, ConsoleChunkHead, ConsoleFoldQuery, ConsoleKey, ConsolePart,
    NewConsolePart,
};
use ballast_model::RunKey;

use super::block::{EncodedConsole, Fields, LineRef, Overlay, encode};
use crate::lease::Lease;
use crate::{Result, Tracking, TrackingError};

/// Most lines of a block.
const BLOCK_LINES: u64 = 4_096;
/// A block is full with so many bytes of text, unless one line has more.
const BLOCK_BYTES: u64 = 1 << 20;

/// A console is folded once it has this many chunks, even while its run goes on,
const FOLD_CHUNKS: u64 = 128;
/// or this many lines in chunks.
const FOLD_LINES: u64 = 2 * BLOCK_LINES;

/// Chunks that are folded at once,
const MAX_CHUNKS: u64 = 512;
/// unless they and the blocks under them have more lines
const MAX_LINES: u64 = 1 << 17;
/// or bytes.
const MAX_BYTES: u64 = 32 << 20;

/// Consoles that are looked up at once.
const CANDIDATES: u64 = 16;

/// What is folded.
struct Chosen {
    chunks: Vec<ConsoleChunkHead>,
    blocks: Vec<ConsoleBlockHead>,
    /// Their lines, without a gap in any, ascending.
    stretches: Vec<Range<u64>>,
}

impl Tracking {
    /// Folds consoles that have grown or whose run ended a while ago, until nothing is left. Returns how many times
    /// chunks were folded.
    ///
    /// Several servers may call this at once; a lease keeps them off the same console.
    pub async fn fold_consoles(&self) -> Result<usize> {
        self.fold_consoles_at_rest(|_| std::future::ready(true))
            .await
    }

    /// Folds all consoles, also of runs that go on.
    pub async fn fold_all_consoles(&self) -> Result<usize> {
        let query = ConsoleFoldQuery {
            min_chunks: 1,
            min_lines: 1,
            ended_before: self.inner.clock.now(),
            limit: CANDIDATES,
        };
        self.fold_consoles_until_done(query, |_| std::future::ready(true))
            .await
    }

    /// As [`Tracking::fold_consoles`], but rests between: `rest` is told how long the last one took, and says whether
    /// to go on.
    pub(crate) async fn fold_consoles_at_rest<F>(
        &self,
        rest: impl Fn(Duration) -> F,
    ) -> Result<usize>
    where
        F: Future<Output = bool>,
    {
        let query = ConsoleFoldQuery {
            min_chunks: FOLD_CHUNKS,
            min_lines: FOLD_LINES,
            ended_before: self.inner.clock.now() - self.inner.settings.fold_ended_after,
            limit: CANDIDATES,
        };
        self.fold_consoles_until_done(query, rest).await
    }

    async fn fold_consoles_until_done<F>(
        &self,
        query: ConsoleFoldQuery,
        rest: impl Fn(Duration) -> F,
    ) -> Result<usize>
    where
        F: Future<Output = bool>,
    {
        let mut n_folds = 0;
        loop {
            let mut progress = false;
            let runs = self
                .inner
                .meta
                .read()
                .console_fold_candidates(&query)
                .await?;
            for run in runs {
                let started = tokio::time::Instant::now();
                let name = format!("console/{}", run.0);
                let work = async |lease: &Lease| self.fold_console(run, lease).await;
                if self.under_lease(name, work).await? {
                    n_folds += 1;
                    progress = true;
                    if !rest(started.elapsed()).await {
                        return Ok(n_folds);
                    }
                }
            }
            if !progress {
                return Ok(n_folds);
            }
        }
    }

    /// Folds the oldest chunks of a console; false if there are none, or they moved.
    async fn fold_console(&self, run: RunKey, lease: &Lease) -> Result<bool> {
        let meta = &self.inner.meta;
        let chunks = meta.read().oldest_console_chunks(run, MAX_CHUNKS).await?;
        let Some(hull) = hull(&chunks) else {
            return Ok(false);
        };
        // The block before may have room.
        let around = hull.start.saturating_sub(1)..hull.end;
        let blocks = meta.read().console_blocks(run, around).await?;
        let chosen = Chosen::new(chunks, &blocks);
        let (blocks, chunks) = (chosen.block_keys(), chosen.chunk_keys());
        let bodies = self.bodies(&blocks, &chunks).await?;
        let Some(parts) = chosen.parts(bodies) else {
            return Ok(false);
        };
        let stretches = chosen.stretches;
        let new = tokio::task::spawn_blocking(move || {
            let mut new = Vec::new();
            for stretch in stretches {
                cut(&Overlay::decode(&parts, stretch, Fields::All)?, &mut new);
            }
            Ok::<_, TrackingError>(new)
        });
        let new = new.await.map_err(TrackingError::internal)??;
        let (lease, now) = (lease.clone(), self.inner.clock.now());
        let committed = meta
            .write(move |tx| {
                Box::pin(async move {
                    if !lease.renew(tx, now).await? || tx.lock_run(run).await?.is_none() {
                        return Ok(false);
                    }
                    if tx.delete_console_chunks(&chunks).await? != chunks.len() as u64
                        || tx.delete_console_blocks(&blocks).await? != blocks.len() as u64
                    {
                        return Err(TrackingError::Conflict(
                            "console lines moved while they were folded".to_owned(),
                        ));
                    }
                    for EncodedConsole {
                        lines,
                        n_bytes,
                        body,
                    } in new
                    {
                        let block = NewConsolePart {
                            run,
                            lines,
                            n_bytes,
                            body,
                        };
                        tx.insert_console_block(block).await?;
                    }
                    Ok(true)
                })
            })
            .await;
        match committed {
            // The script started over, or another server was faster.
            Err(TrackingError::Conflict(_)) => Ok(false),
            other => other,
        }
    }

    async fn bodies(&self, blocks: &[ConsoleBlockKey], chunks: &[ConsoleKey]) -> Result<Bodies> {
        let db = self.inner.meta.read();
        Ok(Bodies {
            blocks: db.console_block_bodies(blocks).await?.into_iter().collect(),
            chunks: db.console_chunk_bodies(chunks).await?.into_iter().collect(),
        })
    }
}

struct Bodies {
    blocks: HashMap<ConsoleBlockKey, bytes::Bytes>,
    chunks: HashMap<ConsoleKey, bytes::Bytes>,
}

impl Chosen {
    /// As many of the oldest chunks as may be folded at once, at least one, and the `blocks` to fold with them.
    fn new(mut chunks: Vec<ConsoleChunkHead>, blocks: &[ConsoleBlockHead]) -> Self {
        loop {
            let stretches = merged(chunks.iter().map(|chunk| chunk.lines.clone()).collect());
            let is_touched = |block: &&ConsoleBlockHead| {
                let next = stretches.partition_point(|stretch| stretch.end <= block.lines.start);
                let is_full = block.lines.end - block.lines.start >= BLOCK_LINES
                    || block.n_bytes >= BLOCK_BYTES;
                stretches.get(next).is_some_and(|stretch| {
                    stretch.start < block.lines.end
                        || (stretch.start == block.lines.end && !is_full)
                })
            };
            let touched: Vec<_> = blocks.iter().filter(is_touched).cloned().collect();
            let sizes = chunks.iter().map(|chunk| (&chunk.lines, chunk.n_bytes));
            let sizes = sizes.chain(touched.iter().map(|block| (&block.lines, block.n_bytes)));
            let (n_lines, n_bytes) = sizes.fold((0, 0), |(n_lines, sum), (lines, n_bytes)| {
                (n_lines + (lines.end - lines.start), sum + n_bytes)
            });
            if chunks.len() == 1 || (n_lines <= MAX_LINES && n_bytes <= MAX_BYTES) {
                let lines = touched.iter().map(|block| block.lines.clone());
                return Self {
                    stretches: merged(stretches.into_iter().chain(lines).collect()),
                    chunks,
                    blocks: touched,
                };
            }
            chunks.truncate(chunks.len() / 2);
        }
    }

    fn block_keys(&self) -> Vec<ConsoleBlockKey> {
        self.blocks.iter().map(|block| block.key).collect()
    }

    fn chunk_keys(&self) -> Vec<ConsoleKey> {
        self.chunks.iter().map(|chunk| chunk.key).collect()
    }

    /// Blocks and then chunks, in the order in which they override each other; `None` if one is gone.
    fn parts(&self, mut bodies: Bodies) -> Option<Vec<ConsolePart>> {
        let blocks = self.blocks.iter().map(|block| {
            let body = bodies.blocks.remove(&block.key)?;
            Some(ConsolePart {
                lines: block.lines.clone(),
                body,
            })
        });
        let chunks = self.chunks.iter().map(|chunk| {
            let body = bodies.chunks.remove(&chunk.key)?;
            Some(ConsolePart {
                lines: chunk.lines.clone(),
                body,
            })
        });
        blocks.chain(chunks).collect()
    }
}

/// From the first line of all chunks to the last.
fn hull(chunks: &[ConsoleChunkHead]) -> Option<Range<u64>> {
    let start = chunks.iter().map(|chunk| chunk.lines.start).min()?;
    let end = chunks.iter().map(|chunk| chunk.lines.end).max()?;
    Some(start..end)
}

/// The same lines in as few ranges as possible, ascending.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Cuts lines into blocks.
fn cut(overlay: &Overlay, blocks: &mut Vec<EncodedConsole>) {
    let mut first = 0;
    let mut n_bytes = 0;
    let mut lines: Vec<LineRef<'_>> = Vec::new();
    for (number, line) in overlay.iter() {
        if lines.is_empty() {
            first = number;
        }
        n_bytes += line.n_bytes();
        lines.push(line);
        if lines.len() as u64 >= BLOCK_LINES || n_bytes >= BLOCK_BYTES {
            blocks.push(encode(first, &lines));
            n_bytes = 0;
            lines.clear();
        }
    }
    if !lines.is_empty() {
        blocks.push(encode(first, &lines));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(lines: Range<u64>, n_bytes: u64) -> ConsoleChunkHead {
        ConsoleChunkHead {
            key: ConsoleKey(lines.start as i64),
            lines,
            n_bytes,
        }
    }

    fn block(lines: Range<u64>, n_bytes: u64) -> ConsoleBlockHead {
        ConsoleBlockHead {
            key: ConsoleBlockKey(lines.start as i64),
            lines,
            n_bytes,
        }
    }

    #[test]
    fn blocks_with_room_and_those_under_chunks_are_folded_again() {
        let blocks = [
            block(0..BLOCK_LINES, 1),
            block(5000..5010, 1),
            block(5010..5020, BLOCK_BYTES),
            block(6000..6010, 1),
            block(6010..6020, 1),
            block(7000..7100, 1),
        ];
        let chunks = vec![
            chunk(5020..5030, 1),
            chunk(4096..4100, 1),
            chunk(6010..6011, 1),
            chunk(7050..7051, 1),
            chunk(4099..4102, 1),
            chunk(7060..7061, 1),
        ];
        let chosen = Chosen::new(chunks, &blocks);
        let folded: Vec<_> = chosen
            .blocks
            .iter()
            .map(|block| block.lines.clone())
            .collect();
        assert_eq!(folded, [6000..6010, 6010..6020, 7000..7100]);
        assert_eq!(
            chosen.stretches,
            [4096..4102, 5020..5030, 6000..6020, 7000..7100]
        );
        assert_eq!(chosen.chunks.len(), 6);
    }

    #[test]
    fn no_more_is_folded_at_once_than_fits_but_one_chunk() {
        let chunks = vec![
            chunk(0..10, 1),
            chunk(10..20, MAX_BYTES),
            chunk(20..30, 1),
            chunk(30..40, 1),
        ];
        let chosen = Chosen::new(chunks, &[]);
        assert_eq!(chosen.stretches, [Range { start: 0, end: 10 }]);
        let chosen = Chosen::new(vec![chunk(0..2 * MAX_LINES, 1)], &[]);
        assert_eq!(chosen.chunks.len(), 1);
    }
}
