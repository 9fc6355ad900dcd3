//! From the body that a client sends to what the GraphQL library takes.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Request, Value as GraphQlValue, Variables};
use ballast_model::json::{Map, Value};

use super::scalars::to_graphql;
use crate::refusal::Refusal;

/// Most aliases of one document.
const MAX_ALIASES: usize = 200;

/// A request that can be executed.
#[derive(Debug)]
pub(super) struct Normalized {
    /// The request, its document parsed.
    pub(super) request: Request,
    /// The fields that the operation starts with.
    pub(super) root_fields: Vec<String>,
}

/// Reads a body, and mends what the library refuses and clients send: bare `NaN` and `Infinity`, null variables, an
/// empty operation name, variables that the operation does not declare.
///
/// # Errors
/// [`Refusal`] (400) if the body is no request, the document cannot be parsed or has too many aliases, or the
/// operation is not in it.
pub(super) fn normalize(body: &[u8]) -> Result<Normalized, Refusal> {
    let mut members = match Value::parse(body) {
        Ok(Value::Map(members)) => members,
        Ok(_) => return Err(Refusal::invalid("the request body is no JSON object")),
        Err(error) => {
            return Err(Refusal::invalid(format!(
                "the request body is not valid: {error}"
            )));
        }
    };
    let Some(Value::String(query)) = members.swap_remove("query") else {
        return Err(Refusal::invalid("the request body has no text `query`"));
    };
    let name = match members.swap_remove("operationName") {
        Some(Value::String(name)) if !name.is_empty() => Some(name),
        _ => None,
    };
    let variables = match members.swap_remove("variables") {
        Some(Value::Map(variables)) => variables,
        Some(Value::String(text)) => parse_variables(&text)?,
        _ => Map::new(),
    };
    let document = async_graphql::parser::parse_query(&query)
        .map_err(|error| Refusal::invalid(format!("the document cannot be parsed: {error}")))?;
    let operation = operation(&document, name.as_deref())?;
    let root_fields = root_fields(&document, &operation.selection_set.node);
    check_aliases(&document)?;
    let declared: HashSet<&str> = operation
        .variable_definitions
        .iter()
        .map(|definition| definition.node.name.node.as_str())
        .collect();
    let variables = variables
        .iter()
        .filter(|(name, _)| declared.contains(name.as_str()));
    let variables: Vec<_> = variables
        .map(|(name, value)| (Name::new(name), to_graphql(value)))
        .collect();
    let variables = Variables::from_value(GraphQlValue::Object(variables.into_iter().collect()));
    let mut request = Request::new(query).variables(variables);
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document);
    Ok(Normalized {
        request,
        root_fields,
    })
}

fn parse_variables(text: &str) -> Result<Map, Refusal> {
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(variables)) => Ok(variables),
        Ok(Value::Null) => Ok(Map::new()),
        _ if text.is_empty() => Ok(Map::new()),
        _ => Err(Refusal::invalid("the variables are no JSON object")),
    }
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, Refusal> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Ok(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            let found = operations.get(name).map(|operation| &operation.node);
            found.ok_or_else(|| Refusal::invalid("the document has no operation of that name"))
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            let only = operations.values().next().expect("there is one");
            Ok(&only.node)
        }
        (DocumentOperations::Multiple(_), None) => Err(Refusal::invalid(
            "the document has several operations and none is named",
        )),
    }
}

fn root_fields(document: &ExecutableDocument, selection: &SelectionSet) -> Vec<String> {
    let mut names = Vec::new();
    for item in &selection.items {
        match &item.node {
            Selection::Field(field) => names.push(field.node.name.node.to_string()),
            Selection::InlineFragment(fragment) => {
                names.extend(root_fields(document, &fragment.node.selection_set.node));
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    // One level: a fragment in a fragment at the root is nobody's document.
                    let fields =
                        fragment.node.selection_set.node.items.iter().filter_map(
                            |item| match &item.node {
                                Selection::Field(field) => Some(field.node.name.node.to_string()),
                                _ => None,
                            },
                        );
                    names.extend(fields);
                }
            }
        }
    }
    names
}

fn check_aliases(document: &ExecutableDocument) -> Result<(), Refusal> {
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set.node);
    let n_aliases: usize = operations.chain(fragments).map(count_aliases).sum();
    if n_aliases > MAX_ALIASES {
        return Err(Refusal::invalid(format!(
            "the document has more than {MAX_ALIASES} aliases"
        )));
    }
    Ok(())
}

fn count_aliases(selection: &SelectionSet) -> usize {
    let count = |item: &Selection| match item {
        Selection::Field(field) => {
            usize::from(field.node.alias.is_some()) + count_aliases(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => count_aliases(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    };
    selection.items.iter().map(|item| count(&item.node)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(body: &str) -> String {
        let normalized = normalize(body.as_bytes()).expect("the body is a request");
        serde_json::to_string(&normalized.request.variables).expect("variables serialise")
    }

    #[test]
    fn what_clients_send_is_mended() {
        let body = r#"{"query":"\n#graphql\nquery A($x: Float, $s: [JSONString!]!,) { viewer { id } }",
            "variables":{"x":NaN,"s":"{}","extra":1},"operationName":""}"#;
        assert_eq!(variables(body), r#"{"s":"{}","x":"NaN"}"#);
        assert_eq!(
            variables(r#"{"query":"{viewer{id}}","variables":null}"#),
            "{}"
        );
        assert_eq!(variables(r#"{"query":"{viewer{id}}"}"#), "{}");
        assert_eq!(
            variables(r#"{"query":"query A($x: Int){viewer{id}}","variables":"{\"x\":1}"}"#),
            r#"{"x":1}"#
        );
    }

    #[test]
    fn root_fields_are_known() {
        let body = r#"{"query":"query A { a: viewer { id } ...F ... on Query { entity { id } } } fragment F on Query { serverInfo { features { name } } }"}"#;
        let normalized = normalize(body.as_bytes()).expect("the body is a request");
        assert_eq!(normalized.root_fields, ["viewer", "serverInfo", "entity"]);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"query":7}"#,
            r#"{"query":""}"#,
            r#"{"query":"{"}"#,
            r#"{"query":"query A {viewer{id}} query B {viewer{id}}"}"#,
            r#"{"query":"query A {viewer{id}} query B {viewer{id}}","operationName":"C"}"#,
            r#"{"query":"{viewer{id}}","variables":"["}"#,
        ] {
            let refusal = normalize(body.as_bytes()).expect_err(body);
            assert_eq!(
                refusal.status,
                axum::http::StatusCode::BAD_REQUEST,
                "{body}"
            );
        }
    }

    #[test]
    fn aliases_are_limited() {
        let aliases = |n: usize| {
            let aliases: Vec<String> = (0..n).map(|i| format!("a{i}: viewer {{ id }}")).collect();
            aliases.join(" ")
        };
        let body = |n: usize| format!(r#"{{"query":"{{ {} }}"}}"#, aliases(n));
        assert!(normalize(body(MAX_ALIASES).as_bytes()).is_ok());
        assert!(normalize(body(MAX_ALIASES + 1).as_bytes()).is_err());
    }
}
