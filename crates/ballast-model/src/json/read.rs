//! The pull reader.

use std::borrow::Cow;

use thiserror::Error;

/// How deep arrays and objects may nest before a text is refused.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not the JSON we read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} at byte {position}")]
pub struct JsonError {
    /// Byte offset into the text.
    pub position: usize,
    /// What was wrong there.
    pub kind: JsonErrorKind,
}

/// What was wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    /// The text stops inside a value.
    #[error("unexpected end of JSON")]
    End,
    /// A byte that cannot start or continue what was expected.
    #[error("unexpected character in JSON")]
    Unexpected,
    /// A string holds bytes that are not UTF-8.
    #[error("invalid UTF-8 in JSON string")]
    Utf8,
    /// A string holds an unknown or cut-off escape.
    #[error("invalid escape in JSON string")]
    Escape,
    /// Digits that make no number.
    #[error("invalid JSON number")]
    Number,
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("JSON nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Something follows the value.
    #[error("trailing characters after JSON")]
    Trailing,
}

/// The kind of the next value, seen without consuming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, `NaN`, `Infinity` or `-Infinity`.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number<'a> {
    /// Integral text within `i64`.
    Int(i64),
    /// Text with a fraction or exponent, a bare NaN or infinity, or `-0`.
    Float(f64),
    /// Integral text beyond `i64`, kept as written.
    Big(&'a str),
}

/// Pulls JSON values out of a byte slice without building a tree.
///
/// Call the method of the kind that [`Reader::peek`] announced. After an error the position is unspecified; drop the
/// reader.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    depth: usize,
}

type Result<T> = std::result::Result<T, JsonError>;

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            depth: 0,
        }
    }

    /// Byte offset of the next unread byte.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The kind of the next value.
    pub fn peek(&mut self) -> Result<Kind> {
        self.skip_space();
        match self.bytes.get(self.position) {
            None => Err(self.error(JsonErrorKind::End)),
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Ok(Kind::Number),
            Some(_) => Err(self.error(JsonErrorKind::Unexpected)),
        }
    }

    /// Reads `null`.
    pub fn null(&mut self) -> Result<()> {
        self.word(b"null")
    }

    /// Reads `true` or `false`.
    pub fn bool(&mut self) -> Result<bool> {
        if self.bytes.get(self.position) == Some(&b't') {
            self.word(b"true").map(|()| true)
        } else {
            self.word(b"false").map(|()| false)
        }
    }

    /// Reads a number, bare NaN or infinity.
    pub fn number(&mut self) -> Result<Number<'a>> {
        let start = self.position;
        let negative = self.bytes.get(self.position) == Some(&b'-');
        if negative {
            self.position += 1;
        }
        match self.bytes.get(self.position) {
            Some(b'N') if !negative => return self.word(b"NaN").map(|()| Number::Float(f64::NAN)),
            Some(b'I') => {
                self.word(b"Infinity")?;
                let infinity = if negative {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                };
                return Ok(Number::Float(infinity));
            }
            Some(b'0'..=b'9') => {}
            _ => return Err(self.error(JsonErrorKind::Number)),
        }
        let mut integral = true;
        while let Some(&byte) = self.bytes.get(self.position) {
            match byte {
                b'0'..=b'9' => {}
                b'.' | b'e' | b'E' | b'+' | b'-' => integral = false,
                _ => break,
            }
            self.position += 1;
        }
        let digits = &self.bytes[start..self.position];
        let text = std::str::from_utf8(digits).expect("digits, signs and dots are ASCII");
        if integral && text != "-0" {
            return Ok(text.parse().map_or(Number::Big(text), Number::Int));
        }
        let last = digits[digits.len() - 1];
        if !last.is_ascii_digit() {
            return Err(JsonError {
                position: start,
                kind: JsonErrorKind::Number,
            });
        }
        match text.parse() {
            Ok(float) => Ok(Number::Float(float)),
            Err(_) => Err(JsonError {
                position: start,
                kind: JsonErrorKind::Number,
            }),
        }
    }

    /// Reads a string as bytes, escapes resolved, without checking that they are UTF-8.
    ///
    /// A lone surrogate escape becomes U+FFFD.
    pub fn string_bytes(&mut self) -> Result<Cow<'a, [u8]>> {
        self.byte(b'"')?;
        let start = self.position;
        let mut run_start = start;
        let mut resolved: Option<Vec<u8>> = None;
        loop {
            match self.bytes.get(self.position) {
                None => return Err(self.error(JsonErrorKind::End)),
                Some(b'"') => {
                    let tail = &self.bytes[run_start..self.position];
                    self.position += 1;
                    return Ok(match resolved {
                        None => Cow::Borrowed(tail),
                        Some(mut bytes) => {
                            bytes.extend_from_slice(tail);
                            Cow::Owned(bytes)
                        }
                    });
                }
                Some(b'\\') => {
                    let bytes = resolved.get_or_insert_with(Vec::new);
                    bytes.extend_from_slice(&self.bytes[run_start..self.position]);
                    self.position += 1;
                    let mut utf8 = [0; 4];
                    let character = Self::escape(self.bytes, &mut self.position)?;
                    bytes.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
                    run_start = self.position;
                }
                Some(_) => self.position += 1,
            }
        }
    }

    /// Reads a string.
    pub fn string(&mut self) -> Result<Cow<'a, str>> {
        self.skip_space();
        let start = self.position;
        let invalid = |_| JsonError {
            position: start,
            kind: JsonErrorKind::Utf8,
        };
        match self.string_bytes()? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(invalid),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| invalid(error.utf8_error())),
        }
    }

    /// Enters an array. Then call [`Reader::next_item`] until it says false.
    pub fn begin_array(&mut self) -> Result<()> {
        self.byte(b'[')?;
        self.enter()
    }

    /// Moves to the next item of the array that was entered last; `first` on the first call.
    ///
    /// Returns false, and leaves the array, at its end.
    pub fn next_item(&mut self, first: bool) -> Result<bool> {
        self.next_member(b']', first)
    }

    /// Enters an object. Then call [`Reader::next_key`] until it says `None`.
    pub fn begin_object(&mut self) -> Result<()> {
        self.byte(b'{')?;
        self.enter()
    }

    /// Reads the next key of the object that was entered last; `first` on the first call.
    ///
    /// Returns `None`, and leaves the object, at its end. Read or [skip](Reader::skip) the value before the next call.
    pub fn next_key(&mut self, first: bool) -> Result<Option<Cow<'a, str>>> {
        if !self.next_member(b'}', first)? {
            return Ok(None);
        }
        let key = self.string()?;
        self.byte(b':')?;
        Ok(Some(key))
    }

    /// Reads past the next value and returns its text as written, outer white space left out.
    pub fn skip(&mut self) -> Result<&'a [u8]> {
        let kind = self.peek()?;
        let start = self.position;
        match kind {
            Kind::Null => self.null()?,
            Kind::Bool => drop(self.bool()?),
            Kind::Number => drop(self.number()?),
            Kind::String => drop(self.string_bytes()?),
            Kind::Array => {
                self.begin_array()?;
                let mut first = true;
                while self.next_item(first)? {
                    first = false;
                    self.skip()?;
                }
            }
            Kind::Object => {
                self.begin_object()?;
                let mut first = true;
                while self.next_key(first)?.is_some() {
                    first = false;
                    self.skip()?;
                }
            }
        }
        Ok(&self.bytes[start..self.position])
    }

    /// Checks that nothing but white space is left.
    pub fn end(&mut self) -> Result<()> {
        self.skip_space();
        if self.position == self.bytes.len() {
            Ok(())
        } else {
            Err(self.error(JsonErrorKind::Trailing))
        }
    }

    fn next_member(&mut self, close: u8, first: bool) -> Result<bool> {
        self.skip_space();
        match self.bytes.get(self.position) {
            Some(&byte) if byte == close => {
                self.position += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.position += 1;
                self.skip_space();
                Ok(true)
            }
            Some(_) if first => Ok(true),
            Some(_) => Err(self.error(JsonErrorKind::Unexpected)),
            None => Err(self.error(JsonErrorKind::End)),
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(self.error(JsonErrorKind::Depth))
        } else {
            Ok(())
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(self.position) {
            self.position += 1;
        }
    }

    fn byte(&mut self, expected: u8) -> Result<()> {
        self.skip_space();
        match self.bytes.get(self.position) {
            Some(&byte) if byte == expected => {
                self.position += 1;
                Ok(())
            }
            Some(_) => Err(self.error(JsonErrorKind::Unexpected)),
            None => Err(self.error(JsonErrorKind::End)),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<()> {
        self.skip_space();
        let rest = &self.bytes[self.position..];
        if rest.starts_with(word) {
            self.position += word.len();
            Ok(())
        } else if word.starts_with(rest) {
            Err(self.error(JsonErrorKind::End))
        } else {
            Err(self.error(JsonErrorKind::Unexpected))
        }
    }

    fn escape(bytes: &[u8], position: &mut usize) -> Result<char> {
        let at = *position;
        let error = |kind| JsonError { position: at, kind };
        let letter = *bytes.get(at).ok_or_else(|| error(JsonErrorKind::End))?;
        *position += 1;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = Self::hex4(bytes, position)?;
                if !(0xd800..0xdc00).contains(&unit) {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                if bytes.get(*position..*position + 2) != Some(b"\\u") {
                    return Ok(char::REPLACEMENT_CHARACTER);
                }
                let mut after = *position + 2;
                let low = Self::hex4(bytes, &mut after)?;
                if !(0xdc00..0xe000).contains(&low) {
                    return Ok(char::REPLACEMENT_CHARACTER);
                }
                *position = after;
                let scalar = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                char::from_u32(scalar).expect("a surrogate pair encodes a scalar value")
            }
            _ => return Err(error(JsonErrorKind::Escape)),
        })
    }

    fn hex4(bytes: &[u8], position: &mut usize) -> Result<u32> {
        let error = JsonError {
            position: *position,
            kind: JsonErrorKind::Escape,
        };
        let digits = bytes
            .get(*position..*position + 4)
            .ok_or_else(|| error.clone())?;
        *position += 4;
        digits.iter().try_fold(0, |unit, &digit| {
            char::from(digit)
                .to_digit(16)
                .map(|digit| unit * 16 + digit)
                .ok_or_else(|| error.clone())
        })
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError {
            position: self.position,
            kind,
        }
    }
}
