//! Domain types of Ballast: ids, names, states and their rules.
//!
//! Every other crate speaks in these types. A value that exists here is already valid: names are checked when they
//! are made ([`names`]), states change only along [`RunState`]'s rules, and JSON that the clients send leniently
//! ([`json`]) keeps its NaN, infinities and 64-bit integers.
//!
//! This crate knows no I/O, no SQL, no HTTP and nobody's wire format.

pub mod clock;
pub mod display_name;
pub mod environment;
pub mod json;
pub mod keys;
pub mod metrics;
pub mod names;
pub mod roles;
pub mod run_state;
pub mod sweep_state;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy, Timestamp};
pub use environment::{CustomChart, Environment};
pub use keys::{
    AgentKey, ApiKeyKey, ArtifactKey, CollectionKey, EntityKey, GenerationKey, MembershipKey,
    ProjectKey, RunKey, SweepKey, UserKey,
};
pub use metrics::{Goal, MetricDefinition, MetricName, MetricPath, SummaryKind};
pub use names::{
    ArtifactAlias, ArtifactTag, ArtifactTypeName, CollectionName, EntityName, FilePath, NameError,
    ProjectName, REGISTRY_PREFIX, RunId, RunPath, SweepId, SweepPath, Tag,
};
pub use roles::{EntityKind, ParseRoleError, Role};
pub use run_state::{ParseRunStateError, RunState};
pub use sweep_state::{ParseSweepStateError, SweepState};
