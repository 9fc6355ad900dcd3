//! Space that deleted rows leave in the database file.

use crate::{Db, MetaError, Tx, dialect};

impl Db<'_> {
    /// Bytes of the database file that hold nothing. 0 on PostgreSQL, which looks after its files itself.
    pub async fn free_bytes(&self) -> Result<u64, MetaError> {
        dialect::free_bytes(self).await
    }
}

impl Tx<'_> {
    /// Gives up to `n_pages` empty pages of the database file back to the file system. Nothing on PostgreSQL.
    pub async fn give_back_pages(&self, n_pages: u64) -> Result<(), MetaError> {
        dialect::give_back_pages(self, n_pages).await
    }
}
