//! URLs that let a client transfer one blob by itself.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use object_store::path::Path;
use object_store::signer::{HeaderName, HeaderValue, Method, SignedUrlOptions, Signer};
use url::Url;

use crate::BlobError;
use crate::types::{SignedDownload, SignedRequest, SignedUpload};

/// The longest validity that the providers accept.
const MAX_EXPIRY: Duration = Duration::from_hours(7 * 24);

/// Whose signed URLs these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    S3,
    Gcs,
    Azure,
}

impl Provider {
    /// Whether a signature can cover headers and query parameters of our choice.
    fn signs_extras(self) -> bool {
        match self {
            Self::S3 | Self::Gcs => true,
            Self::Azure => false,
        }
    }
}

/// Signs URLs of one bucket.
#[derive(Debug)]
pub(super) struct UrlSigner {
    signer: Arc<dyn Signer>,
    provider: Provider,
}

impl UrlSigner {
    pub(super) fn new(signer: Arc<dyn Signer>, provider: Provider) -> Self {
        Self { signer, provider }
    }

    pub(super) async fn upload(
        &self,
        key: &str,
        path: &Path,
        upload: SignedUpload<'_>,
    ) -> Result<SignedRequest, BlobError> {
        self.upload_with(key, path, upload, SignedUrlOptions::new())
            .await
    }

    /// As [`upload`](Self::upload), for the part of an upload that the query names. S3 only.
    pub(super) async fn upload_part(
        &self,
        key: &str,
        path: &Path,
        upload: SignedUpload<'_>,
        part: [(&str, String); 2],
    ) -> Result<SignedRequest, BlobError> {
        let options = SignedUrlOptions::new().with_query(part);
        self.upload_with(key, path, upload, options).await
    }

    async fn upload_with(
        &self,
        key: &str,
        path: &Path,
        upload: SignedUpload<'_>,
        mut options: SignedUrlOptions,
    ) -> Result<SignedRequest, BlobError> {
        let mut headers = Vec::new();
        if let Some(md5) = upload.content_md5 {
            headers.push(("Content-MD5", BASE64_STANDARD.encode(md5)));
        }
        if let Some(content_type) = upload.content_type {
            headers.push(("Content-Type", content_type.to_owned()));
        }

        for (name, value) in &headers {
            let value = HeaderValue::from_str(value).map_err(|_| BlobError::InvalidHeader {
                key: key.to_owned(),
                value: value.clone(),
            })?;
            if self.provider.signs_extras() {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name of ours");
                options = options.with_signed_header(name, value);
            }
        }
        if self.provider == Provider::Azure {
            headers.push(("x-ms-blob-type", "BlockBlob".to_owned()));
        }

        let url = self
            .sign(key, Method::PUT, path, upload.expires_in, &options)
            .await?;
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Ok(SignedRequest { url, headers })
    }

    pub(super) async fn download(
        &self,
        key: &str,
        path: &Path,
        download: SignedDownload<'_>,
    ) -> Result<Url, BlobError> {
        let answer_headers = [
            ("response-content-disposition", download.content_disposition),
            ("response-content-type", download.content_type),
        ];
        let mut options = SignedUrlOptions::new();
        if self.provider.signs_extras() {
            for (name, value) in answer_headers {
                options = options.with_query(value.map(|value| (name, value)));
            }
        }
        self.sign(key, Method::GET, path, download.expires_in, &options)
            .await
    }

    async fn sign(
        &self,
        key: &str,
        method: Method,
        path: &Path,
        expires_in: Duration,
        options: &SignedUrlOptions,
    ) -> Result<Url, BlobError> {
        if expires_in < Duration::from_secs(1) || expires_in > MAX_EXPIRY {
            return Err(BlobError::InvalidExpiry {
                key: key.to_owned(),
                expires_in_s: expires_in.as_secs(),
            });
        }
        self.signer
            .signed_url_opts(method, path, expires_in, options)
            .await
            .map_err(|error| BlobError::from_store_write(key, error))
    }
}
