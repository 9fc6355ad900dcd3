//! Objects of the blob store that are coming or going.
//!
//! Before an object is written its key is recorded as *pending*; the transaction that names it somewhere settles it.
//! An object that nothing names any more is *doomed* in the transaction that dropped its last name, and deleted later.
//! So a crash at any point leaves a record of every object that may have to go.

use ballast_model::{ProjectKey, RunKey, Timestamp};

use crate::{Db, MetaError, Tx};

// ---- queries
impl Db<'_> {
    /// Up to `limit` objects that became pending before `before`, oldest first.
    pub async fn pending_objects_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<String>, MetaError> {
        todo!()
    }

    /// Up to `limit` doomed objects, oldest first.
    pub async fn doomed_objects(&self, limit: u64) -> Result<Vec<String>, MetaError> {
        todo!()
    }

    /// The objects that go with a run: files, uploads under way, and segments that no other run's chain shows.
    pub async fn run_object_keys(&self, run: RunKey) -> Result<Vec<String>, MetaError> {
        todo!()
    }

    /// The objects that go with a project: as [`Db::run_object_keys`], for all its runs.
    pub async fn project_object_keys(&self, project: ProjectKey) -> Result<Vec<String>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Records that an object is about to be written. Doing so twice keeps the first time.
    pub async fn add_pending_object(
        &self,
        object_key: &str,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        todo!()
    }

    /// Records that an object has found its place, or is gone. Returns whether it was pending.
    pub async fn settle_pending_object(&self, object_key: &str) -> Result<bool, MetaError> {
        todo!()
    }

    /// Records that an object is to be deleted. Doing so twice keeps the first time.
    pub async fn doom_object(&self, object_key: &str, now: Timestamp) -> Result<(), MetaError> {
        todo!()
    }

    /// Records that doomed objects have been deleted.
    pub async fn forget_doomed(&self, object_keys: &[String]) -> Result<(), MetaError> {
        todo!()
    }
}
