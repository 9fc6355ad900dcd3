//! Charts that a script describes: `wandb.plot.…` and the older `wandb.visualize`.

use ballast_model::CustomChart;
use ballast_model::json::Value;
use indexmap::IndexMap;

/// Reads `_wandb.value.visualize` and `_wandb.value.viz`. Entries that name no chart are left out.
pub(crate) fn from_wire(
    visualize: Option<&Value>,
    viz: Option<&Value>,
) -> IndexMap<String, CustomChart> {
    fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
        value.and_then(Value::as_map).into_iter().flatten()
    }
    let charts =
        entries(visualize).filter_map(|(key, entry)| Some((key.clone(), chart(key, entry)?)));
    let old_charts =
        entries(viz).filter_map(|(key, entry)| Some((key.clone(), old_chart(key, entry)?)));
    charts.chain(old_charts).collect()
}

fn chart(key: &str, entry: &Value) -> Option<CustomChart> {
    let panel = entry.get("panel_config")?;
    let table_key = panel.get("userQuery").and_then(table_key);
    Some(CustomChart {
        definition: panel.get("panelDefId")?.as_str()?.to_owned(),
        fields: fields(panel.get("fieldSettings")),
        strings: members(panel.get("stringSettings"))
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        table_key: table_key.unwrap_or_else(|| format!("{key}_table")),
    })
}

fn old_chart(key: &str, entry: &Value) -> Option<CustomChart> {
    Some(CustomChart {
        definition: entry.get("id")?.as_str()?.to_owned(),
        fields: fields(entry.get("historyFieldSettings")),
        strings: IndexMap::new(),
        table_key: key.to_owned(),
    })
}

fn fields(settings: Option<&Value>) -> IndexMap<String, Option<String>> {
    members(settings)
        .map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)))
        .collect()
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_map).into_iter().flatten()
}

/// Finds `{"name": "tableKey", "value": …}` among the arguments of a query and of the queries in it.
fn table_key(query: &Value) -> Option<String> {
    let items = |key: &str| query.get(key).and_then(Value::as_list).unwrap_or_default();
    let argument = items("args")
        .iter()
        .find(|argument| argument.get("name").and_then(Value::as_str) == Some("tableKey"));
    if let Some(key) = argument.and_then(|argument| argument.get("value")?.as_str()) {
        return Some(key.to_owned());
    }
    items("queryFields")
        .iter()
        .chain(items("fields"))
        .find_map(table_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_its_table_and_columns() {
        let visualize = Value::parse(
            br#"{"chart":{"panel_type":"Vega2","panel_config":{"stringSettings":{"title":"T"},"transform":{"name":"x"},
                "userQuery":{"queryFields":[{"name":"runSets","args":[{"name":"runSets","value":"${runSets}"}],"fields":[
                  {"name":"id","fields":[]},
                  {"name":"summaryTable","args":[{"name":"tableKey","value":"Custom Chart Tables/chart_table"}],"fields":[]}]}]},
                "panelDefId":"wandb/line/v0","fieldSettings":{"x":"a","stroke":null}}},
              "bare":{"panel_config":{"panelDefId":"ada/mine"}},"broken":{"panel_type":"Vega2"}}"#,
        );
        let viz = Value::parse(br#"{"old":{"id":"wandb/roc/v1","historyFieldSettings":{"x-axis":"_step","key":"old"}}}"#);
        let charts = from_wire(visualize.ok().as_ref(), viz.ok().as_ref());
        let names: Vec<_> = charts.keys().collect();
        assert_eq!(names, ["chart", "bare", "old"]);
        let chart = &charts["chart"];
        assert_eq!(chart.definition, "wandb/line/v0");
        assert_eq!(chart.table_key, "Custom Chart Tables/chart_table");
        assert_eq!(chart.strings["title"], "T");
        assert_eq!(chart.fields["x"].as_deref(), Some("a"));
        assert_eq!(chart.fields["stroke"], None);
        assert_eq!(charts["bare"].table_key, "bare_table");
        assert_eq!(charts["old"].fields["key"].as_deref(), Some("old"));
    }
}
