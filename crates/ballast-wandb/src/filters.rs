//! Filters and orders, as the client writes them: Mongo-like JSON, and `+key` or `-key`.

use ballast_model::json::{Map, Value};
use ballast_tracking::artifacts::{
    CollectionField, CollectionOrder, CollectionSort, MembershipOrder, MembershipSort, VersionField,
};
use ballast_tracking::filter::{OrderKey, Predicate, Test};
use ballast_tracking::registries::RegistryField;
use ballast_tracking::runs::filter::Field;
use ballast_tracking::sweeps::{SweepField, SweepPredicate};
use regex::RegexBuilder;

use crate::refusal::Refusal;

/// How deep `$and`, `$or`, `$nor` and `$not` may nest.
const MAX_DEPTH: usize = 32;
/// How many tests a filter may have.
const MAX_TESTS: usize = 1000;
/// How much memory a compiled `$regex` may take, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// Reads a filter of runs; `None` and empty text mean every run.
///
/// # Errors
/// As [`parse_filter_of`].
pub(crate) fn parse_filter(text: Option<&str>) -> Result<Predicate<Field>, Refusal> {
    parse_filter_of(text, |name| Ok(field(name)))
}

/// Reads a filter of sweeps; `None` and empty text mean every sweep.
///
/// # Errors
/// As [`parse_filter_of`].
pub(crate) fn parse_sweep_filter(text: Option<&str>) -> Result<SweepPredicate, Refusal> {
    parse_filter_of(text, |name| Ok(sweep_field(name)))
}

/// The field of a sweep behind a name of the wire, in either spelling.
fn sweep_field(name: &str) -> SweepField {
    match name {
        "name" | "id" | "sweep" => SweepField::Id,
        "display_name" | "displayName" => SweepField::DisplayName,
        "description" => SweepField::Description,
        "state" => SweepField::State,
        "method" | "config.method" => SweepField::Method,
        "username" | "user" => SweepField::User,
        "created_at" | "createdAt" => SweepField::CreatedAt,
        "updated_at" | "updatedAt" => SweepField::UpdatedAt,
        _ => SweepField::Unknown,
    }
}

/// Reads a filter; `None` and empty text mean everything. `field` knows the fields by their names.
///
/// # Errors
/// [`Refusal`] (400) if the text is no JSON object, has an operator that does not exist, an operand that the operator
/// cannot take, or is too large; and whatever `field` refuses.
pub(crate) fn parse_filter_of<F: Clone>(
    text: Option<&str>,
    field: fn(&str) -> Result<F, Refusal>,
) -> Result<Predicate<F>, Refusal> {
    let conditions = parse_conditions(text)?;
    FilterReader { field, n_tests: 0 }.conditions(&conditions, 0)
}

/// The conditions of a filter by what they are about; none for everything.
fn parse_conditions(text: Option<&str>) -> Result<Map, Refusal> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(Map::new());
    };
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(conditions)) => Ok(conditions),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Refusal::invalid("the filter is no JSON object")),
        Err(error) => Err(Refusal::invalid(format!(
            "the filter is not valid: {error}"
        ))),
    }
}

struct FilterReader<F> {
    /// The field of a name.
    field: fn(&str) -> Result<F, Refusal>,
    n_tests: usize,
}

impl<F: Clone> FilterReader<F> {
    fn conditions(&mut self, filter: &Map, depth: usize) -> Result<Predicate<F>, Refusal> {
        if depth > MAX_DEPTH {
            return Err(Refusal::invalid(format!(
                "the filter nests deeper than {MAX_DEPTH} levels"
            )));
        }
        let mut parts = Vec::with_capacity(filter.len());
        for (key, operand) in filter {
            parts.push(match key.as_str() {
                "$and" => Predicate::All(self.alternatives(key, operand, depth)?),
                "$or" => Predicate::Any(self.alternatives(key, operand, depth)?),
                "$nor" => Predicate::Not(Box::new(Predicate::Any(
                    self.alternatives(key, operand, depth)?,
                ))),
                "$not" => {
                    let filter = operand.as_map().ok_or_else(|| misuse(key, "an object"))?;
                    Predicate::Not(Box::new(self.conditions(filter, depth + 1)?))
                }
                operator if operator.starts_with('$') => return Err(unknown_operator(operator)),
                name => self.tests(&(self.field)(name)?, operand, depth)?,
            });
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Predicate::All(parts),
        })
    }

    fn alternatives(
        &mut self,
        operator: &str,
        operand: &Value,
        depth: usize,
    ) -> Result<Vec<Predicate<F>>, Refusal> {
        let filters = operand
            .as_list()
            .ok_or_else(|| misuse(operator, "a list of filters"))?;
        let read = |filter: &Value| {
            let filter = filter
                .as_map()
                .ok_or_else(|| misuse(operator, "a list of filters"))?;
            self.conditions(filter, depth + 1)
        };
        filters.iter().map(read).collect()
    }

    /// The tests of one field: a bare value, or an object of operators.
    fn tests(&mut self, field: &F, operand: &Value, depth: usize) -> Result<Predicate<F>, Refusal> {
        let operators = match operand {
            Value::Map(map) if map.keys().any(|key| key.starts_with('$') || key == "=") => map,
            value => return self.test(field, Test::Equals(value.clone())),
        };
        if depth > MAX_DEPTH {
            return Err(Refusal::invalid(format!(
                "the filter nests deeper than {MAX_DEPTH} levels"
            )));
        }
        let mut parts = Vec::with_capacity(operators.len());
        for (operator, operand) in operators {
            let value = || operand.clone();
            let list = || {
                let items = operand
                    .as_list()
                    .ok_or_else(|| misuse(operator, "a list"))?;
                Ok::<_, Refusal>(items.to_vec())
            };
            let negated = |part: Predicate<F>| Predicate::Not(Box::new(part));
            parts.push(match operator.as_str() {
                "$eq" | "=" => self.test(field, Test::Equals(value()))?,
                "$ne" => negated(self.test(field, Test::Equals(value()))?),
                "$lt" => self.test(field, Test::Less(value()))?,
                "$lte" => self.test(field, Test::AtMost(value()))?,
                "$gt" => self.test(field, Test::Greater(value()))?,
                "$gte" => self.test(field, Test::AtLeast(value()))?,
                "$in" => self.test(field, Test::In(list()?))?,
                "$nin" => negated(self.test(field, Test::In(list()?))?),
                "$all" => self.test(field, Test::HasAll(list()?))?,
                "$exists" => {
                    let exists = match operand {
                        Value::Bool(exists) => *exists,
                        Value::Int(number) => *number != 0,
                        _ => return Err(misuse(operator, "true or false")),
                    };
                    self.test(field, Test::Exists(exists))?
                }
                "$regex" => {
                    let pattern = operand.as_str().ok_or_else(|| misuse(operator, "text"))?;
                    let options = operators
                        .get("$options")
                        .and_then(Value::as_str)
                        .unwrap_or_default();
                    let regex = RegexBuilder::new(pattern)
                        .size_limit(MAX_REGEX_BYTES)
                        .case_insensitive(options.contains('i'))
                        .build()
                        .map_err(|error| {
                            Refusal::invalid(format!("`$regex` cannot be used: {error}"))
                        })?;
                    self.test(field, Test::Matches(regex))?
                }
                "$options" => continue,
                "$contains" => match operand {
                    Value::String(text) => self.test(field, Test::Contains(text.clone()))?,
                    _ => return Err(misuse(operator, "text")),
                },
                "$size" => {
                    let size = operand
                        .as_i64()
                        .ok_or_else(|| misuse(operator, "an integer"))?;
                    self.test(field, Test::Size(size))?
                }
                "$not" => negated(self.tests(field, operand, depth + 1)?),
                other => return Err(unknown_operator(other)),
            });
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Predicate::All(parts),
        })
    }

    fn test(&mut self, field: &F, test: Test) -> Result<Predicate<F>, Refusal> {
        self.n_tests += 1;
        if self.n_tests > MAX_TESTS {
            return Err(Refusal::invalid(format!(
                "the filter has more than {MAX_TESTS} tests"
            )));
        }
        Ok(Predicate::Test {
            field: field.clone(),
            test,
        })
    }
}

fn misuse(operator: &str, expected: &str) -> Refusal {
    Refusal::invalid(format!("filter operator `{operator}` takes {expected}"))
}

fn unknown_operator(operator: &str) -> Refusal {
    let shown: String = operator.chars().take(40).collect();
    Refusal::invalid(format!("filter operator `{shown}` does not exist"))
}

/// Reads an order such as `-summary_metrics.loss,+created_at`; no text means oldest first.
pub(crate) fn parse_order(text: Option<&str>) -> Vec<OrderKey<Field>> {
    let keys = text.unwrap_or_default().split(',');
    let mut order: Vec<OrderKey<Field>> = keys
        .filter_map(|key| signed(Some(key)))
        .map(|(descending, name)| OrderKey {
            field: field(name),
            descending,
        })
        .collect();
    if order.is_empty() {
        order.push(OrderKey {
            field: Field::CreatedAt,
            descending: false,
        });
    }
    order
}

/// The field behind a name of the wire, in either spelling.
fn field(name: &str) -> Field {
    let nested = |rest: &str| rest.split('.').map(str::to_owned).collect::<Vec<_>>();
    if let Some(rest) = name.strip_prefix("config.") {
        let mut keys = nested(rest);
        // `config.A.value.B` and `config.A.value` name the wrapping that the wire has and we do not store.
        if keys.get(1).is_some_and(|key| key == "value") {
            keys.remove(1);
        }
        return Field::Config(keys);
    }
    if let Some(rest) = name
        .strip_prefix("summary_metrics.")
        .or_else(|| name.strip_prefix("summaryMetrics."))
    {
        return Field::Summary(nested(rest));
    }
    if let Some(rest) = name
        .strip_prefix("keys_info.keys.")
        .or_else(|| name.strip_prefix("keysInfo.keys."))
    {
        return Field::LoggedKey(rest.to_owned());
    }
    match name {
        "name" => Field::Id,
        "displayName" | "display_name" => Field::DisplayName,
        "state" => Field::State,
        "tags" => Field::Tags,
        "group" => Field::Group,
        "jobType" | "job_type" => Field::JobType,
        "host" => Field::Host,
        "sweep" => Field::Sweep,
        "username" | "user" => Field::User,
        "commit" => Field::Commit,
        "notes" => Field::Notes,
        "createdAt" | "created_at" => Field::CreatedAt,
        "heartbeatAt" | "heartbeat_at" => Field::HeartbeatAt,
        "duration" => Field::Duration,
        _ => Field::Unknown,
    }
}

/// Reads a filter of registries.
///
/// # Errors
/// As [`parse_filter_of`]; [`Refusal`] (400) for a field that registries do not have.
pub(crate) fn parse_registry_filter(
    text: Option<&str>,
) -> Result<Predicate<RegistryField>, Refusal> {
    parse_filter_of(text, registry_field)
}

/// Reads an order of registries; no text means by name.
///
/// # Errors
/// [`Refusal`] (400) for a field that registries do not have.
pub(crate) fn parse_registry_order(
    text: Option<&str>,
) -> Result<Option<OrderKey<RegistryField>>, Refusal> {
    let Some((descending, name)) = signed(text) else {
        return Ok(None);
    };
    let field = registry_field(name)?;
    Ok(Some(OrderKey { field, descending }))
}

fn registry_field(name: &str) -> Result<RegistryField, Refusal> {
    match name {
        "project_id" | "id" => Ok(RegistryField::Key),
        "entity_id" => Ok(RegistryField::Organization),
        "name" => Ok(RegistryField::Name),
        "description" => Ok(RegistryField::Description),
        "created_at" => Ok(RegistryField::CreatedAt),
        "updated_at" => Ok(RegistryField::UpdatedAt),
        other => Err(unknown_field("registries", other)),
    }
}

/// Reads a filter of collections.
///
/// # Errors
/// As [`parse_filter_of`]; [`Refusal`] (400) for a field that collections do not have.
pub(crate) fn parse_collection_filter(
    text: Option<&str>,
) -> Result<Predicate<CollectionField>, Refusal> {
    parse_filter_of(text, |name| match name {
        "artifact_collection_id" | "collection_id" | "id" => Ok(CollectionField::Key),
        "name" => Ok(CollectionField::Name),
        "type" => Ok(CollectionField::Type),
        "description" => Ok(CollectionField::Description),
        "tag" | "tags" => Ok(CollectionField::Tags),
        "created_at" | "createdAt" => Ok(CollectionField::CreatedAt),
        "updated_at" | "updatedAt" => Ok(CollectionField::UpdatedAt),
        other => Err(unknown_field("artifact collections", other)),
    })
}

/// Reads a filter of versions in collections.
///
/// # Errors
/// As [`parse_filter_of`]; [`Refusal`] (400) for a field that versions do not have.
pub(crate) fn parse_version_filter(text: Option<&str>) -> Result<Predicate<VersionField>, Refusal> {
    parse_filter_of(text, version_field)
}

/// Reads a filter of the versions in one collection, which beside their fields may ask for a `state`, as the client does
/// unless it is told otherwise. `None` if that is another state than the one of all versions in collections.
///
/// # Errors
/// As [`parse_version_filter`]; [`Refusal`] (400) if the state is not a text beside the other conditions.
pub(crate) fn parse_filter_in_collection(
    text: Option<&str>,
) -> Result<Option<Predicate<VersionField>>, Refusal> {
    let (states, others): (Map, Map) = parse_conditions(text)?
        .into_iter()
        .partition(|(key, _)| key.as_str() == STATE);
    let mut is_committed = true;
    for state in states.values() {
        let state = state
            .as_str()
            .ok_or_else(|| Refusal::invalid(format!("`{STATE}` is compared with a text only")))?;
        is_committed &= state == COMMITTED;
    }
    let mut reader = FilterReader {
        field: version_field,
        n_tests: 0,
    };
    let filter = reader.conditions(&others, 0)?;
    Ok(is_committed.then_some(filter))
}

/// What a filter calls the state of a version.
const STATE: &str = "state";
/// The state of a version that is in a collection.
const COMMITTED: &str = "COMMITTED";

fn version_field(name: &str) -> Result<VersionField, Refusal> {
    match name {
        "artifact_id" | "id" => Ok(VersionField::Key),
        "version" | "version_index" | "versionIndex" => Ok(VersionField::Version),
        "tag" | "tags" => Ok(VersionField::Tags),
        "alias" | "aliases" => Ok(VersionField::Aliases),
        "artifact_size" | "size" => Ok(VersionField::Size),
        "artifact_created_at" | "created_at" | "createdAt" => Ok(VersionField::CreatedAt),
        "updated_at" | "updatedAt" => Ok(VersionField::UpdatedAt),
        "acm_created_at" | "linked_at" => Ok(VersionField::LinkedAt),
        other => {
            let mut path = other.split('.').map(str::to_owned);
            match path.next().as_deref() {
                Some("metadata" | "artifact_metadata") => {
                    Ok(VersionField::Metadata(path.collect()))
                }
                _ => Err(unknown_field("artifact versions", other)),
            }
        }
    }
}

fn unknown_field(what: &str, name: &str) -> Refusal {
    let shown: String = name.chars().take(80).collect();
    Refusal::invalid(format!("{what} cannot be filtered by `{shown}`"))
}

/// Reads an order of collections; no text means the newest first.
///
/// # Errors
/// [`Refusal`] (400) for a field that collections are not sorted by.
pub(crate) fn parse_collection_order(
    text: Option<&str>,
) -> Result<Option<CollectionOrder>, Refusal> {
    let Some((descending, name)) = signed(text) else {
        return Ok(None);
    };
    let by = match name {
        "name" => CollectionSort::Name,
        "created_at" | "createdAt" => CollectionSort::CreatedAt,
        "updated_at" | "updatedAt" => CollectionSort::UpdatedAt,
        other => return Err(unknown_order("artifact collections", other)),
    };
    Ok(Some(CollectionOrder { by, descending }))
}

/// Reads an order of versions in collections, if there is one.
///
/// # Errors
/// [`Refusal`] (400) for a field that versions are not sorted by.
pub(crate) fn parse_version_order(text: Option<&str>) -> Result<Option<MembershipOrder>, Refusal> {
    let Some((descending, name)) = signed(text) else {
        return Ok(None);
    };
    let by = match name {
        "version" | "version_index" | "versionIndex" => MembershipSort::Version,
        "artifact_created_at" | "created_at" | "createdAt" => MembershipSort::ArtifactCreatedAt,
        "artifact_size" | "size" => MembershipSort::ArtifactSize,
        "acm_created_at" | "linked_at" => MembershipSort::CreatedAt,
        other => return Err(unknown_order("artifact versions", other)),
    };
    Ok(Some(MembershipOrder { by, descending }))
}

/// One key of an order, and whether the largest comes first.
fn signed(text: Option<&str>) -> Option<(bool, &str)> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    Some(match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    })
}

fn unknown_order(what: &str, name: &str) -> Refusal {
    let shown: String = name.chars().take(80).collect();
    Refusal::invalid(format!("{what} cannot be sorted by `{shown}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        format!("{:?}", parse_filter(Some(text)).expect("valid"))
    }

    #[test]
    fn no_filter_fits_every_run() {
        for text in [None, Some(""), Some("{}"), Some("null")] {
            assert!(matches!(parse_filter(text), Ok(Predicate::All(parts)) if parts.is_empty()));
        }
    }

    #[test]
    fn names_have_two_spellings() {
        assert_eq!(field("displayName"), field("display_name"));
        assert_eq!(field("createdAt"), field("created_at"));
        assert_eq!(field("summaryMetrics.a.b"), field("summary_metrics.a.b"));
        assert_eq!(field("config.a.value.b"), field("config.a.b"));
        assert_eq!(
            field("config.lr.value"),
            Field::Config(vec!["lr".to_owned()])
        );
        assert_eq!(
            field("config.value"),
            Field::Config(vec!["value".to_owned()])
        );
        assert_eq!(
            field("keys_info.keys.loss"),
            Field::LoggedKey("loss".to_owned())
        );
        assert_eq!(field("colour"), Field::Unknown);
    }

    #[test]
    fn operators_nest() {
        insta::assert_snapshot!(
            shown(r#"{"$or":[{"config.lr":{"$gt":0.1,"$lte":1}},{"tags":{"$in":["a"]}},{"state":{"$ne":"running"}}]}"#),
            @r#"Any([All([Test { field: Config(["lr"]), test: Greater(Float(0.1)) }, Test { field: Config(["lr"]), test: AtMost(Int(1)) }]), Test { field: Tags, test: In([String("a")]) }, Not(Test { field: State, test: Equals(String("running")) })])"#
        );
        insta::assert_snapshot!(
            shown(r#"{"name":{"$not":{"$regex":"^a","$options":"i"}},"group":null,"notes":{"=":"x"}}"#),
            @r#"All([Not(Test { field: Id, test: Matches(Regex("^a")) }), Test { field: Group, test: Equals(Null) }, Test { field: Notes, test: Equals(String("x")) }])"#
        );
        insta::assert_snapshot!(
            shown(r#"{"$nor":[{"config.net":{"a":1}}]}"#),
            @r#"Not(Any([Test { field: Config(["net"]), test: Equals(Map({"a": Int(1)})) }]))"#
        );
    }

    #[test]
    fn misuse_is_named() {
        for text in [
            "[]",
            "{",
            r#"{"$where":"1"}"#,
            r#"{"name":{"$near":1}}"#,
            r#"{"$and":{}}"#,
            r#"{"$or":[1]}"#,
            r#"{"tags":{"$in":"a"}}"#,
            r#"{"name":{"$regex":"("}}"#,
            r#"{"name":{"$regex":"(a{1000}){1000}"}}"#,
            r#"{"tags":{"$size":"1"}}"#,
        ] {
            let refusal = parse_filter(Some(text)).expect_err(text);
            assert_eq!(
                refusal.status,
                axum::http::StatusCode::BAD_REQUEST,
                "{text}"
            );
        }
        let deep = format!("{}{{}}{}", r#"{"$not":"#.repeat(40), "}".repeat(40));
        assert!(parse_filter(Some(&deep)).is_err());
        let long = format!(
            r#"{{"$or":[{}{{"name":"a"}}]}}"#,
            r#"{"name":"a"},"#.repeat(1000)
        );
        assert!(parse_filter(Some(&long)).is_err());
    }

    #[test]
    fn versions_in_a_collection_have_a_state_beside_their_fields() {
        let read = |text| parse_filter_in_collection(Some(text));
        for everything in ["", "{}", "null", r#"{"state":"COMMITTED"}"#] {
            let filter = read(everything).expect("valid").expect("something fits");
            assert!(filter.is_everything(), "{everything}");
        }
        insta::assert_snapshot!(
            format!("{:?}", read(r#"{"state":"COMMITTED","aliases":{"$in":["best"]}}"#)),
            @r#"Ok(Some(Test { field: Aliases, test: In([String("best")]) }))"#
        );
        assert!(
            read(r#"{"alias":"best","state":"PENDING"}"#)
                .expect("valid")
                .is_none()
        );
        for (refused, told) in [
            (
                r#"{"colour":1}"#,
                "artifact versions cannot be filtered by `colour`",
            ),
            (
                r#"{"state":{"$ne":"PENDING"}}"#,
                "`state` is compared with a text only",
            ),
            (
                r#"{"state":"PENDING","digest":"a"}"#,
                "artifact versions cannot be filtered by `digest`",
            ),
            (
                r#"{"$or":[{"state":"PENDING"}]}"#,
                "artifact versions cannot be filtered by `state`",
            ),
            ("[]", "the filter is no JSON object"),
        ] {
            let refusal = read(refused).expect_err(refused);
            assert_eq!(refusal.status, axum::http::StatusCode::BAD_REQUEST);
            assert!(refusal.message.contains(told), "{}", refusal.message);
        }
    }

    #[test]
    fn collections_and_versions_have_fields_of_their_own() {
        let collections = |text| format!("{:?}", parse_collection_filter(Some(text)));
        insta::assert_snapshot!(
            collections(r#"{"name":"a","tag":{"$in":["b"]},"artifact_collection_id":3}"#),
            @r#"Ok(All([Test { field: Name, test: Equals(String("a")) }, Test { field: Tags, test: In([String("b")]) }, Test { field: Key, test: Equals(Int(3)) }]))"#
        );
        let versions = |text| format!("{:?}", parse_version_filter(Some(text)));
        insta::assert_snapshot!(
            versions(r#"{"alias":"best","metadata.score.f1":{"$gt":0.5},"version":"v1"}"#),
            @r#"Ok(All([Test { field: Aliases, test: Equals(String("best")) }, Test { field: Metadata(["score", "f1"]), test: Greater(Float(0.5)) }, Test { field: Version, test: Equals(String("v1")) }]))"#
        );
        for refused in [
            parse_collection_filter(Some(r#"{"colour":1}"#)).err(),
            parse_version_filter(Some(r#"{"metadatum":1}"#)).err(),
            parse_collection_order(Some("-size")).err(),
            parse_version_order(Some("name")).err(),
        ] {
            let refusal = refused.expect("is refused");
            assert_eq!(refusal.status, axum::http::StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn orders_have_signs() {
        assert_eq!(parse_collection_order(Some("")).expect("valid"), None);
        let by = CollectionSort::Name;
        for (text, descending) in [("name", false), ("+name", false), ("-name", true)] {
            let order = parse_collection_order(Some(text)).expect("valid");
            assert_eq!(order, Some(CollectionOrder { by, descending }));
        }
        let by = MembershipSort::CreatedAt;
        let order = parse_version_order(Some("+linked_at")).expect("valid");
        let descending = false;
        assert_eq!(order, Some(MembershipOrder { by, descending }));
        assert_eq!(parse_version_order(None).expect("valid"), None);

        let key = |field, descending| OrderKey { field, descending };
        assert_eq!(parse_order(None), [key(Field::CreatedAt, false)]);
        assert_eq!(
            parse_order(Some("+created_at")),
            [key(Field::CreatedAt, false)]
        );
        let loss = Field::Summary(vec!["loss".to_owned()]);
        assert_eq!(
            parse_order(Some("-summary_metrics.loss, name")),
            [key(loss, true), key(Field::Id, false)]
        );
    }
}
