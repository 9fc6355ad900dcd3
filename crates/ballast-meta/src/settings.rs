//! Settings that the server makes once and keeps, such as its signing key.

use bytes::Bytes;

use crate::{Db, MetaError, Tx};

// ---- queries
impl Db<'_> {
    /// The value of the setting `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<Bytes>, MetaError> {
        todo!()
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
        todo!()
    }
}
