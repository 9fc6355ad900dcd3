//! Where bytes wait for the commit of their version.
//!
//! Everything below `staging/<version>/` is the pending version's. The janitor deletes it when the version is no longer
//! pending, so nothing else needs to remember these objects.

use ballast_meta::artifacts::ManifestKey;
use ballast_model::ArtifactKey;

/// What all staged objects are below.
pub(crate) const STAGING: &str = "staging";

/// What the staged objects of one version are below.
pub(crate) fn folder(artifact: ArtifactKey) -> String {
    format!("{STAGING}/{artifact}")
}

/// Where a client stages a content.
pub(crate) fn content(artifact: ArtifactKey, md5: [u8; 16]) -> String {
    format!("{STAGING}/{artifact}/{}", hex(md5))
}

/// What the parts of a content on its way to a folder are below.
pub(crate) fn parts(artifact: ArtifactKey, md5: [u8; 16]) -> String {
    format!("{STAGING}/{artifact}/{}.parts", hex(md5))
}

/// The file into which such parts are written.
pub(crate) fn whole(artifact: ArtifactKey, md5: [u8; 16]) -> String {
    format!("{}/whole", parts(artifact, md5))
}

/// What tells that a part, counted from 1, has arrived: its size as a decimal number, or, for the last, its bytes.
pub(crate) fn part(artifact: ArtifactKey, md5: [u8; 16], number: u32) -> String {
    format!("{}/{number}", parts(artifact, md5))
}

/// Where a client stages a manifest.
pub(crate) fn manifest(artifact: ArtifactKey, manifest: ManifestKey) -> String {
    format!("{STAGING}/{artifact}/manifest-{}", manifest.0)
}

/// The version that a staged object belongs to; `None` if it is none of ours.
pub(crate) fn artifact_of(object_key: &str) -> Option<ArtifactKey> {
    let (artifact, _) = object_key
        .strip_prefix(STAGING)?
        .strip_prefix('/')?
        .split_once('/')?;
    artifact.parse().ok().map(ArtifactKey)
}

/// The content that a staged object is; `None` if it is a manifest.
pub(crate) fn md5_of(object_key: &str) -> Option<[u8; 16]> {
    unhex(object_key.rsplit('/').next()?)
}

/// An MD5 in hexadecimal.
pub(crate) fn hex(md5: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(md5))
}

/// Reads an MD5 in hexadecimal.
pub fn unhex(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = is_hex.then(|| u128::from_str_radix(text, 16).ok())??;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staged_objects_know_whose_they_are() {
        let md5 = *b"\x5d\x41\x40\x2a\xbc\x4b\x2a\x76\xb9\x71\x9d\x91\x10\x17\xc5\x92";
        let key = content(ArtifactKey(12), md5);
        assert_eq!(key, "staging/12/5d41402abc4b2a76b9719d911017c592");
        assert!(key.starts_with(&folder(ArtifactKey(12))));
        assert_eq!(artifact_of(&key), Some(ArtifactKey(12)));
        assert_eq!(md5_of(&key), Some(md5));
        let key = part(ArtifactKey(12), md5, 7);
        assert_eq!(artifact_of(&key), Some(ArtifactKey(12)));
        assert_eq!(md5_of(&key), None);
        let key = manifest(ArtifactKey(12), ManifestKey(3));
        assert_eq!(artifact_of(&key), Some(ArtifactKey(12)));
        assert_eq!(md5_of(&key), None);
        for other in ["staging", "staging/x/y", "stagings/1/y", "blobs/1/ab/x"] {
            assert_eq!(artifact_of(other), None, "{other}");
        }
        assert_eq!(unhex("ü0000000000000000000000000000000"), None);
        assert_eq!(unhex("+d41402abc4b2a76b9719d911017c592"), None);
    }
}
