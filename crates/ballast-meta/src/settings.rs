//! Settings that the server makes once and keeps, such as its signing key.

use bytes::Bytes;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};

use crate::{Db, MetaError, Tx};

impl Db<'_> {
    /// The value of the setting `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<Bytes>, MetaError> {
        let select = Query::select()
            .column("value")
            .from("settings")
            .and_where(Expr::col("name").eq(name))
            .to_owned();
        let row = self.one_row("settings", &select).await?;
        row.map(|row| Ok(row.get::<Vec<u8>>("value")?.into()))
            .transpose()
    }
}

impl Tx<'_> {
    /// Stores `value` under `name` unless a value is there already, and returns the value that is stored.
    ///
    /// Of several servers that start at once, one wins and all get its value.
    pub async fn put_setting_if_absent(
        &self,
        name: &str,
        value: Bytes,
    ) -> Result<Bytes, MetaError> {
        let insert = Query::insert()
            .into_table("settings")
            .columns(["name", "value"])
            .values_panic([name.into(), value.to_vec().into()])
            .on_conflict(OnConflict::column("name").do_nothing().to_owned())
            .to_owned();
        self.execute("settings", &insert).await?;
        Ok(self
            .setting(name)
            .await?
            .expect("the setting was there or has just been made"))
    }
}
