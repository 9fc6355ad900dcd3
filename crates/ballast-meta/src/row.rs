//! Values on their way between records and rows.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use ballast_model::Timestamp;
use sea_orm::{QueryResult, TryGetable};

use crate::MetaError;

/// A row of `table`, read by column name.
pub(crate) struct Row {
    table: &'static str,
    result: QueryResult,
}

/// A record that is read from one row.
pub(crate) trait FromRow: Sized {
    /// The table, for errors.
    const TABLE: &'static str;

    fn from_row(row: &Row) -> Result<Self, MetaError>;
}

impl Row {
    pub(crate) fn new(table: &'static str, result: QueryResult) -> Self {
        Self { table, result }
    }

    /// The same row, read for the record of another table that was joined in.
    pub(crate) fn read<R: FromRow>(self) -> Result<(R, Self), MetaError> {
        let row = Self {
            table: R::TABLE,
            ..self
        };
        Ok((R::from_row(&row)?, row))
    }

    pub(crate) fn get<T: TryGetable>(&self, column: &'static str) -> Result<T, MetaError> {
        Ok(self.result.try_get_by(column)?)
    }

    /// A count, size or line number, which the database keeps as a non-negative `i64`.
    pub(crate) fn count(&self, column: &'static str) -> Result<u64, MetaError> {
        u64::try_from(self.get::<i64>(column)?).map_err(|error| self.corrupt(column, &error))
    }

    pub(crate) fn lines(&self) -> Result<Range<u64>, MetaError> {
        Ok(self.count("first_line")?..self.count("end_line")?)
    }

    /// The steps of a chunk or segment: both ends or none.
    pub(crate) fn steps(&self) -> Result<Option<(i64, i64)>, MetaError> {
        Ok(self
            .get::<Option<i64>>("min_step")?
            .zip(self.get("max_step")?))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, MetaError> {
        Timestamp::from_microsecond(self.get(column)?).map_err(|error| self.corrupt(column, &error))
    }

    pub(crate) fn optional_time(
        &self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, MetaError> {
        self.get::<Option<i64>>(column)?
            .map(|at| Timestamp::from_microsecond(at).map_err(|error| self.corrupt(column, &error)))
            .transpose()
    }

    /// A text that a domain type checks.
    pub(crate) fn parse<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
    ) -> Result<T, MetaError> {
        self.get::<String>(column)?
            .parse()
            .map_err(|error: T::Err| self.corrupt(column, &error))
    }

    pub(crate) fn digest<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], MetaError> {
        let bytes: Vec<u8> = self.get(column)?;
        <[u8; N]>::try_from(bytes)
            .map_err(|bytes| self.corrupt(column, &format!("{} bytes instead of {N}", bytes.len())))
    }

    pub(crate) fn optional_digest<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<Option<[u8; N]>, MetaError> {
        match self.get::<Option<Vec<u8>>>(column)? {
            Some(_) => self.digest(column).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn corrupt(&self, column: &'static str, reason: &impl Display) -> MetaError {
        MetaError::Corrupt {
            table: self.table,
            column,
            reason: reason.to_string(),
        }
    }
}

/// A count, size or line number for the database. An open end (`u64::MAX`) becomes the largest number there is.
pub(crate) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An instant for the database: microseconds, rounded towards the epoch.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Free text for the database. PostgreSQL cannot store NUL in text, so both databases get `U+FFFD` for it.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// [`text`] for a field that may be empty.
pub(crate) fn optional_text(value: Option<&str>) -> Option<String> {
    value.map(text)
}

/// How names and searched texts are compared: without regard to case.
pub(crate) fn folded(name: &str) -> String {
    text(&name.to_lowercase())
}

/// A pattern for `LIKE … ESCAPE '\'` that matches `literal` and nothing else.
pub(crate) fn escaped_pattern(literal: &str) -> String {
    let mut pattern = String::with_capacity(literal.len());
    for c in literal.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// How many values one statement names in a list. Longer lists are read in parts: SQLite allows 32,766 parameters.
pub(crate) const LIST_PART: usize = 500;
