//! Scalars of the wire.

use async_graphql::{
    InputValueError, InputValueResult, Name, Number, Scalar, ScalarType, Value as GraphQlValue,
};
use ballast_model::Timestamp;
use ballast_model::json::Value;

/// JSON inside a string, in both directions. Bare `NaN` and `Infinity` are allowed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonString(pub(crate) String);

#[Scalar(name = "JSONString")]
impl ScalarType for JsonString {
    fn parse(value: GraphQlValue) -> InputValueResult<Self> {
        match value {
            GraphQlValue::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn is_valid(value: &GraphQlValue) -> bool {
        matches!(value, GraphQlValue::String(_))
    }

    fn to_value(&self) -> GraphQlValue {
        GraphQlValue::String(self.0.clone())
    }
}

/// A JSON value as it is. Numbers that are not finite are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json(pub(crate) Value);

#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: GraphQlValue) -> InputValueResult<Self> {
        Ok(Self(serde_json::from_value(value.into_json()?)?))
    }

    fn to_value(&self) -> GraphQlValue {
        to_graphql(&self.0)
    }
}

/// A value as GraphQL has it.
pub(super) fn to_graphql(value: &Value) -> GraphQlValue {
    match value {
        Value::Null => GraphQlValue::Null,
        Value::Bool(bool) => GraphQlValue::Boolean(*bool),
        Value::Int(int) => GraphQlValue::Number((*int).into()),
        Value::Big(digits) => GraphQlValue::String(digits.to_string()),
        Value::Float(float) => match Number::from_f64(*float) {
            Some(number) => GraphQlValue::Number(number),
            None if float.is_nan() => GraphQlValue::String("NaN".to_owned()),
            None if *float > 0.0 => GraphQlValue::String("Infinity".to_owned()),
            None => GraphQlValue::String("-Infinity".to_owned()),
        },
        Value::String(text) => GraphQlValue::String(text.clone()),
        Value::List(items) => GraphQlValue::List(items.iter().map(to_graphql).collect()),
        Value::Map(map) => {
            let members = map
                .iter()
                .map(|(key, value)| (Name::new(key), to_graphql(value)));
            GraphQlValue::Object(members.collect())
        }
    }
}

/// An instant, as RFC 3339 text in UTC with whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: GraphQlValue) -> InputValueResult<Self> {
        match &value {
            GraphQlValue::String(text) => Ok(Self(text.parse().map_err(InputValueError::custom)?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> GraphQlValue {
        GraphQlValue::String(format!("{:.0}", self.0))
    }
}

/// A 64-bit integer, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Int64(pub(crate) i64);

#[Scalar(name = "Int64")]
impl ScalarType for Int64 {
    fn parse(value: GraphQlValue) -> InputValueResult<Self> {
        integer(&value)
            .map(Self)
            .ok_or_else(|| InputValueError::expected_type(value))
    }

    fn is_valid(value: &GraphQlValue) -> bool {
        integer(value).is_some()
    }

    fn to_value(&self) -> GraphQlValue {
        GraphQlValue::Number(self.0.into())
    }
}

/// A length of time in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duration(pub(crate) std::time::Duration);

#[Scalar(name = "Duration")]
impl ScalarType for Duration {
    fn parse(value: GraphQlValue) -> InputValueResult<Self> {
        let milliseconds = integer(&value).and_then(|number| u64::try_from(number).ok());
        let milliseconds = milliseconds.ok_or_else(|| InputValueError::expected_type(value))?;
        Ok(Self(std::time::Duration::from_millis(milliseconds)))
    }

    fn is_valid(value: &GraphQlValue) -> bool {
        integer(value).is_some_and(|number| number >= 0)
    }

    fn to_value(&self) -> GraphQlValue {
        let milliseconds = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        GraphQlValue::Number(milliseconds.into())
    }
}

/// A whole number, however it is written; also as text, as protobuf libraries write 64-bit integers.
fn integer(value: &GraphQlValue) -> Option<i64> {
    match value {
        GraphQlValue::Number(number) => {
            let whole = |float: &f64| float.fract() == 0.0 && float.abs() < 9.0e18;
            number
                .as_i64()
                .or_else(|| number.as_f64().filter(whole).map(|float| float as i64))
        }
        GraphQlValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_whole_seconds_in_utc() {
        let at: Timestamp = "2026-01-02T03:04:05.678Z".parse().expect("a time");
        assert_eq!(
            DateTime(at).to_value(),
            GraphQlValue::String("2026-01-02T03:04:05Z".to_owned())
        );
    }

    #[test]
    fn json_keeps_what_json_can_hold() {
        let value = Value::parse(
            br#"{"a":[1,1.5,NaN,-Infinity,null,true,123456789012345678901],"b c":"x"}"#,
        );
        let json = Json(value.expect("valid"))
            .to_value()
            .into_json()
            .expect("plain JSON");
        assert_eq!(
            json.to_string(),
            r#"{"a":[1,1.5,"NaN","-Infinity",null,true,"123456789012345678901"],"b c":"x"}"#
        );
    }

    #[test]
    fn integers_may_be_written_as_floats() {
        let int = |value: GraphQlValue| Int64::parse(value).ok().map(|int| int.0);
        assert_eq!(int(GraphQlValue::Number(5.into())), Some(5));
        assert_eq!(
            int(GraphQlValue::Number(Number::from_f64(5.0).expect("finite"))),
            Some(5)
        );
        assert_eq!(
            int(GraphQlValue::Number(Number::from_f64(5.5).expect("finite"))),
            None
        );
        assert_eq!(int(GraphQlValue::String("-7".to_owned())), Some(-7));
        assert!(Duration::parse(GraphQlValue::Number((-1).into())).is_err());
    }
}
