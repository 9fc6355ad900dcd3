use ballast_model::{CustomChart, Goal, MetricDefinition, SummaryKind};
use ballast_tracking::runs::Run;
use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::RunBody;
use super::environment::EnvironmentBody;

/// A run with where and how it was made, and what its script declared.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunDetail)]
pub(crate) struct RunDetailBody {
    #[serde(flatten)]
    run: RunBody,
    /// Where and how it was made.
    environment: EnvironmentBody,
    /// What its script declared about its metrics, in that order.
    metric_definitions: Vec<MetricDefinitionBody>,
    /// Charts that its script described, by the key under which they were logged.
    #[schema(value_type = std::collections::HashMap<String, CustomChartBody>)]
    custom_charts: IndexMap<String, CustomChartBody>,
}

/// What a script declared about a metric, or about every metric whose name matches a pattern.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricDefinition)]
pub(crate) struct MetricDefinitionBody {
    /// The metric as the script wrote it, dots not escaped; or a pattern in which `*` stands for any text.
    name: String,
    /// Whether `name` is a pattern.
    is_glob: bool,
    /// The metric to plot against instead of the step, as the script wrote it.
    step_metric: Option<String>,
    /// Whether automatic panels leave it out.
    hidden: bool,
    /// Which aggregates the summary keeps; empty means the last value.
    #[schema(value_type = Vec<String>, example = json!(["min"]))]
    summary: Vec<SummaryKind>,
    /// Which direction is better.
    #[schema(value_type = Option<String>, example = "minimize")]
    goal: Option<Goal>,
}

/// A chart that a script described, drawn from a table that it logged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomChart)]
pub(crate) struct CustomChartBody {
    /// Which chart: a preset such as `wandb/line/v0`, or `entity/name` of a stored definition.
    definition: String,
    /// Which column of the table fills which field of the chart.
    #[schema(value_type = std::collections::HashMap<String, Option<String>>)]
    fields: IndexMap<String, Option<String>>,
    /// Texts of the chart, such as its title.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    strings: IndexMap<String, String>,
    /// The logged key that holds the table.
    table_key: String,
}

impl From<MetricDefinition> for MetricDefinitionBody {
    fn from(definition: MetricDefinition) -> Self {
        Self {
            name: definition.name,
            is_glob: definition.is_glob,
            step_metric: definition.step_metric,
            hidden: definition.hidden,
            summary: definition.summary,
            goal: definition.goal,
        }
    }
}

impl From<CustomChart> for CustomChartBody {
    fn from(chart: CustomChart) -> Self {
        Self {
            definition: chart.definition,
            fields: chart.fields,
            strings: chart.strings,
            table_key: chart.table_key,
        }
    }
}

impl From<Run> for RunDetailBody {
    fn from(mut run: Run) -> Self {
        let environment = EnvironmentBody::of(&mut run);
        let definitions = std::mem::take(&mut run.metric_definitions);
        let charts = std::mem::take(&mut run.custom_charts);
        Self {
            run: run.into(),
            environment,
            metric_definitions: definitions.into_iter().map(Into::into).collect(),
            custom_charts: charts
                .into_iter()
                .map(|(key, chart)| (key, chart.into()))
                .collect(),
        }
    }
}
