use axum::Json;
use ballast_tracking::runs::RunChanges;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::body::RunBody;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, RunPathParam, RunPathParams};

/// What to change about a run; a field that is left out stays. Null or empty text removes notes, group and colour.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunPatch {
    /// The title.
    display_name: Option<String>,
    /// Notes.
    #[serde(deserialize_with = "null_as_empty")]
    notes: Option<String>,
    /// All tags.
    tags: Option<Vec<String>>,
    /// The group.
    #[serde(deserialize_with = "null_as_empty")]
    group: Option<String>,
    /// The colour; null gives the palette's back.
    #[serde(deserialize_with = "null_as_empty")]
    #[schema(example = "#1f77b4")]
    color: Option<String>,
}

/// Tells null, which removes, from a field that is left out.
fn null_as_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| Some(text.unwrap_or_default()))
}

/// Changes what people wrote about a run.
#[utoipa::path(patch, path = "/runs/{entity}/{project}/{run}", operation_id = "update_run", tag = "runs",
    params(RunPathParams), request_body = RunPatch, responses((status = 200, body = RunBody)))]
#[tracing::instrument(name = "handler.runs.update", skip_all, fields(run.id = %path.run))]
pub(crate) async fn handler(
    ctx: CallContext,
    RunPathParam(path): RunPathParam,
    JsonBody(body): JsonBody<RunPatch>,
) -> Result<Json<RunBody>, ApiError> {
    let changes = RunChanges {
        display_name: body.display_name,
        notes: body.notes,
        tags: body.tags,
        group: body.group,
        color: body.color,
    };
    Ok(Json(
        ctx.tracking()
            .update_run(&ctx.caller, &path, changes)
            .await?
            .into(),
    ))
}
