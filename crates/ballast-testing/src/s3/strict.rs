//! The behaviour of S3 that the file system server lacks.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use md5::{Digest as _, Md5};
#[allow(
    clippy::wildcard_imports,
    reason = "an input and an output of each operation"
)]
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;

/// Passes requests on to a folder, but reads and checks a whole body before anything is stored.
#[derive(Debug)]
pub(super) struct StrictS3 {
    root: PathBuf,
    files: FileSystem,
    /// Held while an object is replaced: content and digest are two files there, and belong together.
    storing: Mutex<()>,
}

impl StrictS3 {
    /// `files` serves the folder `root`.
    pub(super) fn new(root: &Path, files: FileSystem) -> Self {
        Self {
            root: root.to_path_buf(),
            files,
            storing: Mutex::new(()),
        }
    }

    /// The folder would make a bucket for the first object that names it.
    fn expect_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.root.join(bucket).is_dir() {
            Ok(())
        } else {
            Err(s3_error!(NoSuchBucket))
        }
    }
}

/// The whole body, if it has the announced size and MD5.
async fn checked_body(
    body: Option<StreamingBlob>,
    content_length: Option<i64>,
    content_md5: Option<&str>,
) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    if let Some(mut body) = body {
        while let Some(chunk) = body
            .try_next()
            .await
            .map_err(|_| s3_error!(IncompleteBody))?
        {
            bytes.extend_from_slice(&chunk);
        }
    }
    if content_length.is_some_and(|announced| usize::try_from(announced) != Ok(bytes.len())) {
        return Err(s3_error!(IncompleteBody));
    }
    if let Some(announced) = content_md5 {
        let announced = BASE64_STANDARD
            .decode(announced)
            .map_err(|_| s3_error!(InvalidDigest))?;
        if announced != Md5::digest(&bytes).as_slice() {
            return Err(s3_error!(BadDigest));
        }
    }
    Ok(bytes.freeze())
}

fn body_of(bytes: Bytes) -> StreamingBlob {
    StreamingBlob::from(s3s::Body::from(bytes))
}

#[async_trait::async_trait]
impl S3 for StrictS3 {
    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = &mut request.input;
        self.expect_bucket(&input.bucket)?;
        let md5 = input.content_md5.as_deref();
        let bytes = checked_body(input.body.take(), input.content_length, md5).await?;
        input.body = Some(body_of(bytes));
        let _guard = self.storing.lock().await;
        self.files.put_object(request).await
    }

    async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = &mut request.input;
        let md5 = input.content_md5.as_deref();
        let bytes = checked_body(input.body.take(), input.content_length, md5).await?;
        input.body = Some(body_of(bytes));
        self.files.upload_part(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let _guard = self.storing.lock().await;
        self.files.complete_multipart_upload(request).await
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let disposition = request.input.response_content_disposition.clone();
        let content_type = request.input.response_content_type.clone();
        let _guard = self.storing.lock().await;
        let mut response = self.files.get_object(request).await?;
        let output = &mut response.output;
        output.content_disposition = disposition.or(output.content_disposition.take());
        output.content_type = content_type.or(output.content_type.take());
        Ok(response)
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.create_bucket(request).await
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        self.files.list_buckets(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let _guard = self.storing.lock().await;
        self.files.head_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let _guard = self.storing.lock().await;
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let _guard = self.storing.lock().await;
        self.files.delete_objects(request).await
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let _guard = self.storing.lock().await;
        self.files.copy_object(request).await
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        self.files.list_objects(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.expect_bucket(&request.input.bucket)?;
        self.files.create_multipart_upload(request).await
    }

    async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        self.files.list_parts(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.files.abort_multipart_upload(request).await
    }
}
