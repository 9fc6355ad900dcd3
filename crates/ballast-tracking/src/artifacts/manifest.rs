//! The list of a version's files, as clients send it and as it is kept.
//!
//! A manifest is a JSON document whose `contents` names each file with its digest. It comes from the client through the
//! blob store, may be large, and is read as a stream; what is kept is written anew from what was understood.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, Read};
use std::sync::Arc;

use ballast_model::{FilePath, NameError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::Stream;
use md5::{Digest as _, Md5};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::staging::hex;

/// Most entries of a manifest.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// Most bytes of a manifest as the client sends it.
pub(crate) const MAX_BYTES: u64 = 256 << 20;
/// Longest digest and target of a reference, in bytes.
const MAX_REFERENCE_BYTES: usize = 4096;
/// Longest further description of an entry, in bytes.
const MAX_EXTRA_BYTES: usize = 4096;
/// Size of the pieces in which a manifest is written.
const CHUNK_BYTES: usize = 64 << 10;

/// Why a manifest was refused.
#[derive(Debug, Error)]
pub(crate) enum ManifestError {
    #[error("the manifest cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the manifest has another version than 1: `{0}`")]
    Version(String),
    #[error("the manifest does not have the announced MD5")]
    Digest,
}

/// What a version consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// How the client keeps files, as it said.
    policy: Option<Value>,
    entries: BTreeMap<String, Entry>,
}

/// One entry of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) content: Content,
    pub(crate) size_bytes: Option<u64>,
    /// The id of the version that the content was first uploaded for, as the client has it.
    birth: Option<Arc<str>>,
    /// What storage handlers of the client keep with the entry, as JSON.
    extra: Option<Box<str>>,
}

/// What an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A content that is stored here, by its MD5.
    Stored([u8; 16]),
    /// Something elsewhere.
    Reference(Box<Reference>),
}

/// Something elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) digest: String,
    pub(crate) target: String,
}

impl Manifest {
    /// Reads a manifest. Blocks on `reader`.
    ///
    /// # Errors
    /// [`ManifestError`] naming the entry where one is wrong; if `md5` is given and the bytes have another one.
    pub(crate) fn read(reader: impl Read, md5: Option<[u8; 16]>) -> Result<Self, ManifestError> {
        let mut hashing = Hashing {
            reader,
            md5: Md5::new(),
        };
        let manifest = {
            let mut deserializer = serde_json::Deserializer::from_reader(BufReader::with_capacity(
                CHUNK_BYTES,
                &mut hashing,
            ));
            let document = Document::deserialize(&mut deserializer)?;
            deserializer.end()?;
            document
        };
        let found: [u8; 16] = hashing.md5.finalize().into();
        if md5.is_some_and(|md5| md5 != found) {
            return Err(ManifestError::Digest);
        }
        if manifest.version.as_i64() != Some(1) {
            return Err(ManifestError::Version(manifest.version.to_string()));
        }
        Ok(Self {
            policy: manifest.policy,
            entries: manifest.contents.0,
        })
    }

    /// Adds the entries of `other`, in place of those that have the same paths.
    pub(crate) fn add(&mut self, other: Self) {
        self.policy = other.policy.or(self.policy.take());
        self.entries.extend(other.entries);
    }

    pub(crate) fn n_entries(&self) -> usize {
        self.entries.len()
    }

    /// All entries, in byte order of their paths.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (&**path, entry))
    }

    /// Sets the size of every stored content to the one that `size_of` gives.
    pub(crate) fn set_sizes(&mut self, size_of: impl Fn(&[u8; 16]) -> Option<u64>) {
        for entry in self.entries.values_mut() {
            if let Content::Stored(md5) = &entry.content {
                entry.size_bytes = size_of(md5);
            }
        }
    }

    /// The digest by which the client knows a version: MD5 over each path and digest, in hexadecimal.
    ///
    /// # Source
    /// `ArtifactManifestV1.digest` of the wandb client 0.31.
    pub(crate) fn digest(&self) -> String {
        let mut md5 = Md5::new();
        md5.update(b"wandb-artifact-manifest-v1\n");
        for (path, entry) in &self.entries {
            md5.update(path.as_bytes());
            md5.update(b":");
            md5.update(entry.digest().as_bytes());
            md5.update(b"\n");
        }
        hex(md5.finalize().into())
    }

    /// The document to keep, in pieces.
    pub(crate) fn into_chunks(self) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
        let policy = self
            .policy
            .unwrap_or_else(|| json!({ "storageLayout": "V2" }));
        let head = format!(
            r#"{{"version":1,"storagePolicy":"wandb-storage-policy-v1","storagePolicyConfig":{policy},"contents":{{"#
        );
        let state = (Some(head), self.entries.into_iter(), true);
        futures::stream::unfold(state, async |(head, mut entries, mut first)| {
            let mut chunk = head?;
            let mut next_head = Some(String::new());
            while chunk.len() < CHUNK_BYTES {
                let Some((path, entry)) = entries.next() else {
                    chunk.push_str("}}");
                    next_head = None;
                    break;
                };
                if !first {
                    chunk.push(',');
                }
                first = false;
                entry.write(&path, &mut chunk);
            }
            Some((Ok(Bytes::from(chunk)), (next_head, entries, first)))
        })
    }
}

impl Entry {
    fn digest(&self) -> String {
        match &self.content {
            Content::Stored(md5) => BASE64_STANDARD.encode(md5),
            Content::Reference(reference) => reference.digest.clone(),
        }
    }

    fn write(&self, path: &str, text: &mut String) {
        let mut members = Map::new();
        members.insert("digest".to_owned(), self.digest().into());
        if let Content::Reference(reference) = &self.content {
            members.insert("ref".to_owned(), reference.target.clone().into());
        }
        if let Some(birth) = &self.birth {
            members.insert("birthArtifactID".to_owned(), (**birth).into());
        }
        if let Some(size) = self.size_bytes {
            members.insert("size".to_owned(), size.into());
        }
        if let Some(extra) = &self.extra {
            let extra = serde_json::from_str(extra).unwrap_or(Value::Null);
            members.insert("extra".to_owned(), extra);
        }
        let _ = write!(text, "{}:{}", Value::from(path), Value::Object(members));
    }
}

/// Hashes what passes.
struct Hashing<R> {
    reader: R,
    md5: Md5,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_read = self.reader.read(buffer)?;
        self.md5.update(&buffer[..n_read]);
        Ok(n_read)
    }
}

#[derive(Deserialize)]
struct Document {
    version: Value,
    #[serde(default, rename = "storagePolicyConfig")]
    policy: Option<Value>,
    contents: Contents,
}

#[derive(Deserialize)]
struct RawEntry {
    digest: String,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
    #[serde(default, rename = "birthArtifactID")]
    birth: Option<String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    extra: Option<Value>,
}

struct Contents(BTreeMap<String, Entry>);

impl<'de> Deserialize<'de> for Contents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContentsVisitor)
    }
}

struct ContentsVisitor;

impl<'de> Visitor<'de> for ContentsVisitor {
    type Value = Contents;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object with an entry for each file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Contents, A::Error> {
        let mut entries = BTreeMap::new();
        let mut births = Births::default();
        while let Some(path) = map.next_key_seed(Path)? {
            if entries.len() == MAX_ENTRIES {
                map.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom(format_args!(
                    "it has more than {MAX_ENTRIES} entries"
                )));
            }
            let raw: RawEntry = map.next_value()?;
            let entry = births
                .entry(raw)
                .map_err(|reason| A::Error::custom(format_args!("entry `{path}`: {reason}")))?;
            entries.insert(path, entry);
        }
        Ok(Contents(entries))
    }
}

/// A path that stays below the folder that a version is downloaded to.
struct Path;

impl<'de> DeserializeSeed<'de> for Path {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let path = String::deserialize(deserializer)?;
        FilePath::new(path)
            .map(|path| path.as_str().to_owned())
            .map_err(|error: NameError| D::Error::custom(error))
    }
}

/// The ids of first versions, of which there are few, each kept once.
#[derive(Default)]
struct Births {
    last: Option<Arc<str>>,
}

impl Births {
    fn entry(&mut self, raw: RawEntry) -> Result<Entry, String> {
        let content = match raw.reference {
            Some(target) => {
                if target.len().max(raw.digest.len()) > MAX_REFERENCE_BYTES {
                    return Err(format!(
                        "a reference of more than {MAX_REFERENCE_BYTES} bytes"
                    ));
                }
                Content::Reference(Box::new(Reference {
                    digest: raw.digest,
                    target,
                }))
            }
            None => Content::Stored(md5_of(&raw.digest).ok_or_else(|| {
                let shown: String = raw.digest.chars().take(64).collect();
                format!("digest `{shown}` is no base64 of an MD5")
            })?),
        };
        let extra = raw
            .extra
            .filter(|extra| !matches!(extra, Value::Null) && *extra != json!({}))
            .map(|extra| extra.to_string().into_boxed_str());
        if extra
            .as_ref()
            .is_some_and(|extra| extra.len() > MAX_EXTRA_BYTES)
        {
            return Err(format!("`extra` has more than {MAX_EXTRA_BYTES} bytes"));
        }
        Ok(Entry {
            content,
            size_bytes: raw.size,
            birth: raw
                .birth
                .filter(|id| !id.is_empty())
                .map(|id| self.keep(id)),
            extra,
        })
    }

    fn keep(&mut self, id: String) -> Arc<str> {
        match &self.last {
            Some(last) if **last == *id => Arc::clone(last),
            _ => {
                let mut id = id;
                id.truncate(id.floor_char_boundary(256));
                let id: Arc<str> = id.into();
                self.last = Some(Arc::clone(&id));
                id
            }
        }
    }
}

/// Reads an MD5 in base64.
pub fn md5_of(text: &str) -> Option<[u8; 16]> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;

    use super::*;

    const MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";

    fn read(contents: &str) -> Result<Manifest, ManifestError> {
        let text = format!(r#"{{"version":1,"storagePolicy":"x","contents":{contents}}}"#);
        Manifest::read(text.as_bytes(), None)
    }

    async fn written(manifest: Manifest) -> String {
        let chunks: Vec<Bytes> = manifest.into_chunks().try_collect().await.expect("chunks");
        String::from_utf8(chunks.concat()).expect("UTF-8")
    }

    #[tokio::test]
    async fn what_is_written_is_what_was_read() {
        let text = format!(
            r#"{{"a.txt":{{"digest":"{MD5}","birthArtifactID":"QQ==","size":5,"local_path":"/x","skip_cache":true}},
                "ü \" b":{{"digest":"etag","ref":"s3://b/k","size":10,"extra":{{"etag":"etag"}}}}}}"#
        );
        let manifest = read(&text).expect("valid");
        let text = written(manifest.clone()).await;
        assert!(!text.contains("local_path"));
        let again = Manifest::read(text.as_bytes(), None).expect("valid");
        assert_eq!(again.entries, manifest.entries);
        let many: Vec<String> = (0..5000)
            .map(|n| format!(r#""f{n}":{{"digest":"{MD5}"}}"#))
            .collect();
        let many = read(&format!("{{{}}}", many.join(","))).expect("valid");
        let again = Manifest::read(written(many.clone()).await.as_bytes(), None).expect("valid");
        assert_eq!(again.entries, many.entries);
        assert_eq!(
            written(read("{}").expect("valid"))
                .await
                .matches("{}")
                .count(),
            1
        );
    }

    #[test]
    fn the_digest_is_the_clients() {
        // Computed by the wandb client 0.31 for these two files.
        let manifest = read(&format!(
            r#"{{"b/c.txt":{{"digest":"{MD5}"}},"a.txt":{{"digest":"{MD5}"}}}}"#
        ));
        assert_eq!(
            manifest.expect("valid").digest(),
            "338cd5fe00517a67b92cfa49b693cf60"
        );
    }

    #[test]
    fn paths_that_climb_and_wrong_digests_are_refused() {
        for (contents, reason) in [
            (r#"{"../a":{"digest":"x"}}"#.to_owned(), "file path `../a`"),
            (r#"{"/a":{"digest":"x"}}"#.to_owned(), "file path `/a`"),
            (
                r#"{"c:\\a":{"digest":"x"}}"#.to_owned(),
                "file path `c:\\a`",
            ),
            (r#"{"a\u0000":{"digest":"x"}}"#.to_owned(), "is not valid"),
            (
                format!(r#"{{"{}":{{"digest":"x"}}}}"#, "x".repeat(5000)),
                "is not valid",
            ),
            (
                r#"{"a":{"digest":"x"}}"#.to_owned(),
                "entry `a`: digest `x`",
            ),
            (r#"{"a":{}}"#.to_owned(), "missing field `digest`"),
            ("[]".to_owned(), "invalid type"),
        ] {
            let error = read(&contents).expect_err(reason).to_string();
            assert!(error.contains(reason), "{error}");
            assert!(error.len() < 1000, "{error}");
        }
        assert!(matches!(
            Manifest::read(r#"{"version":2,"contents":{}}"#.as_bytes(), None),
            Err(ManifestError::Version(_))
        ));
        assert!(matches!(
            Manifest::read(r#"{"version":1,"contents":{}}"#.as_bytes(), Some([0; 16])),
            Err(ManifestError::Digest)
        ));
    }

    #[test]
    fn later_entries_win() {
        let mut base = read(r#"{"a":{"digest":"1","ref":"x:1"},"b":{"digest":"2","ref":"x:2"}}"#)
            .expect("valid");
        base.add(read(r#"{"b":{"digest":"3","ref":"x:3"}}"#).expect("valid"));
        let targets: Vec<_> = base
            .entries()
            .map(|(path, entry)| match &entry.content {
                Content::Reference(reference) => (path, reference.target.as_str()),
                Content::Stored(_) => panic!("a reference"),
            })
            .collect();
        assert_eq!(targets, [("a", "x:1"), ("b", "x:3")]);
    }
}
