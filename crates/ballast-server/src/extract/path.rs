//! Names in paths, checked.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use ballast_model::{CollectionName, EntityName, FilePath, ProjectName, RunPath, SweepPath};
use ballast_tracking::artifacts::{CollectionPath, VersionPath};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::error::{ApiError, ErrorCode};
use crate::state::ServerState;

/// `{entity}/{project}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ProjectPathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
}

/// `{entity}/{project}/{run}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RunPathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The run's id.
    #[param(example = "3k2j9x")]
    run: String,
}

/// `{entity}/{project}/{sweep}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SweepPathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The sweep's id.
    #[param(example = "k3x9p2qa")]
    sweep: String,
}

/// `{entity}/{project}/{run}/files/{path}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct FilePathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The run's id.
    #[param(example = "3k2j9x")]
    run: String,
    /// The path of the file in the run; may hold slashes.
    #[param(example = "media/images/sample_0.png")]
    path: String,
}

/// `{entity}/{project}/{collection}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CollectionPathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The collection.
    #[param(example = "resnet")]
    collection: String,
}

/// `{entity}/{project}/{collection}/{version}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VersionPathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The collection.
    #[param(example = "resnet")]
    collection: String,
    /// The number or an alias of the version.
    #[param(example = "v3")]
    version: String,
}

/// `{entity}/{project}/{collection}/{version}/files/{path}`, for the documentation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VersionFilePathParams {
    /// The owner of the project.
    #[param(example = "ada")]
    entity: String,
    /// The project.
    #[param(example = "vision")]
    project: String,
    /// The collection.
    #[param(example = "resnet")]
    collection: String,
    /// The number or an alias of the version.
    #[param(example = "v3")]
    version: String,
    /// The path of the file in the version; may hold slashes.
    #[param(example = "train/labels.csv")]
    path: String,
}

/// The collection that a path names.
pub(crate) struct CollectionPathParam(pub(crate) CollectionPath);

/// The version that a path names.
pub(crate) struct VersionPathParam(pub(crate) VersionPath);

/// The file of a version that a path names.
pub(crate) struct VersionFilePathParam {
    /// The version.
    pub(crate) version: VersionPath,
    /// The file.
    pub(crate) file: FilePath,
}

/// The project that a path names.
pub(crate) struct ProjectPathParam {
    /// The owner.
    pub(crate) entity: EntityName,
    /// The project.
    pub(crate) project: ProjectName,
}

/// The run that a path names.
pub(crate) struct RunPathParam(pub(crate) RunPath);

/// The sweep that a path names.
pub(crate) struct SweepPathParam(pub(crate) SweepPath);

/// The run file that a path names.
pub(crate) struct FilePathParam {
    /// The run.
    pub(crate) run: RunPath,
    /// The file.
    pub(crate) file: FilePath,
}

/// The team or organization that a path names.
pub(crate) struct EntityParam(pub(crate) EntityName);

/// The parts of a path, unchecked.
pub(crate) struct PathParam<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for PathParam<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(path)| Self(path))
            .map_err(|rejection| match rejection {
                PathRejection::FailedToDeserializePathParams(_) => {
                    ApiError::new(ErrorCode::InvalidName, "the path is not valid UTF-8")
                }
                other => ApiError::internal(other),
            })
    }
}

impl FromRequestParts<ServerState> for EntityParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(name) = PathParam::<String>::from_request_parts(parts, state).await?;
        Ok(Self(EntityName::new(name)?))
    }
}

impl FromRequestParts<ServerState> for ProjectPathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) =
            PathParam::<ProjectPathParams>::from_request_parts(parts, state).await?;
        Ok(Self {
            entity: EntityName::new(path.entity)?,
            project: ProjectName::new(path.project)?,
        })
    }
}

impl FromRequestParts<ServerState> for RunPathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) = PathParam::<RunPathParams>::from_request_parts(parts, state).await?;
        Ok(Self(RunPath::new(&path.entity, &path.project, &path.run)?))
    }
}

impl FromRequestParts<ServerState> for SweepPathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) =
            PathParam::<SweepPathParams>::from_request_parts(parts, state).await?;
        let path = SweepPath::new(&path.entity, &path.project, &path.sweep)?;
        Ok(Self(path))
    }
}

impl FromRequestParts<ServerState> for FilePathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) = PathParam::<FilePathParams>::from_request_parts(parts, state).await?;
        Ok(Self {
            run: RunPath::new(&path.entity, &path.project, &path.run)?,
            file: FilePath::new(path.path)?,
        })
    }
}

fn collection_path(
    entity: String,
    project: String,
    collection: String,
) -> Result<CollectionPath, ApiError> {
    Ok(CollectionPath {
        entity: EntityName::new(entity)?,
        project: ProjectName::new(project)?,
        collection: CollectionName::new(collection)?,
    })
}

impl FromRequestParts<ServerState> for CollectionPathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) =
            PathParam::<CollectionPathParams>::from_request_parts(parts, state).await?;
        let collection = collection_path(path.entity, path.project, path.collection)?;
        Ok(Self(collection))
    }
}

impl FromRequestParts<ServerState> for VersionPathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) =
            PathParam::<VersionPathParams>::from_request_parts(parts, state).await?;
        Ok(Self(VersionPath {
            collection: collection_path(path.entity, path.project, path.collection)?,
            version: path.version,
        }))
    }
}

impl FromRequestParts<ServerState> for VersionFilePathParam {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, ApiError> {
        let PathParam(path) =
            PathParam::<VersionFilePathParams>::from_request_parts(parts, state).await?;
        Ok(Self {
            version: VersionPath {
                collection: collection_path(path.entity, path.project, path.collection)?,
                version: path.version,
            },
            file: FilePath::new(path.path)?,
        })
    }
}
