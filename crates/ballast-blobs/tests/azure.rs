//! Signed URLs of Azure, whose signatures cover no headers of ours. Signing asks nobody, so no server is needed.

use std::time::Duration;

use ballast_blobs::{BlobOptions, Blobs, SignedDownload, SignedUpload};

/// The account and key that the Azure emulator publishes.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

fn store() -> Blobs {
    let url = format!("az://runs/some/prefix?account={ACCOUNT}");
    let options = BlobOptions::new().with_setting("azure_storage_account_key", KEY);
    Blobs::open(&url.parse().expect("an address"), &options).expect("a store")
}

#[tokio::test]
async fn an_upload_asks_the_client_for_the_headers() {
    let upload = SignedUpload {
        expires_in: Duration::from_mins(1),
        content_md5: Some([0; 16]),
        content_type: Some("image/png"),
    };
    let signed = store()
        .upload_url("k", upload)
        .await
        .expect("a URL")
        .expect("a cloud store");
    assert_eq!(
        signed.url.host_str(),
        Some("devstoreaccount1.blob.core.windows.net")
    );
    assert_eq!(signed.url.path(), "/runs/some/prefix/k");
    assert!(signed.url.query_pairs().any(|(name, _)| name == "sig"));
    let headers: Vec<_> = signed
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [
            ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
            ("Content-Type", "image/png"),
            ("x-ms-blob-type", "BlockBlob"),
        ]
    );
    assert!(
        !format!("{signed:?}").contains("sig="),
        "a secret in the log"
    );
}

#[tokio::test]
async fn a_download_goes_without_the_wished_headers() {
    let download = SignedDownload {
        expires_in: Duration::from_mins(1),
        content_disposition: Some("attachment"),
        content_type: None,
    };
    let url = store()
        .download_url("k", download)
        .await
        .expect("a URL")
        .expect("a cloud store");
    assert!(
        url.query_pairs()
            .all(|(name, _)| !name.starts_with("response"))
    );
}
