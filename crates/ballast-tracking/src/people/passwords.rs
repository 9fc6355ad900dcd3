//! Passwords, as Argon2id hashes in PHC text form.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use ballast_model::Entropy;

use crate::{Result, TrackingError};

const MIN_PASSWORD_CHARACTERS: usize = 8;
const MAX_PASSWORD_BYTES: usize = 1024;

/// Checks that a chosen password can be used.
pub(super) fn check(password: &str) -> Result<()> {
    if password.chars().count() < MIN_PASSWORD_CHARACTERS {
        let reason = format!("a password has at least {MIN_PASSWORD_CHARACTERS} characters");
        return Err(TrackingError::Invalid(reason));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(TrackingError::Invalid(format!(
            "a password has at most {MAX_PASSWORD_BYTES} bytes"
        )));
    }
    Ok(())
}

/// Hashes a password. Slow on purpose; runs off the async threads.
pub(super) async fn hash(password: String, entropy: &dyn Entropy) -> Result<String> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    blocking(move || {
        let hash: PasswordHash = Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| TrackingError::internal(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` is the one behind `hash`. Takes as long when there is no hash, so that timing does not tell
/// which users exist.
pub(super) async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let Some(hash) = hash else {
            let unused = Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
            return Ok(unused.is_ok_and(|_: PasswordHash| false));
        };
        let parsed =
            PasswordHash::new(&hash).map_err(|error| TrackingError::internal(error.to_string()))?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(TrackingError::internal)?
}
