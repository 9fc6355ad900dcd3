use axum::Json;
use axum::http::StatusCode;
use ballast_model::ArtifactTypeName;
use ballast_tracking::registries::{NewRegistry, registry_project};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{RegistryAccessBody, RegistryBody};
use super::path::{OrganizationParam, OrganizationParams};
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody};

/// A registry to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRegistry)]
pub(crate) struct NewRegistryBody {
    /// The name.
    #[schema(example = "models")]
    name: String,
    /// What it is about.
    #[serde(default)]
    description: String,
    /// Whom the organization lets in; `private` if not given.
    access: Option<RegistryAccessBody>,
    /// The artifact types that it takes.
    #[serde(default)]
    artifact_types: Vec<String>,
    /// Whether it takes artifacts of every type; if not given, whether no type is named.
    allow_all_artifact_types: Option<bool>,
}

/// Makes a registry, in which the caller becomes an admin. Members and admins of the organization only.
#[utoipa::path(post, path = "/organizations/{organization}/registries", operation_id = "add_registry",
    tag = "registries", params(OrganizationParams), request_body = NewRegistryBody,
    responses((status = 201, body = RegistryBody)))]
#[tracing::instrument(name = "handler.registries.add", skip_all, fields(organization.name = %organization))]
pub(crate) async fn handler(
    ctx: CallContext,
    OrganizationParam(organization): OrganizationParam,
    JsonBody(body): JsonBody<NewRegistryBody>,
) -> Result<(StatusCode, Json<RegistryBody>), ApiError> {
    let allow_all = body.allow_all_artifact_types;
    let new = NewRegistry {
        project: registry_project(&body.name)?,
        description: body.description,
        access: body.access.unwrap_or(RegistryAccessBody::Private).into(),
        allow_all_artifact_types: allow_all.unwrap_or(body.artifact_types.is_empty()),
        artifact_types: types(body.artifact_types)?,
    };
    let made = ctx
        .tracking()
        .create_registry(&ctx.caller, &organization, new)
        .await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

pub(super) fn types(names: Vec<String>) -> Result<Vec<ArtifactTypeName>, ApiError> {
    let names = names.into_iter().map(ArtifactTypeName::new);
    Ok(names.collect::<Result<_, _>>()?)
}
