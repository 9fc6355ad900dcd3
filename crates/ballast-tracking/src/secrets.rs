//! The server's own secret and what is derived from it: digests of keys and tokens, and signed tickets for files.
//!
//! API keys and session tokens carry enough randomness of their own, so a keyed fast hash is enough to store them: it
//! is found by index on every request, and a stolen database alone lets nobody test guesses.

use ballast_model::clock::{SECRET_ALPHABET, random_text};
use ballast_model::{Entropy, FilePath, RunKey, Timestamp};
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
    pub(crate) fn seal(&self, ticket: &FileTicket) -> String {
        let mut bytes = ticket.to_bytes();
        let tag = blake3::keyed_hash(&self.tickets, &bytes);
        bytes.extend_from_slice(&tag.as_bytes()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Gives back what [`ServerSecret::seal`] signed; `None` if the text was made or changed by anyone else.
    ///
    /// Says nothing about expiry.
    pub(crate) fn unseal(&self, text: &str) -> Option<FileTicket> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        let mut padded = [0; 32];
        let expected = blake3::keyed_hash(&self.tickets, body);
        padded[..TAG_BYTES].copy_from_slice(tag);
        padded[TAG_BYTES..].copy_from_slice(&expected.as_bytes()[TAG_BYTES..]);
        // `blake3::Hash` compares in constant time.
        (blake3::Hash::from(padded) == expected).then(|| FileTicket::from_bytes(body))?
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

impl FileTicket {
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
        assert_eq!(ServerSecret::new(b"other").unseal(&sealed), None);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).expect("own text");
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert_eq!(
                secret.unseal(&URL_SAFE_NO_PAD.encode(changed)),
                None,
                "byte {index}"
            );
        }
        for garbage in ["", "x", "AAAA", "ü"] {
            assert_eq!(secret.unseal(garbage), None);
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
