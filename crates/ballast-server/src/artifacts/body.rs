use ballast_model::json::{Map, Value};
use ballast_tracking::artifacts::{ArtifactReference, RunReference, VersionOverview};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;
use crate::runs::RunStateName;

/// A run as it is named beside other things.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RunReference)]
pub(crate) struct RunReferenceBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The short id in addresses.
    #[schema(example = "3k2j9x")]
    run: String,
    /// The title for people.
    #[schema(example = "brisk-otter-41")]
    name: String,
    /// Where it stands.
    state: RunStateName,
    /// What it did, such as `train` or `eval`.
    job_type: Option<String>,
    /// The group that its script put it in.
    group: Option<String>,
    /// When it was made.
    created_at: Time,
}

impl From<RunReference> for RunReferenceBody {
    fn from(run: RunReference) -> Self {
        Self {
            entity: run.entity_name.to_string(),
            project: run.project_name.to_string(),
            run: run.run_id.to_string(),
            name: run.display_name,
            state: run.state.into(),
            job_type: run.job_type,
            group: run.group,
            created_at: run.created_at.into(),
        }
    }
}

/// The version that a link leads to, where its own collection has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkedVersion)]
pub(crate) struct LinkedVersionBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The collection that owns the version.
    collection: String,
    /// The number there.
    #[schema(example = "v3")]
    version: String,
}

impl From<ArtifactReference> for LinkedVersionBody {
    fn from(source: ArtifactReference) -> Self {
        Self {
            entity: source.entity_name.to_string(),
            project: source.project_name.to_string(),
            collection: source.collection_name.to_string(),
            version: format!("v{}", source.version),
        }
    }
}

/// A version of an artifact, as a collection has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
pub(crate) struct VersionBody {
    /// The owner of the project.
    entity: String,
    /// The project.
    project: String,
    /// The collection.
    #[schema(example = "resnet")]
    collection: String,
    /// The type of the collection.
    #[schema(example = "model")]
    r#type: String,
    /// The number in the collection.
    #[schema(example = "v3")]
    version: String,
    /// Aliases in the collection, in byte order.
    aliases: Vec<String>,
    /// Tags, in byte order.
    tags: Vec<String>,
    /// The digest of all files, in hexadecimal.
    digest: String,
    /// What it is about.
    description: Option<String>,
    /// What its maker says of it.
    #[schema(value_type = Object)]
    metadata: Map,
    /// How many files it has.
    n_files: u64,
    /// The sum of their sizes, in bytes.
    size_bytes: u64,
    /// How long it is to be kept, in seconds; null for as long as it is not deleted.
    ttl_s: Option<u64>,
    /// When it was announced.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
    /// The run that made it, if one did and still exists.
    logged_by: Option<RunReferenceBody>,
    /// How many runs used it.
    n_used_by: u64,
    /// What the run at hand called it; null where there is none, and where the run gave it no name.
    used_as: Option<String>,
    /// Where the collection has only a link: the version itself, if the caller may know of its project.
    source: Option<LinkedVersionBody>,
}

impl From<VersionOverview> for VersionBody {
    fn from(overview: VersionOverview) -> Self {
        let (collection, artifact) = (overview.membership.collection, overview.membership.artifact);
        let metadata = artifact.metadata.as_deref().unwrap_or_default();
        Self {
            entity: collection.entity_name.to_string(),
            project: collection.project_name.to_string(),
            collection: collection.name.to_string(),
            r#type: collection.type_name.to_string(),
            version: format!("v{}", overview.membership.version),
            aliases: overview.aliases,
            tags: overview.tags,
            digest: artifact.digest,
            description: artifact.description,
            metadata: match Value::parse(metadata.as_bytes()) {
                Ok(Value::Map(metadata)) => metadata,
                // Metadata is checked when it is stored; without any there is nothing to parse.
                _ => Map::new(),
            },
            n_files: artifact.n_files,
            size_bytes: artifact.size_bytes,
            // Other numbers than positive ones say that it is to be kept.
            ttl_s: artifact
                .ttl_s
                .and_then(|ttl_s| u64::try_from(ttl_s).ok())
                .filter(|ttl_s| *ttl_s > 0),
            created_at: artifact.created_at.into(),
            updated_at: artifact.updated_at.into(),
            logged_by: overview.logged_by.map(Into::into),
            n_used_by: overview.n_used_by,
            used_as: overview.used_as,
            source: overview.source.map(Into::into),
        }
    }
}
