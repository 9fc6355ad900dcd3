//! The tree.

use std::fmt::{self, Write as _};

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::read::{JsonError, Kind, Number, Reader};

/// An object in the order it was sent. A key that is sent twice keeps its last value.
pub type Map = IndexMap<String, Value>;

/// A JSON value that keeps what a training script sent: NaN, infinities, 64-bit and larger integers, and the
/// difference between `3` and `3.0`.
///
/// [`Value::parse`] and [`Value::to_text`] are inverse. Serialising through serde gives strict JSON instead: there
/// the non-finite numbers become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, and integers beyond `i64` strings
/// of their digits. [`Value::restore_numbers`] takes that back.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer within `i64`.
    Int(i64),
    /// An integer beyond `i64`, as written.
    Big(Box<str>),
    /// A number written with a fraction or exponent, or one that is not finite.
    Float(f64),
    /// Text.
    String(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Map),
}

impl Value {
    /// Parses one value; nothing may follow it.
    ///
    /// # Errors
    /// [`JsonError`] if `text` is not lenient JSON, is nested too deeply, or holds more than one value.
    pub fn parse(text: &[u8]) -> Result<Self, JsonError> {
        let mut reader = Reader::new(text);
        let value = Self::read(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// Reads the next value of `reader`.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        Ok(match reader.peek()? {
            Kind::Null => reader.null().map(|()| Self::Null)?,
            Kind::Bool => Self::Bool(reader.bool()?),
            Kind::Number => match reader.number()? {
                Number::Int(int) => Self::Int(int),
                Number::Float(float) => Self::Float(float),
                Number::Big(text) => Self::Big(text.into()),
            },
            Kind::String => Self::String(reader.string()?.into_owned()),
            Kind::Array => {
                let mut items = Vec::new();
                reader.begin_array()?;
                while reader.next_item(items.is_empty())? {
                    items.push(Self::read(reader)?);
                }
                Self::List(items)
            }
            Kind::Object => {
                let mut map = Map::new();
                let mut first = true;
                reader.begin_object()?;
                while let Some(key) = reader.next_key(first)? {
                    first = false;
                    let value = Self::read(reader)?;
                    map.insert(key.into_owned(), value);
                }
                Self::Map(map)
            }
        })
    }

    /// The value as lenient JSON text: non-finite numbers are the bare words that Python's `json` reads.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text);
        text
    }

    /// Appends [`Value::to_text`] to `text`.
    pub fn write_text(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
            Self::Int(int) => push(text, format_args!("{int}")),
            Self::Big(digits) => text.push_str(digits),
            Self::Float(float) => write_float(*float, text),
            Self::String(string) => write_string(string, text),
            Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write_text(text);
                }
                text.push(']');
            }
            Self::Map(map) => {
                text.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    write_string(key, text);
                    text.push(':');
                    value.write_text(text);
                }
                text.push('}');
            }
        }
    }

    /// Makes strings numbers again where `before`, serialised through serde, has them for numbers: what was read
    /// there and is sent back unchanged stays what it is. Items of lists are compared by their place.
    pub fn restore_numbers(&mut self, before: &Self) {
        match (self, before) {
            (Self::Map(members), Self::Map(before)) => {
                for (key, value) in members {
                    if let Some(before) = before.get(key) {
                        value.restore_numbers(before);
                    }
                }
            }
            (Self::List(items), Self::List(before)) => {
                for (value, before) in items.iter_mut().zip(before) {
                    value.restore_numbers(before);
                }
            }
            (value, before) => {
                let text = before.strict_string();
                if text.is_some() && value.as_str() == text {
                    *value = before.clone();
                }
            }
        }
    }

    /// The string that strict JSON has for a number that it cannot write.
    fn strict_string(&self) -> Option<&str> {
        match self {
            Self::Big(digits) => Some(digits),
            Self::Float(float) if float.is_nan() => Some("NaN"),
            Self::Float(float) if float.is_infinite() => Some(if *float > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }),
            _ => None,
        }
    }

    /// The number as a float, for the three kinds of number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            Self::Big(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The integer, if this is one within `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Int(int) = self {
            Some(*int)
        } else {
            None
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(bool) = self {
            Some(*bool)
        } else {
            None
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(string) = self {
            Some(string)
        } else {
            None
        }
    }

    /// The items, if this is an array.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The members, if this is an object.
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// The member `key`, if this is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }
}

fn push(text: &mut String, arguments: fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("writing to a string cannot fail");
}

fn write_float(float: f64, text: &mut String) {
    if float.is_nan() {
        text.push_str("NaN");
    } else if float.is_infinite() {
        text.push_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
    } else {
        // `Debug` prints the shortest text that reads back to the same bits, and always as a float.
        push(text, format_args!("{float:?}"));
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => push(text, format_args!("\\u{:04x}", control as u32)),
            other => text.push(other),
        }
    }
    text.push('"');
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(string) = self.strict_string() {
            return serializer.serialize_str(string);
        }
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Big(digits) => serializer.serialize_str(digits),
            Self::Float(float) => serializer.serialize_f64(*float),
            Self::String(string) => serializer.serialize_str(string),
            Self::List(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Self::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E>(self, int: u64) -> Result<Value, E> {
        Ok(i64::try_from(int).map_or_else(|_| Value::Big(int.to_string().into()), Value::Int))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = members.next_entry()? {
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::JsonErrorKind;
    use super::*;

    fn text_of(text: &str) -> String {
        Value::parse(text.as_bytes())
            .expect("test input is valid")
            .to_text()
    }

    #[test]
    fn keeps_what_python_and_go_write() {
        for text in [
            "null",
            "true",
            "[]",
            "{}",
            "3",
            "3.0",
            "-0.0",
            "1e300",
            "9223372036854775807",
            "-9223372036854775808",
            "123456789012345678901234567890",
            "NaN",
            "[Infinity,-Infinity]",
            r#"{"a":{"b.c":[1,2.5,"x"]},"é":"\n\u0001"}"#,
        ] {
            assert_eq!(text_of(text), text);
        }
    }

    #[test]
    fn minus_zero_keeps_its_sign() {
        let value = Value::parse(b"-0").expect("valid");
        assert_eq!(value.as_f64().map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }

    #[test]
    fn escapes_resolve() {
        let value = Value::parse(br#""\u00e9 \ud83d\ude00 \ud800 \/""#).expect("valid");
        assert_eq!(value.as_str(), Some("é 😀 \u{fffd} /"));
    }

    #[test]
    fn refusals_name_the_reason() {
        let kind = |text: &[u8]| Value::parse(text).expect_err("invalid").kind;
        assert_eq!(kind(b"{\"a\":1"), JsonErrorKind::End);
        assert_eq!(kind(b"{\"a\" 1}"), JsonErrorKind::Unexpected);
        assert_eq!(kind(b"[1,]"), JsonErrorKind::Unexpected);
        assert_eq!(kind(b"1 2"), JsonErrorKind::Trailing);
        assert_eq!(kind(b"1.e"), JsonErrorKind::Number);
        assert_eq!(kind(b"-"), JsonErrorKind::Number);
        assert_eq!(kind(b"\"\\x\""), JsonErrorKind::Escape);
        assert_eq!(kind(b"\"\xff\""), JsonErrorKind::Utf8);
        assert_eq!(kind("[".repeat(100_000).as_bytes()), JsonErrorKind::Depth);
        assert_eq!(kind(b""), JsonErrorKind::End);
    }

    #[test]
    fn strict_form_has_no_bare_words() {
        let value = Value::parse(br#"{"a":NaN,"b":[-Infinity,1.5]}"#).expect("valid");
        let strict = serde_json::to_string(&value).expect("serialisable");
        assert_eq!(strict, r#"{"a":"NaN","b":["-Infinity",1.5]}"#);
    }

    #[test]
    fn strings_of_the_strict_form_become_the_numbers_that_they_were() {
        let text = r#"{"a":NaN,"b":[Infinity,-Infinity,1.0],"c":{"d":98765432109876543210}}"#;
        let before = Value::parse(text.as_bytes()).expect("valid");
        let strict = serde_json::to_string(&before).expect("serialisable");
        let mut sent: Value = serde_json::from_str(&strict).expect("strict");
        sent.restore_numbers(&before);
        assert_eq!(sent.to_text(), text);
    }

    #[test]
    fn strings_that_were_strings_or_elsewhere_stay_strings() {
        let before = Value::parse(br#"{"a":"NaN","b":NaN,"c":[NaN],"d":"x"}"#).expect("valid");
        let text = r#"{"a":"NaN","b":"Infinity","c":["-1","NaN"],"e":"NaN","d":{"x":"NaN"}}"#;
        let mut sent = Value::parse(text.as_bytes()).expect("valid");
        sent.restore_numbers(&before);
        assert_eq!(sent.to_text(), text);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>()
                .prop_filter("NaN is not equal to itself", |f| !f.is_nan())
                .prop_map(Value::Float),
            ".{0,12}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::vec((".{0,6}", inner), 0..6)
                    .prop_map(|members| Value::Map(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_round_trips(value in values()) {
            prop_assert_eq!(Value::parse(value.to_text().as_bytes()).expect("own text"), value);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Value::parse(&bytes);
            let _ = Reader::new(&bytes).skip();
        }
    }
}
