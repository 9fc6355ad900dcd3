//! Building the clients of the providers from an address and options.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{ClientOptions, RetryConfig};

use super::Cloud;
use super::sign::{Provider, UrlSigner};
use crate::options::BlobOptions;
use crate::prefix::Prefix;
use crate::url::{CloudAddress, S3Address};

/// How long an established connection may stay silent. There is no limit on a whole request, because a large blob on
/// a slow line takes its time.
const SILENCE: Duration = Duration::from_mins(1);

/// Retries after the first try, about 1.5 s apart in total: callers wait meanwhile, and can retry by themselves.
const MAX_RETRIES: usize = 4;

pub(crate) fn s3(s3: &S3Address, options: &BlobOptions) -> object_store::Result<Cloud> {
    install_tls();
    let build = |endpoint: Option<&String>| build_s3(s3, endpoint, options);
    let store = Arc::new(build(s3.address.endpoint.as_ref())?);
    let signer: Arc<AmazonS3> = match &s3.public_endpoint {
        None => Arc::clone(&store),
        endpoint => Arc::new(build(endpoint.as_ref())?),
    };
    let parts = Arc::clone(&store);
    let cloud = Cloud::new(
        store,
        UrlSigner::new(signer, Provider::S3),
        Prefix::new(&s3.address.prefix),
    );
    Ok(cloud.with_parts(parts))
}

fn build_s3(
    s3: &S3Address,
    endpoint: Option<&String>,
    options: &BlobOptions,
) -> object_store::Result<AmazonS3> {
    let mut builder = AmazonS3Builder::new();
    for (name, value) in options.settings() {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    let bucket = &s3.address.bucket;
    // A certificate for `*.s3.amazonaws.com` does not cover buckets with a dot.
    let by_host = s3
        .virtual_hosted
        .unwrap_or(endpoint.is_none() && !bucket.contains('.'));
    builder = builder
        .with_bucket_name(bucket)
        .with_virtual_hosted_style_request(by_host)
        // One request for one blob: servers that only resemble S3 know it, and often not the bulk form.
        .with_disable_bulk_delete(true)
        .with_client_options(client_options(endpoint))
        .with_retry(retries());
    if let Some(region) = &s3.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(match endpoint.split_once("://") {
            Some((scheme, host)) if by_host => format!("{scheme}://{bucket}.{host}"),
            _ => endpoint.clone(),
        });
    }
    builder.build()
}

pub(crate) fn gcs(address: &CloudAddress, options: &BlobOptions) -> object_store::Result<Cloud> {
    install_tls();
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in options.settings() {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    builder = builder
        .with_bucket_name(&address.bucket)
        .with_client_options(client_options(address.endpoint.as_ref()))
        .with_retry(retries());
    if let Some(endpoint) = &address.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    let store = Arc::new(builder.build()?);
    Ok(Cloud::new(
        store.clone(),
        UrlSigner::new(store, Provider::Gcs),
        Prefix::new(&address.prefix),
    ))
}

pub(crate) fn azure(
    address: &CloudAddress,
    account: Option<&str>,
    options: &BlobOptions,
) -> object_store::Result<Cloud> {
    install_tls();
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in options.settings() {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    builder = builder
        .with_container_name(&address.bucket)
        .with_client_options(client_options(address.endpoint.as_ref()))
        .with_retry(retries());
    if let Some(account) = account {
        builder = builder.with_account(account);
    }
    if let Some(endpoint) = &address.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    let store = Arc::new(builder.build()?);
    Ok(Cloud::new(
        store.clone(),
        UrlSigner::new(store, Provider::Azure),
        Prefix::new(&address.prefix),
    ))
}

fn client_options(endpoint: Option<&String>) -> ClientOptions {
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    ClientOptions::new()
        .with_allow_http(plain)
        .with_timeout_disabled()
        .with_read_timeout(SILENCE)
}

fn retries() -> RetryConfig {
    RetryConfig {
        max_retries: MAX_RETRIES,
        ..RetryConfig::default()
    }
}

/// Makes ring the TLS provider of the process, unless it has one already: the HTTP client brings none of its own.
fn install_tls() {
    // The error says that a provider is installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
