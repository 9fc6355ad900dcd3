//! Masked lines: rows that no chain shows any more.
//!
//! A chain only ever shows less of a generation: a fork, a rewind and a restart take over pieces of a chain as they are
//! or cut them, while the run whose chain it was is locked. So what no chain shows at one instant is never shown again.

use ballast_model::{GenerationKey, Timestamp};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, Func, JoinType, OnConflict, Order, Query, SelectStatement,
};

use super::read::by_generation;
use super::records::{FoldCandidate, FoldPage, MaskedLines, SegmentRecord};
use super::select_segments;
use crate::row::{int, micros};
use crate::{Db, MetaError, Tx};

/// Name of the subquery of what chains show.
const SHOWN: &str = "shown";

impl Db<'_> {
    /// Up to `limit` generations after `after`, by key, that have stored rows which no chain shows, unless that was
    /// noted ([`Tx::note_masked_lines`]) already.
    pub async fn unnoted_masked_lines(
        &self,
        after: Option<GenerationKey>,
        limit: u64,
    ) -> Result<Vec<MaskedLines>, MetaError> {
        let generation = ("generations", "generation_key");
        let shown_end = Func::coalesce([Expr::col((SHOWN, "end_line")), Expr::val(0_i64)]);
        let end_line = Func::coalesce([Expr::col("end_line"), Expr::val(i64::MAX)]);
        let shown = Query::select()
            .column("generation_key")
            .expr_as(Func::max(end_line), "end_line")
            .from("pieces")
            .group_by_col("generation_key")
            .to_owned();
        let stored_behind = |table: &'static str| {
            let stored = Query::select()
                .expr(Expr::val(1))
                .from(table)
                .and_where(Expr::col((table, "generation_key")).equals(generation))
                .and_where(Expr::col((table, "end_line")).gt(shown_end.clone()))
                .to_owned();
            Expr::exists(stored)
        };
        let noted = Query::select()
            .expr(Expr::val(1))
            .from("masked_lines")
            .and_where(Expr::col(("masked_lines", "generation_key")).equals(generation))
            .to_owned();
        let select = Query::select()
            .column(generation)
            .expr_as(shown_end.clone(), "first_line")
            .from("generations")
            .join_subquery(
                JoinType::LeftJoin,
                shown,
                SHOWN,
                Expr::col((SHOWN, "generation_key")).equals(generation),
            )
            .and_where(Expr::col(generation).gt(after.map_or(0, |key| key.0)))
            // Most generations are open: no look at their rows.
            .and_where(Expr::expr(shown_end.clone()).lt(i64::MAX))
            .and_where(Expr::exists(noted).not())
            .and_where(stored_behind("chunks").or(stored_behind("segments")))
            .order_by(generation, Order::Asc)
            .limit(limit)
            .to_owned();
        self.all(&select).await
    }

    /// Up to `limit` generations after `after`, by key, whose masked lines were noted before `noted_before`.
    pub async fn masked_lines(
        &self,
        noted_before: Timestamp,
        after: Option<GenerationKey>,
        limit: u64,
    ) -> Result<Vec<MaskedLines>, MetaError> {
        let mut select = noted_lines(noted_before);
        select
            .and_where(Expr::col("generation_key").gt(after.map_or(0, |key| key.0)))
            .order_by("generation_key", Order::Asc)
            .limit(limit);
        self.all(&select).await
    }

    /// The first masked line of a generation, if that was noted before `noted_before`.
    pub async fn first_masked_line(
        &self,
        generation: GenerationKey,
        noted_before: Timestamp,
    ) -> Result<Option<u64>, MetaError> {
        let mut select = noted_lines(noted_before);
        select.and_where(Expr::col("generation_key").eq(generation.0));
        let found: Option<MaskedLines> = self.one(&select).await?;
        Ok(found.map(|masked| masked.first_line))
    }

    /// Generations with a segment of which some lines, but not all, are masked, as noted before `noted_before`. Most bytes
    /// first.
    pub async fn cut_candidates(
        &self,
        noted_before: Timestamp,
        page: FoldPage,
    ) -> Result<Vec<FoldCandidate>, MetaError> {
        let first_masked = ("masked_lines", "first_line");
        let cuts = noted_lines(noted_before)
            .and_where(
                Expr::col(("masked_lines", "generation_key"))
                    .equals(("segments", "generation_key")),
            )
            .and_where(Expr::col(first_masked).gt(Expr::col(("segments", "first_line"))))
            .and_where(Expr::col(first_masked).lt(Expr::col(("segments", "end_line"))))
            .to_owned();
        let mut cut = Query::select().from("segments").to_owned();
        cut.and_where(Expr::exists(cuts));
        self.all(&by_generation(&mut cut, page)).await
    }
}

fn noted_lines(noted_before: Timestamp) -> SelectStatement {
    Query::select()
        .columns([
            ("masked_lines", "generation_key"),
            ("masked_lines", "first_line"),
        ])
        .from("masked_lines")
        .and_where(Expr::col("noticed_at").lt(micros(noted_before)))
        .to_owned()
}

impl Tx<'_> {
    /// Notes since when lines are known to be masked. What was noted of a generation stays, though more may be masked now.
    pub async fn note_masked_lines(
        &self,
        masked: MaskedLines,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        // The run may have been purged since.
        if self.lock_generation(masked.generation).await?.is_none() {
            return Ok(());
        }
        let insert = Query::insert()
            .into_table("masked_lines")
            .columns(["generation_key", "first_line", "noticed_at"])
            .values_panic([
                masked.generation.0.into(),
                int(masked.first_line).into(),
                micros(now).into(),
            ])
            .on_conflict(OnConflict::column("generation_key").do_nothing().to_owned())
            .to_owned();
        self.execute("masked_lines", &insert).await?;
        Ok(())
    }

    /// Deletes up to `limit` chunks all of whose lines are masked. Returns how many.
    pub async fn delete_masked_chunks(
        &self,
        masked: MaskedLines,
        limit: u64,
    ) -> Result<u64, MetaError> {
        let behind = Query::select()
            .column("chunk_key")
            .from("chunks")
            .and_where(Expr::col("generation_key").eq(masked.generation.0))
            .and_where(Expr::col("first_line").gte(int(masked.first_line)))
            .limit(limit)
            .to_owned();
        let delete = Query::delete()
            .from_table("chunks")
            .and_where(Expr::col("chunk_key").in_subquery(behind))
            .to_owned();
        self.execute("chunks", &delete).await
    }

    /// Deletes up to `limit` segments all of whose lines are masked, and dooms their objects. Returns how many.
    pub async fn delete_masked_segments(
        &self,
        masked: MaskedLines,
        limit: u64,
        now: Timestamp,
    ) -> Result<u64, MetaError> {
        // Whoever purges the run dooms the objects, too.
        if self.lock_generation(masked.generation).await?.is_none() {
            return Ok(0);
        }
        let behind = select_segments()
            .and_where(Expr::col("generation_key").eq(masked.generation.0))
            .and_where(Expr::col("first_line").gte(int(masked.first_line)))
            .order_by("first_line", Order::Asc)
            .limit(limit)
            .to_owned();
        let segments: Vec<SegmentRecord> = self.all(&behind).await?;
        for segment in &segments {
            self.doom_object(&segment.object_key, now).await?;
        }
        let keys: Vec<_> = segments.iter().map(|segment| segment.key).collect();
        self.delete_segments(&keys).await
    }

    /// Forgets what was noted of a generation, if nothing is stored of the masked lines any more.
    pub async fn settle_masked_lines(&self, masked: MaskedLines) -> Result<(), MetaError> {
        let stored = |table: &'static str| {
            let stored = Query::select()
                .expr(Expr::val(1))
                .from(table)
                .and_where(Expr::col((table, "generation_key")).eq(masked.generation.0))
                .and_where(Expr::col((table, "end_line")).gt(int(masked.first_line)))
                .to_owned();
            Expr::exists(stored)
        };
        let delete = Query::delete()
            .from_table("masked_lines")
            .and_where(Expr::col("generation_key").eq(masked.generation.0))
            .and_where(stored("chunks").not())
            .and_where(stored("segments").not())
            .to_owned();
        self.execute("masked_lines", &delete).await?;
        Ok(())
    }
}
