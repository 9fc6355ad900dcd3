use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ballast_model::{CollectionName, EntityName, ProjectName};
use ballast_tracking::registries::registry_project;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::PathParam;
use crate::state::ServerState;

/// `{organization}/registries`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OrganizationParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
}

/// `{organization}/registries/{registry}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RegistryParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
    /// The registry, without the prefix of its project.
    #[param(example = "models")]
    registry: String,
}

/// `{organization}/registries/{registry}/members/{username}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RegistryMemberParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
    /// The registry, without the prefix of its project.
    #[param(example = "models")]
    registry: String,
    /// The user's name.
    #[param(example = "ada")]
    username: String,
}

/// `{organization}/registries/{registry}/teams/{team}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RegistryTeamParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
    /// The registry, without the prefix of its project.
    #[param(example = "models")]
    registry: String,
    /// The team.
    #[param(example = "vision-team")]
    team: String,
}

/// `{organization}/registries/{registry}/collections/{collection}/versions`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RegistryCollectionParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
    /// The registry, without the prefix of its project.
    #[param(example = "models")]
    registry: String,
    /// The collection.
    #[param(example = "resnet")]
    collection: String,
}

/// `{organization}/registries/{registry}/collections/{collection}/versions/{version}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RegistryVersionParams {
    /// The organization.
    #[param(example = "acme")]
    organization: String,
    /// The registry, without the prefix of its project.
    #[param(example = "models")]
    registry: String,
    /// The collection.
    #[param(example = "resnet")]
    collection: String,
    /// The number or an alias of the version in the collection.
    #[param(example = "v3")]
    version: String,
}

/// The organization that a path names.
pub(crate) struct OrganizationParam(pub(crate) EntityName);

/// The registry that a path names.
pub(crate) struct RegistryParam {
    pub(crate) organization: EntityName,
    pub(crate) project: ProjectName,
}

/// The user of a registry that a path names.
pub(crate) struct RegistryMemberParam {
    pub(crate) registry: RegistryParam,
    pub(crate) username: EntityName,
}

/// The team of a registry that a path names.
pub(crate) struct RegistryTeamParam {
    pub(crate) registry: RegistryParam,
    pub(crate) team: EntityName,
}

/// The collection of a registry that a path names.
pub(crate) struct RegistryCollectionParam {
    pub(crate) registry: RegistryParam,
    pub(crate) collection: CollectionName,
}

/// The version in a registry that a path names.
pub(crate) struct RegistryVersionParam {
    pub(crate) registry: RegistryParam,
    pub(crate) collection: CollectionName,
    pub(crate) version: String,
}

impl RegistryParam {
    fn new(organization: String, registry: &str) -> Result<Self, ApiError> {
        Ok(Self {
            organization: EntityName::new(organization)?,
            project: registry_project(registry)?,
        })
    }
}

/// Takes a parameter out of a path by its documented parts.
macro_rules! from_path {
    ($($params:ident => $param:ident, |$path:ident| $made:expr;)*) => { $(
        impl FromRequestParts<ServerState> for $param {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &ServerState,
            ) -> Result<Self, ApiError> {
                let PathParam($path) = PathParam::<$params>::from_request_parts(parts, state).await?;
                $made
            }
        }
    )* };
}

from_path! {
    OrganizationParams => OrganizationParam, |path| Ok(Self(EntityName::new(path.organization)?));
    RegistryParams => RegistryParam, |path| Self::new(path.organization, &path.registry);
    RegistryMemberParams => RegistryMemberParam, |path| Ok(Self {
        registry: RegistryParam::new(path.organization, &path.registry)?,
        username: EntityName::new(path.username)?,
    });
    RegistryTeamParams => RegistryTeamParam, |path| Ok(Self {
        registry: RegistryParam::new(path.organization, &path.registry)?,
        team: EntityName::new(path.team)?,
    });
    RegistryCollectionParams => RegistryCollectionParam, |path| Ok(Self {
        registry: RegistryParam::new(path.organization, &path.registry)?,
        collection: CollectionName::new(path.collection)?,
    });
    RegistryVersionParams => RegistryVersionParam, |path| Ok(Self {
        registry: RegistryParam::new(path.organization, &path.registry)?,
        collection: CollectionName::new(path.collection)?,
        version: path.version,
    });
}
