use std::collections::HashMap;

use axum::Json;
use ballast_model::Goal;
use ballast_tracking::history::ProjectKeyInfo;
use serde::Serialize;
use utoipa::ToSchema;

use super::run_error::RunErrorBody;
use crate::error::ApiError;
use crate::extract::{CallContext, ProjectPathParam, ProjectPathParams};

/// A key that runs of a project logged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectKey)]
pub(crate) struct ProjectKeyBody {
    /// The key: path parts joined by `.`, dots and backslashes inside a part escaped by a backslash.
    #[schema(example = "train.loss")]
    name: String,
    /// The key as the script and people write it, dots not escaped.
    #[schema(example = "train.loss")]
    label: String,
    /// `number`, `string`, `bool`, `json`, or the `_type` of a typed value such as `image-file`.
    #[schema(example = json!(["number"]))]
    kinds: Vec<String>,
    /// How many runs logged it.
    n_runs: u64,
    /// How many values it has in all of them.
    count: u64,
    /// The key that the script wants it plotted against, instead of the step.
    step_metric: Option<String>,
    /// Whether automatic panels leave it out.
    hidden: bool,
    /// Which direction is better.
    #[schema(value_type = Option<String>, example = "minimize")]
    goal: Option<Goal>,
}

/// The keys of a project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectKeyList)]
pub(crate) struct ProjectKeysBody {
    /// The keys, by name.
    items: Vec<ProjectKeyBody>,
    /// The runs whose stored rows are damaged, and which count in no key.
    errors: Vec<RunErrorBody>,
}

/// Lists the keys in the history of a project's runs, by name; the bin is left out.
#[utoipa::path(get, path = "/projects/{entity}/{project}/keys", operation_id = "list_project_keys", tag = "history",
    params(ProjectPathParams), responses((status = 200, body = ProjectKeysBody)))]
#[tracing::instrument(name = "handler.history.project_keys", skip_all, fields(project.name = %path.project))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
) -> Result<Json<ProjectKeysBody>, ApiError> {
    let found = ctx
        .tracking()
        .project_keys(&ctx.caller, &path.entity, &path.project)
        .await?;
    Ok(Json(ProjectKeysBody {
        items: bodies(found.keys),
        errors: found.faults.iter().map(RunErrorBody::from).collect(),
    }))
}

fn bodies(keys: Vec<ProjectKeyInfo>) -> Vec<ProjectKeyBody> {
    // A script names its step metric with plain dots; the key of that name says where they are borders.
    let names: HashMap<String, String> = keys
        .iter()
        .map(|key| (key.name.dotted(), key.name.to_string()))
        .collect();
    let body = |key: ProjectKeyInfo| {
        let definition = key.definition;
        let step_metric = definition
            .as_ref()
            .and_then(|definition| definition.step_metric.as_ref());
        ProjectKeyBody {
            label: key.name.dotted(),
            name: key.name.to_string(),
            kinds: key.kinds,
            n_runs: key.n_runs,
            count: key.count,
            step_metric: step_metric.map(|name| names.get(name).unwrap_or(name).clone()),
            hidden: definition
                .as_ref()
                .is_some_and(|definition| definition.hidden),
            goal: definition.and_then(|definition| definition.goal),
        }
    };
    keys.into_iter().map(body).collect()
}

#[cfg(test)]
mod tests {
    use ballast_model::{MetricDefinition, MetricName};

    use super::*;

    fn key(name: &str, step_metric: Option<&str>) -> ProjectKeyInfo {
        let definition = step_metric.map(|step| MetricDefinition {
            name: name.to_owned(),
            is_glob: false,
            step_metric: Some(step.to_owned()),
            hidden: false,
            summary: Vec::new(),
            goal: None,
        });
        ProjectKeyInfo {
            name: MetricName::from_stored(name),
            kinds: vec!["number".to_owned()],
            n_runs: 1,
            count: 1,
            definition,
        }
    }

    #[test]
    fn step_metrics_are_named_as_keys() {
        let keys = vec![
            key("loss", Some("my.epoch")),
            key("accuracy", Some("never.logged")),
            key("my\\.epoch", None),
        ];
        let step_metrics: Vec<_> = bodies(keys)
            .into_iter()
            .map(|body| body.step_metric)
            .collect();
        let expected = [Some("my\\.epoch"), Some("never.logged"), None];
        assert_eq!(step_metrics, expected.map(|name| name.map(str::to_owned)));
    }
}
