//! History: generations and their chains, chunks, batches, segments, writers, console, leases, problems.
//!
//! Line numbers count the rows of a stream from 0. A generation is an append-only log of rows; what a run shows of
//! its generations is its chain of [`Piece`]s. Chunks and segments hold rows as bytes that this crate never opens.

use std::ops::Range;

use ballast_model::{GenerationKey, RunKey, Timestamp};
use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, OnConflict, Order, Query, SelectStatement};

use crate::row::{FromRow, LIST_PART, Row, int, micros, text};
use crate::{Db, MetaError, Tx};

/// The storage key of a chunk. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkKey(pub i64);

/// The storage key of a segment. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey(pub i64);

/// The storage key of a console chunk. Grows in the order of insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsoleKey(pub i64);

/// A stream of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Logged rows.
    History,
    /// Rows of system metrics.
    System,
    /// Console lines. They have no generations; writers and problems name this stream.
    Console,
    /// The summary. Only problems name this stream.
    Summary,
}

/// A part of a run's chain: the lines of `generation` from the end of the piece before up to `end_line`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Piece {
    /// The generation.
    pub generation: GenerationKey,
    /// The line after the last visible one; `None` for the generation that is still appended to, always the last.
    pub end_line: Option<u64>,
}

/// A chunk to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChunk {
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the chunk.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the chunk, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The index of keys.
    pub index: Bytes,
    /// The rows.
    pub body: Bytes,
}

/// A stored chunk without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkHead {
    /// The storage key.
    pub key: ChunkKey,
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the chunk.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the chunk, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The size of the body.
    pub n_bytes: u64,
}

/// A segment to record; its object is in the blob store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSegment {
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the segment.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the segment, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The object.
    pub object_key: String,
    /// The size of the object.
    pub n_bytes: u64,
    /// The checksum of the object, as the history engine made it.
    pub checksum: Bytes,
    /// The index of keys.
    pub index: Bytes,
}

/// A recorded segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRecord {
    /// The storage key.
    pub key: SegmentKey,
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the segment.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the segment, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The object.
    pub object_key: String,
    /// The size of the object.
    pub n_bytes: u64,
    /// The checksum of the object, as the history engine made it.
    pub checksum: Bytes,
    /// The index of keys.
    pub index: Bytes,
}

/// A console chunk to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsoleChunk {
    /// The run.
    pub run: RunKey,
    /// The console lines in it.
    pub lines: Range<u64>,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// A stored console chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleChunk {
    /// The storage key.
    pub key: ConsoleKey,
    /// The console lines in it. A later chunk overrides an earlier one line by line.
    pub lines: Range<u64>,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// A generation with many chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldCandidate {
    /// The generation.
    pub generation: GenerationKey,
    /// The run that owns it.
    pub run: RunKey,
    /// The stream.
    pub stream: Stream,
    /// How many chunks it has.
    pub n_chunks: u64,
    /// The size of their bodies.
    pub n_bytes: u64,
}

/// A line that was accepted but could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProblem {
    /// The run.
    pub run: RunKey,
    /// The stream.
    pub stream: Stream,
    /// The line.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// The beginning of the line.
    pub excerpt: String,
    /// When it came.
    pub at: Timestamp,
}

/// A stored problem.
pub type ProblemRecord = NewProblem;

impl Stream {
    /// The number in the database. Part of the schema.
    fn code(self) -> i16 {
        match self {
            Self::History => 0,
            Self::System => 1,
            Self::Console => 2,
            Self::Summary => 3,
        }
    }

    fn read(row: &Row) -> Result<Self, MetaError> {
        match row.get::<i16>("stream")? {
            0 => Ok(Self::History),
            1 => Ok(Self::System),
            2 => Ok(Self::Console),
            3 => Ok(Self::Summary),
            other => Err(row.corrupt("stream", &format!("no stream has number {other}"))),
        }
    }
}

impl FromRow for Piece {
    const TABLE: &'static str = "pieces";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        let end_line = row
            .get::<Option<i64>>("end_line")?
            .map(|_| row.count("end_line"))
            .transpose()?;
        Ok(Self {
            generation: GenerationKey(row.get("generation_key")?),
            end_line,
        })
    }
}

impl FromRow for ChunkHead {
    const TABLE: &'static str = "chunks";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ChunkKey(row.get("chunk_key")?),
            generation: GenerationKey(row.get("generation_key")?),
            lines: row.lines()?,
            steps: row.steps()?,
            n_bytes: row.count("n_bytes")?,
        })
    }
}

impl FromRow for SegmentRecord {
    const TABLE: &'static str = "segments";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: SegmentKey(row.get("segment_key")?),
            generation: GenerationKey(row.get("generation_key")?),
            lines: row.lines()?,
            steps: row.steps()?,
            object_key: row.get("object_key")?,
            n_bytes: row.count("n_bytes")?,
            checksum: row.get::<Vec<u8>>("checksum")?.into(),
            index: row.get::<Vec<u8>>("index")?.into(),
        })
    }
}

impl FromRow for ConsoleChunk {
    const TABLE: &'static str = "console_chunks";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ConsoleKey(row.get("console_key")?),
            lines: row.lines()?,
            body: row.get::<Vec<u8>>("body")?.into(),
        })
    }
}

impl FromRow for FoldCandidate {
    const TABLE: &'static str = "generations";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            generation: GenerationKey(row.get("generation_key")?),
            run: RunKey(row.get("run_key")?),
            stream: Stream::read(row)?,
            n_chunks: row.count("n_chunks")?,
            n_bytes: row.count("total_bytes")?,
        })
    }
}

impl FromRow for ProblemRecord {
    const TABLE: &'static str = "problems";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            run: RunKey(row.get("run_key")?),
            stream: Stream::read(row)?,
            line: row.count("line")?,
            reason: row.get("reason")?,
            excerpt: row.get("excerpt")?,
            at: row.time("at")?,
        })
    }
}

fn select_chunks() -> SelectStatement {
    Query::select()
        .columns([
            "chunk_key",
            "generation_key",
            "first_line",
            "end_line",
            "min_step",
            "max_step",
            "n_bytes",
        ])
        .from("chunks")
        .to_owned()
}

const SEGMENT_COLUMNS: [&str; 9] = [
    "generation_key",
    "first_line",
    "end_line",
    "min_step",
    "max_step",
    "object_key",
    "n_bytes",
    "checksum",
    "index",
];

fn select_segments() -> SelectStatement {
    Query::select()
        .column("segment_key")
        .columns(SEGMENT_COLUMNS)
        .from("segments")
        .to_owned()
}

/// Rows with `first_line` and `end_line` that share a line with `lines`.
fn overlaps(lines: &Range<u64>) -> Expr {
    Expr::col("first_line")
        .lt(int(lines.end))
        .and(Expr::col("end_line").gt(int(lines.start)))
}

fn is_stream(run: RunKey, stream: Stream) -> Expr {
    Expr::col("run_key")
        .eq(run.0)
        .and(Expr::col("stream").eq(stream.code()))
}

/// Rows of `generations` that a run outside `runs` shows in its chain.
pub(crate) fn shown_by_others(runs: &SelectStatement) -> Expr {
    Expr::exists(pieces_of_others(runs).column("ordinal").to_owned())
}

/// From the pieces that show the row of `generations` at hand, those of runs outside `runs`.
fn pieces_of_others(runs: &SelectStatement) -> SelectStatement {
    Query::select()
        .from("pieces")
        .and_where(
            Expr::col(("pieces", "generation_key")).equals(("generations", "generation_key")),
        )
        .and_where(Expr::col(("pieces", "run_key")).not_in_subquery(runs.clone()))
        .to_owned()
}

impl Db<'_> {
    /// The chain of a run's stream, in order of lines; empty if nothing was ever logged.
    pub async fn chain(&self, run: RunKey, stream: Stream) -> Result<Vec<Piece>, MetaError> {
        let select = Query::select()
            .columns(["generation_key", "end_line"])
            .from("pieces")
            .and_where(is_stream(run, stream))
            .order_by("ordinal", Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// The chunks of `generation` that overlap `lines`, by first line.
    pub async fn chunk_heads(
        &self,
        generation: GenerationKey,
        lines: Range<u64>,
    ) -> Result<Vec<ChunkHead>, MetaError> {
        let mut select = select_chunks();
        select
            .and_where(Expr::col("generation_key").eq(generation.0))
            .and_where(overlaps(&lines));
        self.all(select.order_by("first_line", Order::Asc)).await
    }

    /// The bodies of chunks, in no particular order; keys that are gone are missing.
    pub async fn chunk_bodies(
        &self,
        keys: &[ChunkKey],
    ) -> Result<Vec<(ChunkKey, Bytes)>, MetaError> {
        self.chunk_bytes(keys, "body").await
    }

    /// The indexes of chunks, in no particular order; keys that are gone are missing.
    pub async fn chunk_indexes(
        &self,
        keys: &[ChunkKey],
    ) -> Result<Vec<(ChunkKey, Bytes)>, MetaError> {
        self.chunk_bytes(keys, "index").await
    }

    async fn chunk_bytes(
        &self,
        keys: &[ChunkKey],
        column: &'static str,
    ) -> Result<Vec<(ChunkKey, Bytes)>, MetaError> {
        let mut found = Vec::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["chunk_key", column])
                .from("chunks")
                .and_where(Expr::col("chunk_key").is_in(part.iter().map(|key| key.0)))
                .to_owned();
            for row in self.all_rows("chunks", &select).await? {
                found.push((
                    ChunkKey(row.get("chunk_key")?),
                    row.get::<Vec<u8>>(column)?.into(),
                ));
            }
        }
        Ok(found)
    }

    /// Up to `limit` chunks of all runs after `after`, by key, for checking the whole store.
    pub async fn all_chunks(
        &self,
        after: Option<ChunkKey>,
        limit: u64,
    ) -> Result<Vec<ChunkHead>, MetaError> {
        let mut select = select_chunks();
        select.and_where(Expr::col("chunk_key").gt(after.map_or(0, |key| key.0)));
        self.all(select.order_by("chunk_key", Order::Asc).limit(limit))
            .await
    }

    /// The digest of the batch stored at exactly these lines.
    pub async fn lookup_batch(
        &self,
        generation: GenerationKey,
        first_line: u64,
        n_lines: u64,
    ) -> Result<Option<[u8; 16]>, MetaError> {
        let select = Query::select()
            .column("digest")
            .from("batches")
            .and_where(Expr::col("generation_key").eq(generation.0))
            .and_where(Expr::col("first_line").eq(int(first_line)))
            .and_where(Expr::col("n_lines").eq(int(n_lines)))
            .to_owned();
        self.one_row("batches", &select)
            .await?
            .map(|row| row.digest("digest"))
            .transpose()
    }

    /// The segments of `generation` that overlap `lines`, by first line.
    pub async fn segments(
        &self,
        generation: GenerationKey,
        lines: Range<u64>,
    ) -> Result<Vec<SegmentRecord>, MetaError> {
        let mut select = select_segments();
        select
            .and_where(Expr::col("generation_key").eq(generation.0))
            .and_where(overlaps(&lines));
        self.all(select.order_by("first_line", Order::Asc)).await
    }

    /// Up to `limit` segments of all runs after `after`, by key, for checking the whole store.
    pub async fn all_segments(
        &self,
        after: Option<SegmentKey>,
        limit: u64,
    ) -> Result<Vec<SegmentRecord>, MetaError> {
        let mut select = select_segments();
        select.and_where(Expr::col("segment_key").gt(after.map_or(0, |key| key.0)));
        self.all(select.order_by("segment_key", Order::Asc).limit(limit))
            .await
    }

    /// The next line that `writer` may send, if it ever wrote.
    pub async fn writer_offset(
        &self,
        run: RunKey,
        stream: Stream,
        writer: &str,
    ) -> Result<Option<u64>, MetaError> {
        let select = Query::select()
            .column("next_line")
            .from("writers")
            .and_where(is_stream(run, stream))
            .and_where(Expr::col("writer").eq(text(writer)))
            .to_owned();
        self.one_row("writers", &select)
            .await?
            .map(|row| row.count("next_line"))
            .transpose()
    }

    /// The console chunks of `run` that overlap `lines`, in the order of insertion.
    pub async fn console_chunks(
        &self,
        run: RunKey,
        lines: Range<u64>,
    ) -> Result<Vec<ConsoleChunk>, MetaError> {
        let select = Query::select()
            .columns(["console_key", "first_line", "end_line", "body"])
            .from("console_chunks")
            .and_where(Expr::col("run_key").eq(run.0))
            .and_where(overlaps(&lines))
            .order_by("console_key", Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// Up to `limit` generations with at least `min_chunks` chunks or `min_bytes` bytes in chunks, most bytes first.
    pub async fn fold_candidates(
        &self,
        min_chunks: u64,
        min_bytes: u64,
        limit: u64,
    ) -> Result<Vec<FoldCandidate>, MetaError> {
        let n_chunks = || Expr::from(Func::count(Expr::col(("chunks", "chunk_key"))));
        let total_bytes = || Func::sum(Expr::col(("chunks", "n_bytes"))).cast_as("bigint");
        let generation =
            ["generation_key", "run_key", "stream"].map(|column| ("generations", column));
        let select = Query::select()
            .columns(generation)
            .expr_as(n_chunks(), "n_chunks")
            .expr_as(total_bytes(), "total_bytes")
            .from("chunks")
            .inner_join(
                "generations",
                Expr::col(("chunks", "generation_key")).equals(("generations", "generation_key")),
            )
            .group_by_columns(generation)
            .and_having(
                n_chunks()
                    .gte(int(min_chunks))
                    .or(total_bytes().gte(int(min_bytes))),
            )
            .order_by("total_bytes", Order::Desc)
            .limit(limit)
            .to_owned();
        self.all(&select).await
    }

    /// The newest `limit` problems of `run`, newest first.
    pub async fn list_problems(
        &self,
        run: RunKey,
        limit: u64,
    ) -> Result<Vec<ProblemRecord>, MetaError> {
        let select = Query::select()
            .columns(["run_key", "stream", "line", "reason", "excerpt", "at"])
            .from("problems")
            .and_where(Expr::col("run_key").eq(run.0))
            .order_by("problem_key", Order::Desc)
            .limit(limit)
            .to_owned();
        self.all(&select).await
    }
}

impl Tx<'_> {
    /// Makes a generation of `run` whose first own line is `first_line`. It is in no chain yet.
    pub async fn start_generation(
        &self,
        run: RunKey,
        stream: Stream,
        first_line: u64,
    ) -> Result<GenerationKey, MetaError> {
        let insert = Query::insert()
            .into_table("generations")
            .columns(["run_key", "stream", "first_line"])
            .values_panic([run.0.into(), stream.code().into(), int(first_line).into()])
            .returning_col("generation_key")
            .to_owned();
        Ok(GenerationKey(
            self.insert_returning("generations", "generation_key", &insert)
                .await?,
        ))
    }

    /// Replaces the chain of a run's stream. Generations that fall out of it keep their rows.
    ///
    /// A chain may show generations of other runs. Lock such a run first ([`Tx::lock_run`]), so that it is not purged
    /// at the same time.
    pub async fn replace_chain(
        &self,
        run: RunKey,
        stream: Stream,
        pieces: &[Piece],
    ) -> Result<(), MetaError> {
        let delete = Query::delete()
            .from_table("pieces")
            .and_where(is_stream(run, stream))
            .to_owned();
        self.execute("pieces", &delete).await?;
        if pieces.is_empty() {
            return Ok(());
        }
        let mut insert = Query::insert()
            .into_table("pieces")
            .columns(["run_key", "stream", "ordinal", "generation_key", "end_line"])
            .to_owned();
        for (ordinal, piece) in (0_i16..).zip(pieces) {
            insert.values_panic([
                run.0.into(),
                stream.code().into(),
                ordinal.into(),
                piece.generation.0.into(),
                piece.end_line.map(int).into(),
            ]);
        }
        self.execute("pieces", &insert).await?;
        Ok(())
    }

    /// Hands the generations of `runs`, which are about to be deleted, to a run that still shows them.
    pub(crate) async fn hand_over_generations(
        &self,
        runs: &SelectStatement,
    ) -> Result<(), MetaError> {
        let heir = pieces_of_others(runs)
            .expr(Expr::col(("pieces", "run_key")).min())
            .to_owned();
        let update = Query::update()
            .table("generations")
            .value("run_key", Expr::SubQuery(None, Box::new(heir.into())))
            .and_where(Expr::col("run_key").in_subquery(runs.clone()))
            .and_where(shown_by_others(runs))
            .to_owned();
        self.execute("generations", &update).await?;
        Ok(())
    }

    /// Stores a chunk.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the generation has a chunk with the same first line.
    pub async fn insert_chunk(&self, chunk: NewChunk) -> Result<ChunkKey, MetaError> {
        let (min_step, max_step) = chunk.steps.unzip();
        let insert = Query::insert()
            .into_table("chunks")
            .columns([
                "generation_key",
                "first_line",
                "end_line",
                "min_step",
                "max_step",
                "n_bytes",
                "index",
                "body",
            ])
            .values_panic([
                chunk.generation.0.into(),
                int(chunk.lines.start).into(),
                int(chunk.lines.end).into(),
                min_step.into(),
                max_step.into(),
                int(chunk.body.len() as u64).into(),
                Vec::from(chunk.index).into(),
                Vec::from(chunk.body).into(),
            ])
            .returning_col("chunk_key")
            .to_owned();
        Ok(ChunkKey(
            self.insert_returning("chunks", "chunk_key", &insert)
                .await?,
        ))
    }

    /// Deletes chunks. Returns how many were there.
    pub async fn delete_chunks(&self, keys: &[ChunkKey]) -> Result<u64, MetaError> {
        self.delete_by_keys("chunks", "chunk_key", keys.iter().map(|key| key.0))
            .await
    }

    /// Records the digest of the batch stored at these lines.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if a batch with the same lines is recorded.
    pub async fn insert_batch(
        &self,
        generation: GenerationKey,
        first_line: u64,
        n_lines: u64,
        digest: [u8; 16],
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("batches")
            .columns(["generation_key", "first_line", "n_lines", "digest"])
            .values_panic([
                generation.0.into(),
                int(first_line).into(),
                int(n_lines).into(),
                digest.to_vec().into(),
            ])
            .to_owned();
        self.execute("batches", &insert).await?;
        Ok(())
    }

    /// Records a segment.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the object is a segment already.
    pub async fn insert_segment(&self, segment: NewSegment) -> Result<SegmentKey, MetaError> {
        let (min_step, max_step) = segment.steps.unzip();
        let insert = Query::insert()
            .into_table("segments")
            .columns(SEGMENT_COLUMNS)
            .values_panic([
                segment.generation.0.into(),
                int(segment.lines.start).into(),
                int(segment.lines.end).into(),
                min_step.into(),
                max_step.into(),
                segment.object_key.into(),
                int(segment.n_bytes).into(),
                Vec::from(segment.checksum).into(),
                Vec::from(segment.index).into(),
            ])
            .returning_col("segment_key")
            .to_owned();
        Ok(SegmentKey(
            self.insert_returning("segments", "segment_key", &insert)
                .await?,
        ))
    }

    /// Records the next line that `writer` may send.
    pub async fn set_writer_offset(
        &self,
        run: RunKey,
        stream: Stream,
        writer: &str,
        next_line: u64,
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("writers")
            .columns(["run_key", "stream", "writer", "next_line"])
            .values_panic([
                run.0.into(),
                stream.code().into(),
                text(writer).into(),
                int(next_line).into(),
            ])
            .on_conflict(
                OnConflict::columns(["run_key", "stream", "writer"])
                    .update_column("next_line")
                    .to_owned(),
            )
            .to_owned();
        self.execute("writers", &insert).await?;
        Ok(())
    }

    /// Forgets the offsets of all writers of a run's stream.
    pub async fn clear_writer_offsets(&self, run: RunKey, stream: Stream) -> Result<(), MetaError> {
        let delete = Query::delete()
            .from_table("writers")
            .and_where(is_stream(run, stream))
            .to_owned();
        self.execute("writers", &delete).await?;
        Ok(())
    }

    /// Stores a console chunk.
    pub async fn insert_console_chunk(
        &self,
        chunk: NewConsoleChunk,
    ) -> Result<ConsoleKey, MetaError> {
        let insert = Query::insert()
            .into_table("console_chunks")
            .columns(["run_key", "first_line", "end_line", "body"])
            .values_panic([
                chunk.run.0.into(),
                int(chunk.lines.start).into(),
                int(chunk.lines.end).into(),
                Vec::from(chunk.body).into(),
            ])
            .returning_col("console_key")
            .to_owned();
        Ok(ConsoleKey(
            self.insert_returning("console_chunks", "console_key", &insert)
                .await?,
        ))
    }

    /// Deletes console chunks. Returns how many were there.
    pub async fn delete_console_chunks(&self, keys: &[ConsoleKey]) -> Result<u64, MetaError> {
        self.delete_by_keys(
            "console_chunks",
            "console_key",
            keys.iter().map(|key| key.0),
        )
        .await
    }

    async fn delete_by_keys(
        &self,
        table: &'static str,
        column: &'static str,
        keys: impl Iterator<Item = i64> + Send,
    ) -> Result<u64, MetaError> {
        let keys: Vec<i64> = keys.collect();
        let mut deleted = 0;
        for part in keys.chunks(LIST_PART) {
            let delete = Query::delete()
                .from_table(table)
                .and_where(Expr::col(column).is_in(part.iter().copied()))
                .to_owned();
            deleted += self.execute(table, &delete).await?;
        }
        Ok(deleted)
    }

    /// Deletes the whole console of a run.
    pub async fn clear_console(&self, run: RunKey) -> Result<(), MetaError> {
        let delete = Query::delete()
            .from_table("console_chunks")
            .and_where(Expr::col("run_key").eq(run.0))
            .to_owned();
        self.execute("console_chunks", &delete).await?;
        Ok(())
    }

    /// Takes the lease `name` for `holder` until `until`, if it is free, expired at `now`, or already `holder`'s.
    /// Returns whether `holder` has it now.
    pub async fn try_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, MetaError> {
        let may_take = Expr::col(("leases", "until"))
            .lte(micros(now))
            .or(Expr::col(("leases", "holder")).eq(holder));
        let insert = Query::insert()
            .into_table("leases")
            .columns(["name", "holder", "until"])
            .values_panic([name.into(), holder.into(), micros(until).into()])
            .on_conflict(
                OnConflict::column("name")
                    .update_columns(["holder", "until"])
                    .action_and_where(may_take)
                    .to_owned(),
            )
            .to_owned();
        Ok(self.execute("leases", &insert).await? > 0)
    }

    /// Gives the lease `name` back if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), MetaError> {
        let delete = Query::delete()
            .from_table("leases")
            .and_where(Expr::col("name").eq(name))
            .and_where(Expr::col("holder").eq(holder))
            .to_owned();
        self.execute("leases", &delete).await?;
        Ok(())
    }

    /// Stores a problem. The run's own count is the caller's to raise.
    pub async fn insert_problem(&self, problem: NewProblem) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("problems")
            .columns(["run_key", "stream", "line", "reason", "excerpt", "at"])
            .values_panic([
                problem.run.0.into(),
                problem.stream.code().into(),
                int(problem.line).into(),
                text(&problem.reason).into(),
                text(&problem.excerpt).into(),
                micros(problem.at).into(),
            ])
            .to_owned();
        self.execute("problems", &insert).await?;
        Ok(())
    }
}
