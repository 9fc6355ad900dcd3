//! Console lines: chunks as they come, which override each other, and the blocks they are folded into.

use std::ops::Range;

use ballast_model::RunKey;
use bytes::Bytes;
use sea_orm::sea_query::{
    Expr, ExprTrait as _, Func, JoinType, Order, Query, SelectStatement, UnionType,
};

use super::overlaps;
use super::records::{
    ConsoleBlockHead, ConsoleBlockKey, ConsoleChunkHead, ConsoleFoldQuery, ConsoleKey, ConsolePart,
    ConsolePlace, NewConsolePart,
};
use crate::row::{int, micros};
use crate::{Db, MetaError, Tx};

/// The key that stands for those of blocks where both are read: chunks override them.
const BEFORE_CHUNKS: i64 = 0;

impl Db<'_> {
    /// Everything of `run`'s console that overlaps `lines`, as of one instant. A later part overrides an earlier one
    /// line by line.
    pub async fn console_parts(
        &self,
        run: RunKey,
        lines: Range<u64>,
    ) -> Result<Vec<ConsolePart>, MetaError> {
        let columns = ["first_line", "end_line", "body"];
        let chunks = of_run(run, &lines)
            .column("console_key")
            .columns(columns)
            .from("console_chunks")
            .to_owned();
        let select = of_run(run, &lines)
            .expr_as(Expr::val(BEFORE_CHUNKS), "console_key")
            .columns(columns)
            .from("console_blocks")
            .union(UnionType::All, chunks)
            .to_owned();
        let mut parts = Vec::new();
        for row in self.all_rows("console_chunks", &select).await? {
            let part = ConsolePart {
                lines: row.lines()?,
                body: row.get::<Vec<u8>>("body")?.into(),
            };
            parts.push((row.get::<i64>("console_key")?, part));
        }
        parts.sort_by_key(|(key, _)| *key);
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// The oldest `limit` console chunks of `run`, in the order of insertion.
    pub async fn oldest_console_chunks(
        &self,
        run: RunKey,
        limit: u64,
    ) -> Result<Vec<ConsoleChunkHead>, MetaError> {
        let select = Query::select()
            .columns(["console_key", "first_line", "end_line"])
            // Both databases know this without reading the bytes.
            .expr_as(
                Func::cust("length")
                    .arg(Expr::col("body"))
                    .cast_as("bigint"),
                "n_bytes",
            )
            .from("console_chunks")
            .and_where(Expr::col("run_key").eq(run.0))
            .order_by("console_key", Order::Asc)
            .limit(limit)
            .to_owned();
        self.all(&select).await
    }

    /// The console blocks of `run` that overlap `lines`, in order of lines.
    pub async fn console_blocks(
        &self,
        run: RunKey,
        lines: Range<u64>,
    ) -> Result<Vec<ConsoleBlockHead>, MetaError> {
        let select = of_run(run, &lines)
            .columns(["block_key", "first_line", "end_line", "n_bytes"])
            .from("console_blocks")
            .order_by("end_line", Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// The bodies of console chunks, in no particular order; keys that are gone are missing.
    pub async fn console_chunk_bodies(
        &self,
        keys: &[ConsoleKey],
    ) -> Result<Vec<(ConsoleKey, Bytes)>, MetaError> {
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self
            .bytes_by_keys("console_chunks", "console_key", &keys, "body")
            .await?;
        let found = found.into_iter();
        Ok(found.map(|(key, body)| (ConsoleKey(key), body)).collect())
    }

    /// The bodies of console blocks, in no particular order; keys that are gone are missing.
    pub async fn console_block_bodies(
        &self,
        keys: &[ConsoleBlockKey],
    ) -> Result<Vec<(ConsoleBlockKey, Bytes)>, MetaError> {
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self
            .bytes_by_keys("console_blocks", "block_key", &keys, "body")
            .await?;
        let found = found.into_iter();
        Ok(found
            .map(|(key, body)| (ConsoleBlockKey(key), body))
            .collect())
    }

    /// Up to `limit` console chunks of all runs after `after`, by key.
    pub async fn all_console_chunks(
        &self,
        after: Option<ConsoleKey>,
        limit: u64,
    ) -> Result<Vec<ConsolePlace<ConsoleKey>>, MetaError> {
        let after = after.map_or(0, |key| key.0);
        self.all_places("console_chunks", "console_key", ConsoleKey, after, limit)
            .await
    }

    /// Up to `limit` console blocks of all runs after `after`, by key.
    pub async fn all_console_blocks(
        &self,
        after: Option<ConsoleBlockKey>,
        limit: u64,
    ) -> Result<Vec<ConsolePlace<ConsoleBlockKey>>, MetaError> {
        let after = after.map_or(0, |key| key.0);
        self.all_places("console_blocks", "block_key", ConsoleBlockKey, after, limit)
            .await
    }

    async fn all_places<K>(
        &self,
        table: &'static str,
        key: &'static str,
        read: fn(i64) -> K,
        after: i64,
        limit: u64,
    ) -> Result<Vec<ConsolePlace<K>>, MetaError> {
        let column = |column: &'static str| (table, column);
        let select = Query::select()
            .columns([key, "run_key", "first_line", "end_line"].map(column))
            .column(("runs", "console_lines"))
            .from(table)
            .inner_join(
                "runs",
                Expr::col(("runs", "run_key")).equals((table, "run_key")),
            )
            .and_where(Expr::col((table, key)).gt(after))
            .order_by((table, key), Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.all_rows(table, &select).await?;
        rows.iter()
            .map(|row| {
                Ok(ConsolePlace {
                    key: read(row.get(key)?),
                    run: RunKey(row.get("run_key")?),
                    lines: row.lines()?,
                    console_lines: row.count("console_lines")?,
                })
            })
            .collect()
    }

    /// Up to `limit` pairs of console blocks of one run that have a line in common, which no two may have.
    pub async fn overlapping_console_blocks(
        &self,
        limit: u64,
    ) -> Result<Vec<(ConsoleBlockKey, ConsoleBlockKey)>, MetaError> {
        let a = |column: &'static str| Expr::col(("a", column));
        let select = Query::select()
            .expr_as(a("block_key"), "block_key")
            .expr_as(Expr::col(("b", "block_key")), "other_key")
            .from_as("console_blocks", "a")
            .join_as(
                JoinType::InnerJoin,
                "console_blocks",
                "b",
                a("run_key")
                    .equals(("b", "run_key"))
                    .and(a("block_key").lt(Expr::col(("b", "block_key"))))
                    .and(a("first_line").lt(Expr::col(("b", "end_line"))))
                    .and(a("end_line").gt(Expr::col(("b", "first_line")))),
            )
            .order_by(("a", "block_key"), Order::Asc)
            .order_by(("b", "block_key"), Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.all_rows("console_blocks", &select).await?;
        rows.iter()
            .map(|row| {
                Ok((
                    ConsoleBlockKey(row.get("block_key")?),
                    ConsoleBlockKey(row.get("other_key")?),
                ))
            })
            .collect()
    }

    /// Runs with console chunks to fold.
    pub async fn console_fold_candidates(
        &self,
        query: &ConsoleFoldQuery,
    ) -> Result<Vec<RunKey>, MetaError> {
        let part = |column: &'static str| Expr::col((LOOSE, column));
        let n_lines = Func::sum(Expr::col("end_line").sub(Expr::col("first_line")));
        let loose = Query::select()
            .column("run_key")
            .expr_as(Expr::col("run_key").count(), "n_chunks")
            .expr_as(n_lines.cast_as("bigint"), "n_lines")
            .from("console_chunks")
            .group_by_col("run_key")
            .to_owned();
        let select = Query::select()
            .column((LOOSE, "run_key"))
            .from_subquery(loose, LOOSE)
            .inner_join(
                "runs",
                Expr::col(("runs", "run_key")).equals((LOOSE, "run_key")),
            )
            .and_where(
                part("n_chunks")
                    .gte(int(query.min_chunks))
                    .or(part("n_lines").gte(int(query.min_lines)))
                    .or(Expr::col(("runs", "ended_at")).lt(micros(query.ended_before))),
            )
            .order_by((LOOSE, "n_chunks"), Order::Desc)
            .limit(query.limit)
            .to_owned();
        let rows = self.all_rows("console_chunks", &select).await?;
        rows.iter()
            .map(|row| Ok(RunKey(row.get("run_key")?)))
            .collect()
    }
}

impl Tx<'_> {
    /// Stores a console chunk, which overrides what is stored of its lines.
    pub async fn insert_console_chunk(
        &self,
        chunk: NewConsolePart,
    ) -> Result<ConsoleKey, MetaError> {
        let (table, column) = ("console_chunks", "console_key");
        Ok(ConsoleKey(self.insert_part(table, column, chunk).await?))
    }

    /// Stores a console block. That no other block of the run has its lines is the caller's to see to: lock the run
    /// ([`Tx::lock_run`]) and delete those that did.
    pub async fn insert_console_block(
        &self,
        block: NewConsolePart,
    ) -> Result<ConsoleBlockKey, MetaError> {
        let (table, column) = ("console_blocks", "block_key");
        Ok(ConsoleBlockKey(
            self.insert_part(table, column, block).await?,
        ))
    }

    async fn insert_part(
        &self,
        table: &'static str,
        key: &'static str,
        part: NewConsolePart,
    ) -> Result<i64, MetaError> {
        let insert = Query::insert()
            .into_table(table)
            .columns(["run_key", "first_line", "end_line", "n_bytes", "body"])
            .values_panic([
                part.run.0.into(),
                int(part.lines.start).into(),
                int(part.lines.end).into(),
                int(part.n_bytes).into(),
                Vec::from(part.body).into(),
            ])
            .returning_col(key)
            .to_owned();
        self.insert_returning(table, key, &insert).await
    }

    /// Deletes console chunks. Returns how many were there.
    pub async fn delete_console_chunks(&self, keys: &[ConsoleKey]) -> Result<u64, MetaError> {
        let keys = keys.iter().map(|key| key.0);
        self.delete_by_keys("console_chunks", "console_key", keys)
            .await
    }

    /// Deletes console blocks. Returns how many were there.
    pub async fn delete_console_blocks(&self, keys: &[ConsoleBlockKey]) -> Result<u64, MetaError> {
        let keys = keys.iter().map(|key| key.0);
        self.delete_by_keys("console_blocks", "block_key", keys)
            .await
    }

    /// Deletes the whole console of a run.
    pub async fn clear_console(&self, run: RunKey) -> Result<(), MetaError> {
        for table in ["console_chunks", "console_blocks"] {
            let delete = Query::delete()
                .from_table(table)
                .and_where(Expr::col("run_key").eq(run.0))
                .to_owned();
            self.execute(table, &delete).await?;
        }
        Ok(())
    }
}

/// Name of the subquery of chunks by run.
const LOOSE: &str = "loose";

fn of_run(run: RunKey, lines: &Range<u64>) -> SelectStatement {
    Query::select()
        .and_where(Expr::col("run_key").eq(run.0))
        .and_where(overlaps(lines))
        .to_owned()
}
