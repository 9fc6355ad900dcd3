//! Writing history.

use ballast_model::{GenerationKey, RunKey, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query, SelectStatement};

use super::records::{ChunkKey, NewChunk, NewProblem, NewSegment, Piece, SegmentKey, Stream};
use super::{SEGMENT_COLUMNS, is_stream, pieces_of_others, shown_by_others};
use crate::row::{LIST_PART, int, micros, text};
use crate::{MetaError, RunHead, Tx};

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

    /// Locks the run that has a generation, so that it is not purged before this transaction ends. `None` if it is gone.
    pub async fn lock_generation(
        &self,
        generation: GenerationKey,
    ) -> Result<Option<RunHead>, MetaError> {
        let select = Query::select()
            .column("run_key")
            .from("generations")
            .and_where(Expr::col("generation_key").eq(generation.0))
            .to_owned();
        let Some(row) = self.one_row("generations", &select).await? else {
            return Ok(None);
        };
        self.lock_run(RunKey(row.get("run_key")?)).await
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

    /// Deletes segments; their objects are the caller's to doom. Returns how many were there.
    pub async fn delete_segments(&self, keys: &[SegmentKey]) -> Result<u64, MetaError> {
        self.delete_by_keys("segments", "segment_key", keys.iter().map(|key| key.0))
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

    pub(super) async fn delete_by_keys(
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

    /// Gives all leases back, whoever has them.
    pub async fn release_all_leases(&self) -> Result<(), MetaError> {
        let delete = Query::delete().from_table("leases").to_owned();
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
