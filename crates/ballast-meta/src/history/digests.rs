//! Digests of batches: giving up those that no client can ask for any more.

use ballast_model::{GenerationKey, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query};

use crate::row::{int, micros};
use crate::{Db, MetaError, Tx};

impl Db<'_> {
    /// Up to `limit` generations after `after`, by key, that have digests of batches and whose run ended before
    /// `ended_before`.
    pub async fn generations_with_old_batches(
        &self,
        ended_before: Timestamp,
        after: Option<GenerationKey>,
        limit: u64,
    ) -> Result<Vec<GenerationKey>, MetaError> {
        let generation = ("generations", "generation_key");
        let batches = Query::select()
            .expr(Expr::val(1))
            .from("batches")
            .and_where(Expr::col(("batches", "generation_key")).equals(generation))
            .to_owned();
        let select = Query::select()
            .column(generation)
            .from("generations")
            .inner_join(
                "runs",
                Expr::col(("runs", "run_key")).equals(("generations", "run_key")),
            )
            .and_where(Expr::col(("runs", "ended_at")).lt(micros(ended_before)))
            .and_where(Expr::col(generation).gt(after.map_or(0, |key| key.0)))
            .and_where(Expr::exists(batches))
            .order_by(generation, Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.all_rows("generations", &select).await?;
        rows.iter()
            .map(|row| Ok(GenerationKey(row.get("generation_key")?)))
            .collect()
    }
}

impl Tx<'_> {
    /// Deletes the digests of a generation's batches, in line order, unless its run goes on or ended at or after
    /// `ended_before`. Returns how many: `limit`, which is at least 1, or a few more if several begin at the same line,
    /// as long as there may be others; fewer if these were the last.
    pub async fn delete_old_batches(
        &self,
        generation: GenerationKey,
        ended_before: Timestamp,
        limit: u64,
    ) -> Result<u64, MetaError> {
        // Locked, so that a run that goes on meanwhile keeps what it stores.
        let run = self.lock_generation(generation).await?;
        let ended_at = run.and_then(|run| run.ended_at);
        if ended_at.is_none_or(|ended_at| ended_at >= ended_before) {
            return Ok(0);
        }
        let of_generation = || Expr::col("generation_key").eq(generation.0);
        let last = Query::select()
            .column("first_line")
            .from("batches")
            .and_where(of_generation())
            .order_by("first_line", Order::Asc)
            .limit(1)
            .offset(limit.saturating_sub(1))
            .to_owned();
        let mut delete = Query::delete();
        delete.from_table("batches").and_where(of_generation());
        if let Some(last) = self.one_row("batches", &last).await? {
            delete.and_where(Expr::col("first_line").lte(int(last.count("first_line")?)));
        }
        self.execute("batches", &delete).await
    }
}
