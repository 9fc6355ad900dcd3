use axum::http::StatusCode;
use ballast_tracking::artifacts::{CollectionPath, VersionPath};

use super::path::{RegistryVersionParam, RegistryVersionParams};
use crate::error::ApiError;
use crate::extract::CallContext;

/// Takes a version out of a collection of a registry. Members and admins of the registry only.
#[utoipa::path(delete,
    path = "/organizations/{organization}/registries/{registry}/collections/{collection}/versions/{version}",
    operation_id = "unlink_version", tag = "registries", params(RegistryVersionParams), responses((status = 204)))]
#[tracing::instrument(name = "handler.registries.unlink", skip_all, fields(collection.name = %path.collection))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryVersionParam,
) -> Result<StatusCode, ApiError> {
    let tracking = ctx.tracking();
    let registry = path.registry;
    tracking
        .get_registry(&ctx.caller, &registry.organization, &registry.project)
        .await?;
    let version = VersionPath {
        collection: CollectionPath {
            entity: registry.organization,
            project: registry.project,
            collection: path.collection,
        },
        version: path.version,
    };
    tracking
        .delete_version_at(&ctx.caller, &version, true)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
