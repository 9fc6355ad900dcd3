use axum::Json;
use axum::http::StatusCode;
use ballast_tracking::artifacts::{CollectionPath, VersionPath};
use ballast_tracking::lineage::Subject;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::{RegistryCollectionParam, RegistryCollectionParams};
use crate::artifacts::{VersionBody, aliases};
use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, JsonBody};

/// A version to link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLink {
    /// The version, by number or alias.
    #[schema(example = "ada/vision/resnet:v3")]
    artifact: String,
    /// Aliases that it gets in the collection, beside `latest`.
    #[serde(default)]
    aliases: Vec<String>,
}

/// Links a version into a collection of a registry, which is made if it is missing, and makes it the latest there. A
/// version that is in there keeps its number. Members and admins of the registry who may read the version only.
#[utoipa::path(post, path = "/organizations/{organization}/registries/{registry}/collections/{collection}/versions",
    operation_id = "link_version", tag = "registries", params(RegistryCollectionParams), request_body = NewLink,
    responses((status = 201, body = VersionBody)))]
#[tracing::instrument(name = "handler.registries.link", skip_all, fields(collection.name = %path.collection))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryCollectionParam,
    JsonBody(body): JsonBody<NewLink>,
) -> Result<(StatusCode, Json<VersionBody>), ApiError> {
    let version = version_of(&body.artifact)?;
    let aliases = aliases(body.aliases)?;
    let RegistryCollectionParam {
        registry,
        collection,
    } = path;
    let tracking = ctx.tracking();
    let linked = tracking
        .link_into_registry(
            &ctx.caller,
            &registry.organization,
            &registry.project,
            collection.clone(),
            &version,
            aliases,
        )
        .await?;
    let linked = VersionPath {
        collection: CollectionPath {
            entity: registry.organization,
            project: registry.project,
            collection,
        },
        version: format!("v{}", linked.version),
    };
    let linked = tracking.get_version_at(&ctx.caller, &linked).await?;
    Ok((StatusCode::CREATED, Json(linked.into())))
}

fn version_of(text: &str) -> Result<VersionPath, ApiError> {
    match text.parse() {
        Ok(Subject::Version(version)) => Ok(version),
        Ok(Subject::Run(_)) | Err(_) => {
            let shown: String = text.chars().take(200).collect();
            Err(ApiError::new(
                ErrorCode::InvalidName,
                format!("`{shown}` names no version: expected `entity/project/name:alias`"),
            ))
        }
    }
}
