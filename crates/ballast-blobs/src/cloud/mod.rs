//! Blobs in a bucket.

mod open;
mod sign;
mod upload;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use url::Url;

pub(crate) use self::open::{azure, gcs, s3};
use self::sign::UrlSigner;
use crate::BlobError;
use crate::error::Source;
use crate::prefix::Prefix;
use crate::types::{Expect, SignedDownload, SignedRequest, SignedUpload, Stored};

/// A bucket that blobs are written to.
#[derive(Debug)]
pub(crate) struct Cloud {
    store: Arc<dyn ObjectStore>,
    /// For uploads whose parts clients send by themselves; `None` where we do not offer them.
    parts: Option<Arc<AmazonS3>>,
    signer: UrlSigner,
    prefix: Prefix,
}

impl Cloud {
    fn new(store: Arc<dyn ObjectStore>, signer: UrlSigner, prefix: Prefix) -> Self {
        Self {
            store,
            parts: None,
            signer,
            prefix,
        }
    }

    fn with_parts(self, parts: Arc<AmazonS3>) -> Self {
        Self {
            parts: Some(parts),
            ..self
        }
    }

    pub(crate) async fn begin_parts(&self, key: &str) -> Result<Option<String>, BlobError> {
        let Some(parts) = &self.parts else {
            return Ok(None);
        };
        match parts.create_multipart(&self.path(key)).await {
            Ok(id) => Ok(Some(id)),
            Err(error) => Err(BlobError::from_store_write(key, error)),
        }
    }

    pub(crate) async fn part_url(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        upload: SignedUpload<'_>,
    ) -> Result<SignedRequest, BlobError> {
        let part = [
            ("partNumber", number.to_string()),
            ("uploadId", upload_id.to_owned()),
        ];
        self.signer
            .upload_part(key, &self.path(key), upload, part)
            .await
    }

    pub(crate) async fn complete_parts(
        &self,
        key: &str,
        upload_id: &str,
        etags: Vec<String>,
    ) -> Result<(), BlobError> {
        let Some(parts) = &self.parts else {
            return Err(BlobError::NotFound {
                key: key.to_owned(),
            });
        };
        let ids = etags.into_iter().map(|content_id| PartId { content_id });
        let path = self.path(key);
        match parts
            .complete_multipart(&path, &upload_id.to_owned(), ids.collect())
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => Err(BlobError::from_store(key, error)),
        }
    }

    /// For reading.
    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// What all keys are below.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), BlobError> {
        match self.store.put(&self.path(key), bytes.into()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(BlobError::from_store_write(key, error)),
        }
    }

    pub(crate) async fn put_stream<S, E>(
        &self,
        key: &str,
        stream: Pin<&mut S>,
        expect: Expect,
    ) -> Result<Stored, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Source>,
    {
        upload::put_stream(&self.store, key, &self.path(key), stream, expect).await
    }

    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<(), BlobError> {
        self.store
            .copy(&self.path(from), &self.path(to))
            .await
            .map_err(|error| BlobError::from_store(from, error))
    }

    /// Deletes a blob; one that does not exist is deleted already.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(BlobError::from_store(key, error)),
        }
    }

    pub(crate) async fn upload_url(
        &self,
        key: &str,
        upload: SignedUpload<'_>,
    ) -> Result<SignedRequest, BlobError> {
        self.signer.upload(key, &self.path(key), upload).await
    }

    pub(crate) async fn download_url(
        &self,
        key: &str,
        download: SignedDownload<'_>,
    ) -> Result<Url, BlobError> {
        self.signer.download(key, &self.path(key), download).await
    }

    fn path(&self, key: &str) -> Path {
        self.prefix.path(key)
    }
}
