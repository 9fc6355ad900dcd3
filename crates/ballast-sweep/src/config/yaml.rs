//! Reads YAML, as PyYAML writes and reads it.
//!
//! The wandb client reads `sweep.yaml` and writes it anew with PyYAML, whose YAML is version 1.1: `yes` and `off` are truth
//! values, `010` is octal. In one point that is not followed: PyYAML takes `1e-5` for text, and writes such text without
//! quotes, though every author of it means a number; here it is one, as in YAML 1.2.

use std::collections::{HashMap, HashSet};
use std::mem;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::Number;

use super::error::{ConfigError, Problem};
use super::node::{Kind, MAX_DEPTH, MAX_NODES, Node, shorten, too_deep, too_many};

/// The longest text that is read, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 4 << 20;

/// Reads one document. Repeated keys are added to `problems`.
pub(super) fn read(text: &str, problems: &mut Vec<Problem>) -> Result<Node, ConfigError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ConfigError::single(
            None,
            format!(
                "the text has {} bytes, expected at most {MAX_TEXT_BYTES}",
                text.len()
            ),
        ));
    }
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        n_nodes: 0,
        problems,
    };
    let document = loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break None,
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (event, span) => break Some(reader.node(event, span, &mut Vec::new())?),
        }
    };
    let Some(document) = document else {
        return Err(ConfigError::single(None, "the text is empty"));
    };
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(document),
            (Event::DocumentStart(_), span) => {
                return Err(ConfigError::single(
                    line(span),
                    "the text has several documents, expected one",
                ));
            }
            _ => {}
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Values that an alias may stand for, and how many values each consists of.
    anchors: HashMap<usize, (Node, usize)>,
    n_nodes: usize,
    problems: &'t mut Vec<Problem>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), ConfigError> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(no_yaml(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn count(&mut self, n_nodes: usize, span: Span) -> Result<(), ConfigError> {
        self.n_nodes += n_nodes;
        if self.n_nodes > MAX_NODES {
            return Err(too_many(line(span)));
        }
        Ok(())
    }

    /// The value that starts with an event. `path` leads to it, and is as long as it is deep.
    fn node(
        &mut self,
        event: Event<'t>,
        span: Span,
        path: &mut Vec<String>,
    ) -> Result<Node, ConfigError> {
        if path.len() > MAX_DEPTH {
            return Err(too_deep(line(span)));
        }
        let n_before = self.n_nodes;
        if !matches!(event, Event::Alias(_)) {
            self.count(1, span)?;
        }
        let (kind, anchor) = match event {
            Event::Alias(anchor) => {
                // The parser refuses unknown anchors; what is missing here is a value inside of itself.
                let Some((node, n_nodes)) = self.anchors.get(&anchor).cloned() else {
                    return Err(ConfigError::single(line(span), "an alias contains itself"));
                };
                self.count(n_nodes, span)?;
                if path.len() + depth(&node) > MAX_DEPTH {
                    return Err(too_deep(line(span)));
                }
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(&text, style, tag.as_deref(), span)?, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(
                    tag.as_deref(),
                    &["seq", "python/tuple", "python/list"],
                    span,
                )?;
                (self.list(path)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), &["map", "python/dict"], span)?;
                (self.map(path)?, anchor)
            }
            _ => return Err(ConfigError::single(line(span), "a value is missing")),
        };
        let node = Node {
            kind,
            line: line(span),
        };
        if anchor > 0 {
            // The copy is memory as well: anchors inside of anchors would multiply it.
            let n_nodes = self.n_nodes - n_before;
            self.count(n_nodes, span)?;
            self.anchors.insert(anchor, (node.clone(), n_nodes));
        }
        Ok(node)
    }

    fn list(&mut self, path: &mut Vec<String>) -> Result<Kind, ConfigError> {
        let mut nodes = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Kind::List(nodes));
            }
            path.push(nodes.len().to_string());
            nodes.push(self.node(event, span, path)?);
            path.pop();
        }
    }

    fn map(&mut self, path: &mut Vec<String>) -> Result<Kind, ConfigError> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut merged = Vec::new();
        loop {
            let (event, key_span) = self.next()?;
            let (key, is_merge) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, _, _) => {
                    let is_merge = style == ScalarStyle::Plain && text == "<<";
                    (text.into_owned(), is_merge)
                }
                _ => {
                    return Err(ConfigError::single(
                        line(key_span),
                        "a key is a list, a mapping or an alias, expected a name",
                    ));
                }
            };
            path.push(key.clone());
            let (event, span) = self.next()?;
            let node = self.node(event, span, path)?;
            if is_merge {
                merged.push(node);
            } else if let Some(first_line) = lines.get(&key) {
                self.problems.push(Problem {
                    path: path.join("."),
                    line: line(key_span),
                    message: format!(
                        "the key is there twice, on lines {first_line} and {}",
                        key_span.start.line()
                    ),
                });
            } else {
                lines.insert(key.clone(), key_span.start.line());
                entries.push((key, node));
            }
            path.pop();
        }
        for node in merged {
            merge(&mut entries, node)?;
        }
        Ok(Kind::Map(entries))
    }
}

/// Adds the keys of what stands behind `<<` that are not there yet.
fn merge(entries: &mut Vec<(String, Node)>, node: Node) -> Result<(), ConfigError> {
    let line = node.line;
    let maps = match node.kind {
        Kind::List(nodes) => nodes,
        kind => vec![Node { kind, line }],
    };
    for mut map in maps {
        let Kind::Map(more) = mem::replace(&mut map.kind, Kind::Null) else {
            return Err(ConfigError::single(
                line,
                "`<<` has something else than mappings to merge",
            ));
        };
        let known: HashSet<String> = entries.iter().map(|(key, _)| key.clone()).collect();
        entries.extend(more.into_iter().filter(|(key, _)| !known.contains(key)));
    }
    Ok(())
}

fn depth(node: &Node) -> usize {
    let deepest = match &node.kind {
        Kind::List(nodes) => nodes.iter().map(depth).max(),
        Kind::Map(entries) => entries.iter().map(|(_, node)| depth(node)).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

fn line(span: Span) -> Option<usize> {
    Some(span.start.line()).filter(|&line| line > 0)
}

fn no_yaml(error: &ScanError) -> ConfigError {
    let marker = error.marker();
    ConfigError::single(
        Some(marker.line()),
        format!(
            "no YAML at line {}, column {}: {}",
            marker.line(),
            marker.col() + 1,
            error.info()
        ),
    )
}

/// The name of a tag of YAML itself, such as `int`; `None` if there is no tag or the one that says nothing.
fn tag_name(tag: Option<&Tag>, span: Span) -> Result<Option<&str>, ConfigError> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.handle == "tag:yaml.org,2002:" => Ok(Some(&tag.suffix)),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(Some("str")),
        Some(tag) => Err(unknown_tag(&format!("{}{}", tag.handle, tag.suffix), span)),
    }
}

fn unknown_tag(tag: &str, span: Span) -> ConfigError {
    ConfigError::single(
        line(span),
        format!(
            "a value has the tag `{}`, expected plain YAML",
            shorten(tag)
        ),
    )
}

fn check_tag(tag: Option<&Tag>, known: &[&str], span: Span) -> Result<(), ConfigError> {
    match tag_name(tag, span)? {
        Some(name) if !known.contains(&name) => Err(unknown_tag(&format!("!!{name}"), span)),
        _ => Ok(()),
    }
}

fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: Span,
) -> Result<Kind, ConfigError> {
    let kind = match tag_name(tag, span)? {
        None if style == ScalarStyle::Plain => resolve(text),
        None | Some("str" | "timestamp" | "python/str" | "python/unicode") => {
            Kind::Text(text.to_owned())
        }
        Some("int" | "float" | "bool" | "null" | "python/int" | "python/float" | "python/bool") => {
            resolve(text)
        }
        Some(name) => return Err(unknown_tag(&format!("!!{name}"), span)),
    };
    Ok(kind)
}

/// What a text without quotes means.
fn resolve(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Kind::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Kind::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Kind::NotFinite(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Kind::NotFinite(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Kind::NotFinite(f64::NEG_INFINITY),
        _ => {}
    }
    if let Some(number) = integer(text) {
        return Kind::Number(number);
    }
    match float(text) {
        Some(value) => Number::from_f64(value).map_or(Kind::NotFinite(value), Kind::Number),
        None => Kind::Text(text.to_owned()),
    }
}

/// An integer of YAML 1.1: decimal, `0b` binary, `0` octal, `0x` hexadecimal, with underscores between digits.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (radix, digits) = if let Some(digits) = digits.strip_prefix("0x") {
        (16, digits)
    } else if let Some(digits) = digits.strip_prefix("0b") {
        (2, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits.as_str())
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    // A number that no integer type holds is one that floats hold roughly.
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    if let Ok(value) = i64::try_from(value) {
        return Some(value.into());
    }
    u64::try_from(value).ok().map(Number::from)
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts_well = unsigned.starts_with(|first: char| first.is_ascii_digit())
        || (unsigned.starts_with('.')
            && unsigned[1..].starts_with(|second: char| second.is_ascii_digit()));
    // `08` is text to PyYAML: no octal number, and no float without a period.
    let is_text = unsigned.len() > 1
        && unsigned.starts_with('0')
        && unsigned
            .bytes()
            .all(|digit| digit.is_ascii_digit() || digit == b'_');
    let is_number = starts_well
        && !is_text
        && unsigned
            .chars()
            .all(|character| matches!(character, '0'..='9' | '_' | '.' | 'e' | 'E' | '+' | '-'));
    is_number
        .then(|| text.replace('_', "").parse().ok())
        .flatten()
}
