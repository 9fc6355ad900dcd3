//! Identifiers on the wire: base64 of `Type:value`.
//!
//! The client treats them as opaque text, except that it decodes project ids and looks for `Project:` and
//! `ProjectInternalId:`.

use async_graphql::ID;
use ballast_model::{
    AgentKey, ApiKeyKey, ArtifactKey, CollectionKey, EntityKey, MembershipKey, ProjectKey, RunKey,
    SweepKey, UserKey,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Encodes `value` as an id of `kind`.
pub(crate) fn encode(kind: &str, value: impl std::fmt::Display) -> ID {
    ID(BASE64_STANDARD.encode(format!("{kind}:{value}")))
}

fn decode_number(kind: &str, id: &str) -> Option<i64> {
    let text = String::from_utf8(BASE64_STANDARD.decode(id).ok()?).ok()?;
    text.strip_prefix(kind)?.strip_prefix(':')?.parse().ok()
}

/// The id of a run.
pub(crate) fn run(key: RunKey) -> ID {
    encode("Run", key)
}

/// The run behind an id; `None` if it is no id of ours.
pub(crate) fn run_key(id: &str) -> Option<RunKey> {
    decode_number("Run", id).map(RunKey)
}

/// The id of a project.
pub(crate) fn project(key: ProjectKey) -> ID {
    encode("Project", key)
}

/// The project behind either id of it.
pub(crate) fn project_key(id: &str) -> Option<ProjectKey> {
    let key = decode_number("Project", id).or_else(|| decode_number("ProjectInternalId", id));
    key.map(ProjectKey)
}

/// The id of a user. The client takes the number out of it.
pub(crate) fn user(key: UserKey) -> ID {
    encode("User", key)
}

/// The user behind an id.
pub(crate) fn user_key(id: &str) -> Option<UserKey> {
    decode_number("User", id).map(UserKey)
}

/// The entity behind an id.
pub(crate) fn entity_key(id: &str) -> Option<EntityKey> {
    decode_number("Entity", id).map(EntityKey)
}

/// The second id of a project, which the client takes the number out of.
pub(crate) fn project_internal(key: ProjectKey) -> ID {
    encode("ProjectInternalId", key)
}

/// The id of an API key.
pub(crate) fn api_key(key: ApiKeyKey) -> ID {
    encode("ApiKey", key)
}

/// The API key behind an id.
pub(crate) fn api_key_key(id: &str) -> Option<ApiKeyKey> {
    decode_number("ApiKey", id).map(ApiKeyKey)
}

/// The id of a run file.
pub(crate) fn file(key: i64) -> ID {
    encode("File", key)
}

/// The run file behind an id.
pub(crate) fn file_key(id: &str) -> Option<i64> {
    decode_number("File", id)
}

/// The id of a sweep.
pub(crate) fn sweep(key: SweepKey) -> ID {
    encode("Sweep", key)
}

/// The sweep behind an id.
pub(crate) fn sweep_key(id: &str) -> Option<SweepKey> {
    decode_number("Sweep", id).map(SweepKey)
}

/// The id of an agent of a sweep.
pub(crate) fn agent(key: AgentKey) -> ID {
    encode("Agent", key)
}

/// The agent behind an id.
pub(crate) fn agent_key(id: &str) -> Option<AgentKey> {
    decode_number("Agent", id).map(AgentKey)
}

/// The id of an artifact version.
pub(crate) fn artifact(key: ArtifactKey) -> ID {
    encode("Artifact", key)
}

/// The artifact version behind an id.
pub(crate) fn artifact_key(id: &str) -> Option<ArtifactKey> {
    decode_number("Artifact", id).map(ArtifactKey)
}

/// The id of an artifact collection.
pub(crate) fn collection(key: CollectionKey) -> ID {
    encode("ArtifactCollection", key)
}

/// The artifact collection behind an id.
pub(crate) fn collection_key(id: &str) -> Option<CollectionKey> {
    decode_number("ArtifactCollection", id).map(CollectionKey)
}

/// The id of a version's place in a collection.
pub(crate) fn membership(key: MembershipKey) -> ID {
    encode("ArtifactCollectionMembership", key)
}

/// The id of an entity. The client takes the number out of it.
pub(crate) fn entity(key: EntityKey) -> ID {
    encode("Entity", key)
}

/// The id of an announced manifest.
pub(crate) fn manifest(key: i64) -> ID {
    encode("ArtifactManifest", key)
}

/// The announced manifest behind an id.
pub(crate) fn manifest_key(id: &str) -> Option<i64> {
    decode_number("ArtifactManifest", id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_give_their_keys_back() {
        assert_eq!(run_key(&run(RunKey(7))), Some(RunKey(7)));
        assert_eq!(api_key_key(&api_key(ApiKeyKey(8))), Some(ApiKeyKey(8)));
        assert_eq!(file_key(&file(2)), Some(2));
        assert_eq!(
            artifact_key(&artifact(ArtifactKey(3))),
            Some(ArtifactKey(3))
        );
        assert_eq!(manifest_key(&manifest(4)), Some(4));
        let collection = collection(CollectionKey(5));
        assert_eq!(collection_key(&collection), Some(CollectionKey(5)));
    }

    #[test]
    fn ids_of_other_kinds_and_servers_are_unknown() {
        assert_eq!(run_key(&project(ProjectKey(7))), None);
        assert_eq!(run_key("UnVuOnYxOmZ1bGwxOnZpc2lvbjphZGE="), None);
        assert_eq!(run_key("%%%"), None);
        assert_eq!(file_key(&run(RunKey(7))), None);
    }
}
