use axum::Json;
use ballast_tracking::lineage::Extent;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::LineageBody;
use super::subject::parse_subject;
use crate::error::ApiError;
use crate::extract::{CallContext, QueryString};

/// Nodes of an answer, unless asked otherwise.
const DEFAULT_LIMIT: usize = 500;
/// Most nodes of an answer.
const MAX_LIMIT: usize = 100_000;

/// How much of which lineage to get.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LineageQuery {
    /// The run or version: `run:entity/project/run` or `artifact:entity/project/collection:version`.
    #[param(example = "artifact:ada/vision/resnet:v3")]
    of: String,
    /// Steps to what it was made from; all if not given. From a run to a version or back is one step.
    up: Option<usize>,
    /// Steps to what was made from it; all if not given.
    down: Option<usize>,
    /// At most so many nodes, 500 if not given; the farthest are left out.
    #[param(minimum = 1, maximum = 100_000)]
    limit: Option<usize>,
}

/// Gets what a run or version was made from and what was made from it.
///
/// Runs in the bin and deleted versions are left out, and what can be reached through them only.
#[utoipa::path(get, path = "/lineage", operation_id = "get_lineage", tag = "lineage", params(LineageQuery),
    responses((status = 200, body = LineageBody)))]
#[tracing::instrument(name = "handler.lineage.get", skip_all, fields(lineage.of = %query.of))]
pub(crate) async fn handler(
    ctx: CallContext,
    QueryString(query): QueryString<LineageQuery>,
) -> Result<Json<LineageBody>, ApiError> {
    let subject = parse_subject("of", &query.of)?;
    let extent = Extent {
        up: query.up.unwrap_or(usize::MAX),
        down: query.down.unwrap_or(usize::MAX),
        limit: query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
    };
    let lineage = ctx
        .tracking()
        .lineage(&ctx.caller, &subject, extent)
        .await?;
    Ok(Json(lineage.into()))
}
