//! Where a store is, as one line of configuration.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

use crate::key;

/// The address of a store.
///
/// | text | store |
/// |---|---|
/// | `/var/lib/ballast/blobs`, `blobs`, `file:///var/lib/ballast/blobs` | a folder, made when missing |
/// | `s3://bucket/prefix?region=eu-west-1` | S3 |
/// | `s3://bucket?endpoint=http://127.0.0.1:9000` | a server that speaks S3 |
/// | `gs://bucket/prefix` | Google Cloud Storage |
/// | `az://container/prefix?account=name` | Azure Blob Storage |
///
/// The prefix may be left out. Parameters of S3: `region` (default `us-east-1`), `endpoint`, `public_endpoint` (the
/// address clients reach the same server at, for signed URLs), `virtual_hosted` (`true` puts the bucket into the host
/// name; default `false` with an endpoint, `true` without). Of GCS: `endpoint`. Of Azure: `account`, `endpoint`. An
/// endpoint is an `http://` or `https://` URL; plain HTTP is used only if an endpoint says so. Unknown parameters,
/// and credentials of any kind, are refused: those are [`BlobOptions`](crate::BlobOptions). So `Display` shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobUrl {
    /// A folder of this machine.
    Folder(PathBuf),
    /// S3 or a server that speaks it.
    S3(S3Address),
    /// Google Cloud Storage.
    Gcs(CloudAddress),
    /// Azure Blob Storage.
    Azure {
        /// The container and how to reach it.
        address: CloudAddress,
        /// The storage account; else it comes from the options.
        account: Option<String>,
    },
}

/// A bucket and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudAddress {
    /// The bucket or container.
    pub bucket: String,
    /// What every key is put below, without slashes at its ends; may be empty.
    pub prefix: String,
    /// The address of the service, if it is not the provider's own; without a slash at its end.
    pub endpoint: Option<String>,
}

/// An S3 bucket and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Address {
    /// The bucket and how to reach it.
    pub address: CloudAddress,
    /// The region that signatures name.
    pub region: Option<String>,
    /// The endpoint that signed URLs name, if clients reach the service at another address than we do.
    pub public_endpoint: Option<String>,
    /// Whether the bucket is part of the host name instead of the path.
    pub virtual_hosted: Option<bool>,
}

/// Why a text is not the address of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the address of a blob store: {reason}")]
pub struct ParseBlobUrlError {
    /// The text, without its query and credentials.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl BlobUrl {
    /// The address of a folder.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        Self::Folder(path.as_ref().to_path_buf())
    }
}

impl FromStr for BlobUrl {
    type Err = ParseBlobUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(refusal(text, "it is empty"));
        }
        if !text.contains("://") {
            return Ok(Self::Folder(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|error| refusal(text, error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refusal(text, "credentials belong into the options"));
        }
        if url.port().is_some() || url.fragment().is_some() {
            return Err(refusal(text, "it has a port or a fragment"));
        }
        if url.scheme() == "file" {
            return match url.to_file_path() {
                Ok(path) if url.query().is_none() => Ok(Self::Folder(path)),
                _ => Err(refusal(text, "expected `file://` and an absolute path")),
            };
        }

        let mut parameters = Parameters::of(text, &url)?;
        let address = CloudAddress {
            bucket: bucket_of(text, &url)?,
            prefix: prefix_of(text, &url)?,
            endpoint: parameters.take_endpoint("endpoint")?,
        };
        let parsed = match url.scheme() {
            "s3" => Self::S3(S3Address {
                address,
                region: parameters.take("region"),
                public_endpoint: parameters.take_endpoint("public_endpoint")?,
                virtual_hosted: parameters.take_bool("virtual_hosted")?,
            }),
            "gs" => Self::Gcs(address),
            "az" => Self::Azure {
                address,
                account: parameters.take("account"),
            },
            _ => return Err(refusal(text, "expected a path, `file`, `s3`, `gs` or `az`")),
        };
        parameters.expect_empty()?;
        Ok(parsed)
    }
}

impl fmt::Display for BlobUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, address) = match self {
            Self::Folder(path) => return path.display().fmt(f),
            Self::S3(s3) => ("s3", &s3.address),
            Self::Gcs(address) => ("gs", address),
            Self::Azure { address, .. } => ("az", address),
        };
        write!(f, "{scheme}://{}", address.bucket)?;
        if !address.prefix.is_empty() {
            write!(f, "/{}", address.prefix)?;
        }

        let mut parameters = vec![("endpoint", address.endpoint.clone())];
        match self {
            Self::S3(s3) => parameters.extend([
                ("region", s3.region.clone()),
                ("public_endpoint", s3.public_endpoint.clone()),
                (
                    "virtual_hosted",
                    s3.virtual_hosted.map(|value| value.to_string()),
                ),
            ]),
            Self::Azure { account, .. } => parameters.push(("account", account.clone())),
            Self::Folder(_) | Self::Gcs(_) => {}
        }
        let given = parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        for (index, (name, value)) in given.enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            write!(f, "{separator}{name}={value}")?;
        }
        Ok(())
    }
}

/// The parameters of a URL, taken one by one so that the rest is what nobody knows.
struct Parameters<'a> {
    text: &'a str,
    pairs: Vec<(String, String)>,
}

impl<'a> Parameters<'a> {
    fn of(text: &'a str, url: &Url) -> Result<Self, ParseBlobUrlError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(refusal(text, format!("parameter `{name}` is given twice")));
            }
            if value.is_empty() {
                return Err(refusal(text, format!("parameter `{name}` is empty")));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { text, pairs })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let index = self.pairs.iter().position(|(known, _)| known == name)?;
        Some(self.pairs.swap_remove(index).1)
    }

    fn take_bool(&mut self, name: &str) -> Result<Option<bool>, ParseBlobUrlError> {
        self.take(name)
            .map(|value| value.parse())
            .transpose()
            .map_err(|_| refusal(self.text, format!("`{name}` is neither `true` nor `false`")))
    }

    fn take_endpoint(&mut self, name: &str) -> Result<Option<String>, ParseBlobUrlError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match Url::parse(&value) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
                    && url.query().is_none() =>
            {
                Ok(Some(value.trim_end_matches('/').to_owned()))
            }
            _ => Err(refusal(
                self.text,
                format!("`{name}` is not an `http://` or `https://` address"),
            )),
        }
    }

    fn expect_empty(self) -> Result<(), ParseBlobUrlError> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(refusal(self.text, format!("unknown parameter `{name}`"))),
        }
    }
}

fn bucket_of(text: &str, url: &Url) -> Result<String, ParseBlobUrlError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match url.host_str() {
        Some(bucket) if !bucket.is_empty() && bucket.bytes().all(allowed) => Ok(bucket.to_owned()),
        _ => Err(refusal(text, "it names no bucket")),
    }
}

fn prefix_of(text: &str, url: &Url) -> Result<String, ParseBlobUrlError> {
    let prefix = url.path().trim_matches('/');
    match key::flaw(prefix) {
        Some(_) if prefix.is_empty() => Ok(String::new()),
        Some(flaw) => Err(refusal(text, format!("as the start of keys, {flaw}"))),
        None => Ok(prefix.to_owned()),
    }
}

/// An error that shows neither the query nor credentials, which may be secrets in the wrong place.
fn refusal(text: &str, reason: impl Into<String>) -> ParseBlobUrlError {
    let without_query = text.split(['?', '#']).next().unwrap_or_default();
    let shown = match without_query.split_once("://") {
        Some((scheme, rest)) => {
            let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{rest}")
        }
        None => without_query.to_owned(),
    };
    ParseBlobUrlError {
        text: shown,
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parse(text: &str) -> BlobUrl {
        text.parse().expect("an address")
    }

    #[track_caller]
    fn refused(text: &str) -> String {
        text.parse::<BlobUrl>().expect_err("no address").to_string()
    }

    #[test]
    fn folders() {
        for (text, path) in [
            ("/var/lib/b", "/var/lib/b"),
            ("data/blobs", "data/blobs"),
            ("file:///var/a%20b", "/var/a b"),
        ] {
            assert_eq!(parse(text), BlobUrl::Folder(path.into()));
        }
    }

    #[test]
    fn s3_with_everything() {
        let text = "s3://bucket/a/b?endpoint=http://127.0.0.1:9000&region=eu-1&public_endpoint=https://s3.example.org&virtual_hosted=false";
        let url = parse(text);
        assert_eq!(
            url,
            BlobUrl::S3(S3Address {
                address: CloudAddress {
                    bucket: "bucket".to_owned(),
                    prefix: "a/b".to_owned(),
                    endpoint: Some("http://127.0.0.1:9000".to_owned()),
                },
                region: Some("eu-1".to_owned()),
                public_endpoint: Some("https://s3.example.org".to_owned()),
                virtual_hosted: Some(false),
            })
        );
        assert_eq!(url.to_string(), text);
    }

    #[test]
    fn what_is_shown_is_what_was_parsed() {
        for text in [
            "/b",
            "s3://b",
            "gs://b/p",
            "az://c/p?account=x",
            "s3://b?virtual_hosted=true",
        ] {
            assert_eq!(parse(text).to_string(), text);
        }
        assert_eq!(parse("s3://b/").to_string(), "s3://b");
        assert_eq!(
            parse("s3://b?endpoint=http://h/").to_string(),
            "s3://b?endpoint=http://h"
        );
    }

    #[test]
    fn what_is_no_address() {
        for (text, reason) in [
            ("", "it is empty"),
            (
                "ftp://host/x",
                "expected a path, `file`, `s3`, `gs` or `az`",
            ),
            (
                "file://host/x?y=1",
                "expected `file://` and an absolute path",
            ),
            ("s3://", "it names no bucket"),
            (
                "s3://b/a/.hidden",
                "as the start of keys, it has a segment starting with `.`",
            ),
            ("s3://b?regoin=x", "unknown parameter `regoin`"),
            ("s3://b?region=", "parameter `region` is empty"),
            (
                "s3://b?region=x&region=y",
                "parameter `region` is given twice",
            ),
            (
                "s3://b?endpoint=127.0.0.1:9000",
                "`endpoint` is not an `http://` or `https://` address",
            ),
            (
                "s3://b?virtual_hosted=yes",
                "`virtual_hosted` is neither `true` nor `false`",
            ),
            ("gs://b?region=x", "unknown parameter `region`"),
        ] {
            let message = refused(text);
            assert!(
                message.ends_with(&format!(": {reason}")),
                "{text}: {message}"
            );
        }
    }

    #[test]
    fn a_refusal_shows_no_secret() {
        for text in [
            "s3://key:secret@bucket/p",
            "s3://b?secret_key=secret",
            "s3://b#secret",
        ] {
            assert!(!refused(text).contains("secret`") && !refused(text).contains("=secret"));
            assert!(!refused(text).contains(":secret"));
        }
    }
}
