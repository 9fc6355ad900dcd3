//! Time and chance as parameters, so that tests can hold them still.

/// An instant, microsecond precision where it is stored.
pub type Timestamp = jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes fit for secrets.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills `bytes` with randomness.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        use rand::Rng as _;
        rand::rng().fill_bytes(bytes);
    }
}

/// Text of `length` characters drawn evenly from `alphabet`.
///
/// `alphabet` holds between 1 and 256 ASCII characters.
pub fn random_text(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> String {
    // Bytes at or beyond the largest multiple of the alphabet's length would favour its first characters.
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        entropy.fill(&mut bytes);
        let fair_bytes = bytes
            .iter()
            .map(|&byte| usize::from(byte))
            .filter(|&byte| byte < fair);
        let missing = length - text.len();
        text.extend(
            fair_bytes
                .map(|byte| char::from(alphabet[byte % alphabet.len()]))
                .take(missing),
        );
    }
    text
}

/// The lower-case letters and digits, for ids.
pub const ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Letters of both cases and digits, for secrets.
pub const SECRET_ALPHABET: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
