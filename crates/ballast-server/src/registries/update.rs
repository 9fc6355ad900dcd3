use axum::Json;
use ballast_tracking::registries::{RegistryChanges, registry_project};
use serde::Deserialize;
use utoipa::ToSchema;

use super::add::types;
use super::body::{RegistryAccessBody, RegistryBody};
use super::path::{RegistryParam, RegistryParams};
use crate::artifacts::aliases;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};

/// What to change about a registry; a field that is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RegistryPatch {
    /// Another name.
    name: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// Whom the organization lets in.
    access: Option<RegistryAccessBody>,
    /// Whether it takes artifacts of every type. Types that are in it stay allowed.
    allow_all_artifact_types: Option<bool>,
    /// Artifact types that it takes besides. None is ever taken away.
    add_artifact_types: Vec<String>,
    /// All aliases that only its admins give and take from now on.
    protected_aliases: Option<Vec<String>>,
}

/// Changes a registry. Its admins only.
#[utoipa::path(patch, path = "/organizations/{organization}/registries/{registry}",
    operation_id = "update_registry", tag = "registries", params(RegistryParams), request_body = RegistryPatch,
    responses((status = 200, body = RegistryBody)))]
#[tracing::instrument(name = "handler.registries.update", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: RegistryParam,
    JsonBody(body): JsonBody<RegistryPatch>,
) -> Result<Json<RegistryBody>, ApiError> {
    let changes = RegistryChanges {
        project: body.name.as_deref().map(registry_project).transpose()?,
        description: body.description,
        access: body.access.map(Into::into),
        allow_all_artifact_types: body.allow_all_artifact_types,
        add_artifact_types: types(body.add_artifact_types)?,
        protected_aliases: body.protected_aliases.map(aliases).transpose()?,
    };
    let changed = ctx
        .tracking()
        .update_registry(&ctx.caller, &path.organization, &path.project, changes)
        .await?;
    Ok(Json(changed.into()))
}
