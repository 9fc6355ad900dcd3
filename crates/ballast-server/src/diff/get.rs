use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::DiffBody;
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString};
use crate::lineage::parse_subject;

/// What to compare: two runs, or two versions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// `run:entity/project/run` or `artifact:entity/project/collection:version`.
    #[param(example = "artifact:ada/vision/resnet:v3")]
    left: String,
    /// `run:entity/project/run` or `artifact:entity/project/collection:version`.
    #[param(example = "artifact:ada/vision/resnet:v4")]
    right: String,
}

/// Compares two runs or two versions with everything that they were made from.
///
/// Lists are cut where they get long and say so; files are compared by their digests.
#[utoipa::path(get, path = "/diff", operation_id = "get_diff", tag = "lineage", params(DiffQuery),
    responses((status = 200, body = DiffBody)))]
#[tracing::instrument(name = "handler.diff.get", skip_all, fields(diff.left = %query.left, diff.right = %query.right))]
pub(crate) async fn handler(
    ctx: CallContext,
    QueryString(query): QueryString<DiffQuery>,
) -> Result<Json<DiffBody>, ApiError> {
    let left = parse_subject("left", &query.left)?;
    let right = parse_subject("right", &query.right)?;
    let diff = ctx.tracking().diff(&ctx.caller, &left, &right).await?;
    Ok(Json(diff.into()))
}
