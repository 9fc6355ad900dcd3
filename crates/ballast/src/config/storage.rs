//! Where everything is kept.

use std::path::PathBuf;

use ballast_blobs::{BlobOptions, BlobUrl};
use ballast_meta::DatabaseUrl;

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::parse;
use super::sources::Sources;
use crate::secret::Secret;

/// The configuration file.
pub(crate) static CONFIG: Key<PathBuf> = Key {
    info: KeyInfo {
        name: "config",
        placeholder: "FILE",
        doc: "The configuration file, in TOML. Without this, `ballast.toml` in the data folder is read if it is there.",
        expected: "the path of a file",
        default: DefaultValue::Unset("ballast.toml in the data folder, if it is there"),
        kind: KeyKind::OutsideFile,
        fallback: None,
    },
    parse: parse::path,
};

/// The data folder.
pub(crate) static DATA_DIR: Key<PathBuf> = Key {
    info: KeyInfo {
        name: "data_dir",
        placeholder: "DIR",
        doc: "The data folder, made if it is not there. It holds the database and the files unless they are kept elsewhere, and a lock: one server uses it at a time. Like every path, it is relative to the working directory.",
        expected: "the path of a folder",
        default: DefaultValue::Text("./ballast-data"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::path,
};

static DATABASE_URL: Key<DatabaseUrl> = Key {
    info: KeyInfo {
        name: "database_url",
        placeholder: "URL",
        doc: "The database of metadata and fresh history. SQLite serves one server; several servers share one PostgreSQL.",
        expected: "`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`",
        default: DefaultValue::Unset("the SQLite file ballast.db in the data folder"),
        kind: KeyKind::Confidential,
        fallback: None,
    },
    parse: parse::from_str,
};

static BLOB_URL: Key<BlobUrl> = Key {
    info: KeyInfo {
        name: "blob_url",
        placeholder: "URL",
        doc: "The store of files, media and folded history. Clients transfer to and from a bucket directly, by signed URL; a folder is served by Ballast. `s3://` takes the parameters `region`, `endpoint`, `public_endpoint` and `virtual_hosted`, `gs://` takes `endpoint`, and `az://` takes `account` and `endpoint`.",
        expected: "a folder, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`",
        default: DefaultValue::Unset("the folder blobs in the data folder"),
        kind: KeyKind::Confidential,
        fallback: None,
    },
    parse: parse::from_str,
};

static BLOB_ACCESS_KEY_ID: Key<String> = Key {
    info: KeyInfo {
        name: "blob_access_key_id",
        placeholder: "ID",
        doc: "The id of the access key of the bucket; for Azure, the name of the storage account. Without this, the identity that the machine or its cloud provides is used.",
        expected: "the id of an access key",
        default: DefaultValue::Unset("the machine's own identity"),
        kind: KeyKind::Plain,
        fallback: Some("AWS_ACCESS_KEY_ID"),
    },
    parse: parse::text,
};

static BLOB_SECRET_ACCESS_KEY: Key<Secret> = Key {
    info: KeyInfo {
        name: "blob_secret_access_key",
        placeholder: "SECRET",
        doc: "The secret that belongs to `blob_access_key_id`.",
        expected: "the secret of an access key",
        default: DefaultValue::Unset("none"),
        kind: KeyKind::Secret,
        fallback: Some("AWS_SECRET_ACCESS_KEY"),
    },
    parse: parse::secret,
};

static BLOB_REGION: Key<String> = Key {
    info: KeyInfo {
        name: "blob_region",
        placeholder: "REGION",
        doc: "The region of the bucket, if `blob_url` does not name it.",
        expected: "the name of a region, such as `eu-central-1`",
        default: DefaultValue::Unset("us-east-1"),
        kind: KeyKind::Plain,
        fallback: Some("AWS_REGION"),
    },
    parse: parse::text,
};

static BLOB_ENDPOINT: Key<String> = Key {
    info: KeyInfo {
        name: "blob_endpoint",
        placeholder: "URL",
        doc: "The address of a service that speaks S3 but is not Amazon's, if `blob_url` does not name it. Clients must reach it at the same address, or at the `public_endpoint` of `blob_url`.",
        expected: "an `http://` or `https://` address, such as `http://127.0.0.1:9000`",
        default: DefaultValue::Unset("the provider's own"),
        kind: KeyKind::Plain,
        fallback: Some("AWS_ENDPOINT_URL"),
    },
    parse: endpoint,
};

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Storage",
    keys: &[
        &DATA_DIR.info,
        &CONFIG.info,
        &DATABASE_URL.info,
        &BLOB_URL.info,
        &BLOB_ACCESS_KEY_ID.info,
        &BLOB_SECRET_ACCESS_KEY.info,
        &BLOB_REGION.info,
        &BLOB_ENDPOINT.info,
    ],
};

/// Environment names by which clouds lend a machine an identity. They are handed to the blob store as they are.
pub(crate) const PASSED_ON: &[&str] = &[
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// Where everything is kept.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: DatabaseUrl,
    pub(crate) blob_url: BlobUrl,
    pub(crate) blob_options: BlobOptions,
}

impl Storage {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let data_dir = sources.value(&DATA_DIR)?;
        let database_url = sources.lookup(&DATABASE_URL)?;
        let blob_url = sources.lookup(&BLOB_URL)?;
        let blob_url = blob_url.unwrap_or_else(|| BlobUrl::folder(data_dir.join("blobs")));
        Ok(Self {
            database_url: database_url
                .unwrap_or_else(|| DatabaseUrl::sqlite(data_dir.join("ballast.db"))),
            blob_options: blob_options(sources, &blob_url)?,
            blob_url,
            data_dir,
        })
    }
}

/// What the blob store needs beside its address, by the names that its crate documents.
fn blob_options(sources: &Sources, url: &BlobUrl) -> Result<BlobOptions, ConfigError> {
    let access_key = sources.lookup(&BLOB_ACCESS_KEY_ID)?;
    let secret_key = sources.lookup(&BLOB_SECRET_ACCESS_KEY)?;
    for (key, missing) in [
        (&BLOB_ACCESS_KEY_ID.info, &BLOB_SECRET_ACCESS_KEY.info),
        (&BLOB_SECRET_ACCESS_KEY.info, &BLOB_ACCESS_KEY_ID.info),
    ] {
        if sources.is_set(key) && !sources.is_set(missing) {
            return Err(ConfigError::Incomplete {
                key: key.name,
                missing: missing.name,
            });
        }
    }
    let region = sources.lookup(&BLOB_REGION)?;
    let endpoint = sources.lookup(&BLOB_ENDPOINT)?;

    let mut options = BlobOptions::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            options = std::mem::take(&mut options).with_setting(name, value);
        }
    };
    let secret_key = secret_key.as_ref().map(Secret::expose);
    match url {
        BlobUrl::Folder(_) => {}
        BlobUrl::S3(_) => {
            add("aws_access_key_id", access_key.as_deref());
            add("aws_secret_access_key", secret_key);
            add("aws_region", region.as_deref());
            add("aws_endpoint", endpoint.as_deref());
            pass_on(sources, "AWS_", &mut add);
        }
        BlobUrl::Gcs(_) => pass_on(sources, "GOOGLE_", &mut add),
        BlobUrl::Azure { .. } => {
            add("azure_storage_account_name", access_key.as_deref());
            add("azure_storage_account_key", secret_key);
            pass_on(sources, "AZURE_", &mut add);
        }
    }
    Ok(options)
}

fn pass_on(sources: &Sources, prefix: &str, add: &mut impl FnMut(&str, Option<&str>)) {
    for name in PASSED_ON.iter().filter(|name| name.starts_with(prefix)) {
        add(&name.to_lowercase(), sources.foreign(name));
    }
}

fn endpoint(text: &str) -> Result<String, String> {
    let url = parse::origin(text)?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
