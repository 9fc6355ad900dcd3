//! Storage keys: small integers that the metadata database hands out.
//!
//! A key never leaves the server as a name for people; URLs carry [`crate::RunId`] and [`crate::ProjectName`].

use serde::{Deserialize, Serialize};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

key! {
    /// A person who signs in.
    UserKey
}
key! {
    /// An owner of projects: a user's own entity, a team or an organization.
    EntityKey
}
key! {
    /// A project of an entity.
    ProjectKey
}
key! {
    /// A run of a project. Stays the same when the run is renamed, moved or restored.
    RunKey
}
key! {
    /// An API key of a user (the record, not the secret).
    ApiKeyKey
}
key! {
    /// One append-only log of rows. A run's history is a chain of pieces of generations.
    GenerationKey
}
key! {
    /// A collection of artifact versions.
    CollectionKey
}
key! {
    /// One version of an artifact. It is there from the announcement of the version on, before it has a number.
    ArtifactKey
}
key! {
    /// That a version is in a collection: its own, or one that links to it.
    MembershipKey
}
key! {
    /// A sweep of a project.
    SweepKey
}
key! {
    /// An agent of a sweep: a process that runs its trials one after the other.
    AgentKey
}
