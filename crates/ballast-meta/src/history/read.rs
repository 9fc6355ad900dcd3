//! Reading history.

use std::collections::HashMap;
use std::ops::Range;

use ballast_model::{GenerationKey, RunKey};
use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Order, Query, SelectStatement};

use super::records::{
    ChunkHead, ChunkKey, FoldCandidate, FoldPage, FoldQuery, Piece, ProblemRecord, SegmentKey,
    SegmentRecord, Stream,
};
use super::{is_stream, overlaps, select_chunks, select_segments};
use crate::row::{FromRow, LIST_PART, int, micros, text};
use crate::{Db, MetaError};

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

    /// The chains of a stream of several runs, each in order of lines; runs that never logged anything are missing.
    pub async fn chains(
        &self,
        runs: &[RunKey],
        stream: Stream,
    ) -> Result<HashMap<RunKey, Vec<Piece>>, MetaError> {
        let mut chains: HashMap<RunKey, Vec<Piece>> = HashMap::with_capacity(runs.len());
        for part in runs.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["run_key", "generation_key", "end_line"])
                .from("pieces")
                .and_where(Expr::col("run_key").is_in(part.iter().map(|run| run.0)))
                .and_where(Expr::col("stream").eq(stream.code()))
                .order_by("ordinal", Order::Asc)
                .to_owned();
            for row in self.all_rows(Piece::TABLE, &select).await? {
                let chain = chains.entry(RunKey(row.get("run_key")?)).or_default();
                chain.push(Piece::from_row(&row)?);
            }
        }
        Ok(chains)
    }

    /// The chunks of generations that overlap `lines`, by first line within each of them.
    pub async fn chunk_heads(
        &self,
        generations: &[GenerationKey],
        lines: Range<u64>,
    ) -> Result<Vec<ChunkHead>, MetaError> {
        self.of_generations(&select_chunks(), generations, &lines)
            .await
    }

    /// What a table with lines has of generations, by first line within each of them.
    async fn of_generations<R: FromRow>(
        &self,
        select: &SelectStatement,
        generations: &[GenerationKey],
        lines: &Range<u64>,
    ) -> Result<Vec<R>, MetaError> {
        let mut found = Vec::new();
        for part in generations.chunks(LIST_PART) {
            let mut select = select.clone();
            select
                .and_where(Expr::col("generation_key").is_in(part.iter().map(|key| key.0)))
                .and_where(overlaps(lines))
                .order_by("first_line", Order::Asc);
            found.extend(self.all::<R>(&select).await?);
        }
        Ok(found)
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
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self
            .bytes_by_keys("chunks", "chunk_key", &keys, column)
            .await?;
        let found = found.into_iter();
        Ok(found.map(|(key, bytes)| (ChunkKey(key), bytes)).collect())
    }

    /// The bytes in `column` of the rows of `table` with these keys, in no particular order.
    pub(super) async fn bytes_by_keys(
        &self,
        table: &'static str,
        key_column: &'static str,
        keys: &[i64],
        column: &'static str,
    ) -> Result<Vec<(i64, Bytes)>, MetaError> {
        let mut found = Vec::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let select = Query::select()
                .columns([key_column, column])
                .from(table)
                .and_where(Expr::col(key_column).is_in(part.iter().copied()))
                .to_owned();
            for row in self.all_rows(table, &select).await? {
                found.push((row.get(key_column)?, row.get::<Vec<u8>>(column)?.into()));
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

    /// The segments of generations that overlap `lines`, by first line within each of them.
    pub async fn segments(
        &self,
        generations: &[GenerationKey],
        lines: Range<u64>,
    ) -> Result<Vec<SegmentRecord>, MetaError> {
        self.of_generations(&select_segments(), generations, &lines)
            .await
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

    /// Generations with chunks to fold, most bytes first.
    pub async fn fold_candidates(
        &self,
        query: &FoldQuery,
        page: FoldPage,
    ) -> Result<Vec<FoldCandidate>, MetaError> {
        let part = |column: &'static str| Expr::col((PARTS, column));
        let ended_before = micros(query.ended_before);
        let mut select = by_generation(Query::select().from("chunks"), page);
        select.and_where(
            part("n_parts")
                .gte(int(query.min_chunks))
                .or(part("n_bytes").gte(int(query.min_bytes)))
                .or(Expr::col(("runs", "ended_at")).lt(ended_before)),
        );
        self.all(&select).await
    }

    /// Generations with at least `min_segments` segments that are smaller than `below_bytes`, most bytes first.
    pub async fn merge_candidates(
        &self,
        min_segments: u64,
        below_bytes: u64,
        page: FoldPage,
    ) -> Result<Vec<FoldCandidate>, MetaError> {
        let is_small = Expr::col("n_bytes").lt(int(below_bytes));
        let mut select = by_generation(Query::select().from("segments").and_where(is_small), page);
        select.and_where(Expr::col((PARTS, "n_parts")).gte(int(min_segments)));
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

/// Name of the subquery of [`by_generation`].
const PARTS: &str = "parts";

/// Number and bytes of the selected chunks or segments of each generation, with the names of its run, most bytes first.
pub(super) fn by_generation(parts: &mut SelectStatement, page: FoldPage) -> SelectStatement {
    let n_bytes = Func::sum(Expr::col("n_bytes")).cast_as("bigint");
    let parts = parts
        .column("generation_key")
        .expr_as(Expr::col("generation_key").count(), "n_parts")
        .expr_as(n_bytes, "n_bytes")
        .group_by_col("generation_key")
        .to_owned();
    let mut select = Query::select();
    select
        .columns([
            ("generations", "generation_key"),
            ("generations", "stream"),
            ("runs", "run_id"),
        ])
        .columns([(PARTS, "n_parts"), (PARTS, "n_bytes")])
        .expr_as(Expr::col(("projects", "name")), "project_name")
        .expr_as(Expr::col(("entities", "name")), "entity_name")
        .from_subquery(parts, PARTS)
        .order_by((PARTS, "n_bytes"), Order::Desc)
        .order_by((PARTS, "generation_key"), Order::Asc)
        .limit(page.limit);
    if let Some((n_bytes, generation)) = page.after {
        let size = || Expr::col((PARTS, "n_bytes"));
        let is_later = Expr::col((PARTS, "generation_key")).gt(generation.0);
        select.and_where(
            size()
                .lt(int(n_bytes))
                .or(size().eq(int(n_bytes)).and(is_later)),
        );
    }
    for (joined, with, key) in [
        ("generations", PARTS, "generation_key"),
        ("runs", "generations", "run_key"),
        ("projects", "runs", "project_key"),
        ("entities", "projects", "entity_key"),
    ] {
        select.inner_join(joined, Expr::col((joined, key)).equals((with, key)));
    }
    select
}
