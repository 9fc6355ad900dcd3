//! Contents that arrived here and were acknowledged, and of which nothing is recorded: the server died in between.

use std::collections::HashSet;

use ballast_meta::artifacts::{ArtifactRecord, NewBlob};
use ballast_model::EntityKey;
use futures::TryStreamExt as _;

use super::arrivals::take_in;
use super::staging::{hex, unhex};
use crate::{Result, Tracking};

/// A name for the object of a content, which no other has if `random` is.
pub(super) fn object_key(entity: EntityKey, md5: [u8; 16], random: &str) -> String {
    format!("{}/{}-{random}", folder(entity, md5[0]), hex(md5))
}

/// What the objects of an entity are below whose MD5s begin with a byte.
fn folder(entity: EntityKey, first: u8) -> String {
    format!("blobs/{entity}/{first:02x}")
}

/// The MD5 that an object was stored for.
fn md5_of(object_key: &str) -> Option<[u8; 16]> {
    let name = object_key.rsplit('/').next()?;
    unhex(name.split_once('-')?.0)
}

impl Tracking {
    /// Looks in the blob store for contents that are not recorded, and takes them in. An object is there as a whole or not
    /// at all, and only its own bytes were stored for an MD5; they are read again for the BLAKE3 that was not kept.
    pub(super) async fn take_in_unrecorded(
        &self,
        artifact: &ArtifactRecord,
        wanted: &HashSet<[u8; 16]>,
    ) -> Result<()> {
        let entity = artifact.collection.entity;
        let firsts: HashSet<u8> = wanted.iter().map(|md5| md5[0]).collect();
        for first in firsts {
            let listed = self.inner.blobs.list(&folder(entity, first));
            let objects: Vec<String> = listed
                .map_ok(|listed| listed.key)
                .try_filter(|key| {
                    let is_wanted = md5_of(key).is_some_and(|md5| wanted.contains(&md5));
                    std::future::ready(is_wanted)
                })
                .try_collect()
                .await?;
            let mut blobs = Vec::with_capacity(objects.len());
            for object_key in objects {
                let stored = self.hash_object(&object_key).await?;
                if md5_of(&object_key) == Some(stored.md5) {
                    blobs.push(self.new_blob(entity, artifact.key, object_key, stored));
                }
            }
            self.record_unrecorded(blobs).await?;
        }
        Ok(())
    }

    /// An object that is not pending is used by nobody and on its way out; it is left alone.
    async fn record_unrecorded(&self, blobs: Vec<NewBlob>) -> Result<()> {
        if blobs.is_empty() {
            return Ok(());
        }
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { take_in(tx, blobs).await }))
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_object_tells_its_md5() {
        let md5 = *b"\x5d\x41\x40\x2a\xbc\x4b\x2a\x76\xb9\x71\x9d\x91\x10\x17\xc5\x92";
        let key = object_key(EntityKey(7), md5, "r4nd0m");
        assert_eq!(key, "blobs/7/5d/5d41402abc4b2a76b9719d911017c592-r4nd0m");
        assert_eq!(md5_of(&key), Some(md5));
        for other in ["blobs/7/5d/r4nd0m", "", "blobs/7/5d/5d41-r4nd0m"] {
            assert_eq!(md5_of(other), None, "{other}");
        }
    }
}
