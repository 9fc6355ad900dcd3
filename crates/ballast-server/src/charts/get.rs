use axum::Json;
use ballast_model::EntityName;
use ballast_model::json::Value;
use ballast_tracking::charts::ChartDefinition;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ErrorCode};
use crate::extract::{CallContext, PathParam};

/// A chart definition's place.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ChartPath {
    /// The owner.
    #[param(example = "ada")]
    entity: String,
    /// The name.
    #[param(example = "my_roc")]
    name: String,
}

/// A chart specification that custom charts of runs refer to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChartDefinition)]
pub(crate) struct ChartDefinitionBody {
    /// The name that runs refer to.
    name: String,
    /// The name shown to people.
    display_name: String,
    /// The language of the specification.
    #[schema(example = "vega2")]
    kind: String,
    /// The specification; text if it is not JSON.
    #[schema(value_type = serde_json::Value)]
    spec: Value,
}

impl From<ChartDefinition> for ChartDefinitionBody {
    fn from(definition: ChartDefinition) -> Self {
        Self {
            name: definition.name,
            display_name: definition.display_name,
            kind: definition.kind,
            spec: Value::parse(definition.spec.as_bytes())
                .unwrap_or_else(|_| Value::String(definition.spec)),
        }
    }
}

/// Gets a chart definition.
#[utoipa::path(get, path = "/chart-definitions/{entity}/{name}", operation_id = "get_chart_definition", tag = "charts",
    params(ChartPath), responses((status = 200, body = ChartDefinitionBody)))]
#[tracing::instrument(name = "handler.charts.get", skip_all, fields(chart.name = path.name))]
pub(crate) async fn handler(
    ctx: CallContext,
    PathParam(path): PathParam<ChartPath>,
) -> Result<Json<ChartDefinitionBody>, ApiError> {
    let entity = EntityName::new(path.entity)?;
    let found = ctx
        .tracking()
        .lookup_chart_definition(&ctx.caller, &entity, &path.name)
        .await?;
    let definition = found.ok_or_else(|| {
        let message = format!(
            "chart definition `{}` does not exist in `{entity}`",
            path.name
        );
        ApiError::new(ErrorCode::ChartDefinitionNotFound, message)
    })?;
    Ok(Json(definition.into()))
}
