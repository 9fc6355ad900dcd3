//! The API's description holds together.

use std::collections::HashSet;

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&crate::openapi_json()).expect("is JSON")
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().expect("paths").values();
    paths.flat_map(|item| item.as_object().expect("operations").values())
}

#[test]
fn every_operation_is_named_and_described() {
    let document = document();
    let mut ids = HashSet::new();
    for operation in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id), "{id} is there twice");
        assert!(operation["summary"].is_string(), "{id}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(response["description"].is_string(), "{id} {status}");
        }
        assert!(operation["responses"]["default"].is_object(), "{id}");
    }
    assert_eq!(ids.len(), 86);
}

#[test]
fn every_path_parameter_is_described() {
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let named: HashSet<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        for operation in item.as_object().expect("operations").values() {
            let parameters = operation["parameters"].as_array();
            let described: HashSet<&str> = parameters
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().expect("a name"))
                .collect();
            assert_eq!(described, named, "{path}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match value.as_str().filter(|_| key == "$ref") {
                        Some(reference) => found.push(reference.to_owned()),
                        None => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference within");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}
