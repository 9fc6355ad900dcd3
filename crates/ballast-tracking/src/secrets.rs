//! The server's own secret and what is derived from it: digests of keys and tokens, and signed tickets for files.
//!
//! API keys and session tokens carry enough randomness of their own, so a keyed fast hash is enough to store them: it
//! is found by index on every request, and a stolen database alone lets nobody test guesses.

use ballast_model::clock::{SECRET_ALPHABET, random_text};
use ballast_model::{ArtifactKey, EntityKey, Entropy, FilePath, RunKey, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A keyed digest under which a secret is stored.
pub(crate) type Digest = [u8; 32];

/// Characters of a generated API key: the wandb client up to 0.22 demands exactly 40.
const API_KEY_LENGTH: usize = 40;

/// Shortest API key that an admin may choose.
pub(crate) const MIN_API_KEY_LENGTH: usize = 20;

/// Bytes of the authentication tag of a [`FileTicket`].
const TAG_BYTES: usize = 16;

/// Keys derived from the secret that the metadata database keeps.
#[derive(Clone)]
pub(crate) struct ServerSecret {
    digests: [u8; 32],
    tickets: [u8; 32],
}

impl std::fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerSecret(..)")
    }
}

impl ServerSecret {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self {
            digests: blake3::derive_key("ballast 2026 digests of keys and tokens", secret),
            tickets: blake3::derive_key("ballast 2026 file tickets", secret),
        }
    }

    /// The digest under which an API key or token is stored.
    pub(crate) fn digest(&self, secret: &str) -> Digest {
        *blake3::keyed_hash(&self.digests, secret.as_bytes()).as_bytes()
    }

    /// Signs `ticket` into text that fits one part of a URL.
    pub(crate) fn seal(&self, ticket: &impl Ticket) -> String {
        let mut bytes = ticket.to_bytes();
        let tag = blake3::keyed_hash(&self.tickets, &bytes);
        bytes.extend_from_slice(&tag.as_bytes()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Gives back what [`ServerSecret::seal`] signed; `None` if the text was made or changed by anyone else, or is a
    /// ticket of another kind.
    ///
    /// Says nothing about expiry.
    pub(crate) fn unseal<T: Ticket>(&self, text: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        let mut padded = [0; 32];
        let expected = blake3::keyed_hash(&self.tickets, body);
        padded[..TAG_BYTES].copy_from_slice(tag);
        padded[TAG_BYTES..].copy_from_slice(&expected.as_bytes()[TAG_BYTES..]);
        // `blake3::Hash` compares in constant time.
        (blake3::Hash::from(padded) == expected).then(|| T::from_bytes(body))?
    }
}

/// Makes a new API key.
pub(crate) fn generate_api_key(entropy: &dyn Entropy) -> String {
    random_text(entropy, SECRET_ALPHABET, API_KEY_LENGTH)
}

/// Makes a new token for a session or a sign-in link.
pub(crate) fn generate_token(entropy: &dyn Entropy) -> String {
    random_text(entropy, SECRET_ALPHABET, 43)
}

/// Permission to do one thing without other credentials.
pub(crate) trait Ticket: Sized {
    /// The text to sign. Its first byte tells the kind, and is no other ticket's.
    fn to_bytes(&self) -> Vec<u8>;

    /// Gives back what [`Ticket::to_bytes`] wrote; `None` for a ticket of another kind.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// What a [`FileTicket`] lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketUse {
    Upload,
    Download,
}

/// Permission to transfer one file of one run without other credentials, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileTicket {
    pub(crate) usage: TicketUse,
    pub(crate) run: RunKey,
    pub(crate) expires_at: Timestamp,
    pub(crate) path: FilePath,
}

impl Ticket for FileTicket {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![match self.usage {
            TicketUse::Upload => 1,
            TicketUse::Download => 2,
        }];
        bytes.extend_from_slice(&self.run.0.to_le_bytes());
        bytes.extend_from_slice(&self.expires_at.as_second().to_le_bytes());
        bytes.extend_from_slice(self.path.as_str().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let usage = match bytes.first()? {
            1 => TicketUse::Upload,
            2 => TicketUse::Download,
            _ => return None,
        };
        let run = i64::from_le_bytes(bytes.get(1..9)?.try_into().ok()?);
        let expires_at = i64::from_le_bytes(bytes.get(9..17)?.try_into().ok()?);
        Some(Self {
            usage,
            run: RunKey(run),
            expires_at: Timestamp::from_second(expires_at).ok()?,
            path: FilePath::new(std::str::from_utf8(&bytes[17..]).ok()?).ok()?,
        })
    }
}

/// Permission to transfer one content or manifest of artifacts, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArtifactTicket {
    pub(crate) usage: ArtifactTicketUse,
    pub(crate) expires_at: Timestamp,
}

/// What an [`ArtifactTicket`] lets its bearer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArtifactTicketUse {
    /// Store the content with this MD5 among the entity's, for a version, as an object that is pending.
    StoreContent {
        entity: EntityKey,
        artifact: ArtifactKey,
        md5: [u8; 16],
        object_key: String,
    },
    /// Store an announced manifest of a version, which has this MD5.
    StoreManifest {
        artifact: ArtifactKey,
        manifest: i64,
        md5: [u8; 16],
    },
    /// Store a part of the content with this MD5, for a version; the part has an MD5 of its own.
    StorePart {
        artifact: ArtifactKey,
        number: u32,
        is_last: bool,
        md5: [u8; 16],
        part_md5: [u8; 16],
    },
    /// Read a content.
    ReadContent {
        object_key: String,
        size_bytes: u64,
        md5: [u8; 16],
    },
    /// Read the manifest of a committed version.
    ReadManifest { artifact: ArtifactKey },
}

impl Ticket for ArtifactTicket {
    fn to_bytes(&self) -> Vec<u8> {
        const NONE: [u8; 16] = [0; 16];
        let (kind, first, second, md5, part_md5, text) = match &self.usage {
            ArtifactTicketUse::StoreContent {
                entity,
                artifact,
                md5,
                object_key,
            } => (8, entity.0, artifact.0, *md5, NONE, &**object_key),
            ArtifactTicketUse::StoreManifest {
                artifact,
                manifest,
                md5,
            } => (4, artifact.0, *manifest, *md5, NONE, ""),
            ArtifactTicketUse::ReadContent {
                object_key,
                size_bytes,
                md5,
            } => (9, *size_bytes as i64, 0, *md5, NONE, &**object_key),
            ArtifactTicketUse::ReadManifest { artifact } => (6, artifact.0, 0, NONE, NONE, ""),
            ArtifactTicketUse::StorePart {
                artifact,
                number,
                is_last,
                md5,
                part_md5,
            } => {
                let place = i64::from(*number) | i64::from(*is_last) << 32;
                (10, artifact.0, place, *md5, *part_md5, "")
            }
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&self.expires_at.as_second().to_le_bytes());
        bytes.extend_from_slice(&first.to_le_bytes());
        bytes.extend_from_slice(&second.to_le_bytes());
        bytes.extend_from_slice(&md5);
        bytes.extend_from_slice(&part_md5);
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (bytes, text) = bytes.split_first_chunk::<57>()?;
        let object_key = String::from_utf8(text.to_vec()).ok()?;
        let number = |at: usize| {
            let bytes = bytes[at..at + 8].try_into().expect("eight bytes");
            i64::from_le_bytes(bytes)
        };
        let (first, second) = (number(9), number(17));
        let md5 = bytes[25..41].try_into().expect("sixteen bytes");
        let part_md5 = bytes[41..].try_into().expect("sixteen bytes");
        let usage = match bytes[0] {
            8 => ArtifactTicketUse::StoreContent {
                entity: EntityKey(first),
                artifact: ArtifactKey(second),
                md5,
                object_key,
            },
            4 => ArtifactTicketUse::StoreManifest {
                artifact: ArtifactKey(first),
                manifest: second,
                md5,
            },
            9 => ArtifactTicketUse::ReadContent {
                object_key,
                size_bytes: first as u64,
                md5,
            },
            6 => ArtifactTicketUse::ReadManifest {
                artifact: ArtifactKey(first),
            },
            10 => ArtifactTicketUse::StorePart {
                artifact: ArtifactKey(first),
                number: second as u32,
                is_last: second >> 32 == 1,
                md5,
                part_md5,
            },
            _ => return None,
        };
        Some(Self {
            usage,
            expires_at: Timestamp::from_second(number(1)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> FileTicket {
        FileTicket {
            usage: TicketUse::Upload,
            run: RunKey(7),
            expires_at: Timestamp::from_second(1_800_000_000).expect("in range"),
            path: FilePath::new("media/images/ä.png").expect("valid"),
        }
    }

    #[test]
    fn sealed_tickets_open_only_unchanged() {
        let secret = ServerSecret::new(b"secret");
        let sealed = secret.seal(&ticket());
        assert_eq!(secret.unseal(&sealed), Some(ticket()));
        assert_eq!(
            ServerSecret::new(b"other").unseal::<FileTicket>(&sealed),
            None
        );
        assert_eq!(secret.unseal::<ArtifactTicket>(&sealed), None);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).expect("own text");
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert_eq!(
                secret.unseal::<FileTicket>(&URL_SAFE_NO_PAD.encode(changed)),
                None,
                "byte {index}"
            );
        }
        for garbage in ["", "x", "AAAA", "ü"] {
            assert_eq!(secret.unseal::<FileTicket>(garbage), None);
        }
    }

    #[test]
    fn artifact_tickets_say_what_they_allow() {
        let secret = ServerSecret::new(b"secret");
        let (entity, artifact, md5) = (EntityKey(7), ArtifactKey(-1), [9; 16]);
        let object_key = "blobs/7/09/x".to_owned();
        for usage in [
            ArtifactTicketUse::StoreContent {
                entity,
                artifact,
                md5,
                object_key: object_key.clone(),
            },
            ArtifactTicketUse::StoreManifest {
                artifact,
                manifest: i64::MAX,
                md5,
            },
            ArtifactTicketUse::ReadContent {
                object_key,
                size_bytes: u64::MAX,
                md5,
            },
            ArtifactTicketUse::ReadManifest { artifact },
            ArtifactTicketUse::StorePart {
                artifact,
                number: u32::MAX,
                is_last: true,
                md5,
                part_md5: [8; 16],
            },
            ArtifactTicketUse::StorePart {
                artifact,
                number: u32::MAX,
                is_last: false,
                md5,
                part_md5: [8; 16],
            },
        ] {
            let expires_at = Timestamp::from_second(1_800_000_000).expect("in range");
            let ticket = ArtifactTicket { usage, expires_at };
            let sealed = secret.seal(&ticket);
            assert_eq!(secret.unseal(&sealed), Some(ticket));
            assert_eq!(secret.unseal::<FileTicket>(&sealed), None);
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(
            format!("{:?}", ServerSecret::new(b"secret")),
            "ServerSecret(..)"
        );
    }
}
