//! Placeholders.
use sea_orm::DatabaseConnection;
/// All read queries.
pub struct Db<'a> {
    pub(crate) c: &'a DatabaseConnection,
}
/// A write transaction: all read queries of [`Db`], and all writes.
pub struct Tx<'a> {
    pub(crate) db: Db<'a>,
}
impl<'a> std::ops::Deref for Tx<'a> {
    type Target = Db<'a>;
    fn deref(&self) -> &Db<'a> {
        &self.db
    }
}
