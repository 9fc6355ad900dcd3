//! Lists for people: columns that line up.

use std::fmt;

/// A table with a heading, its columns two spaces apart.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(crate) fn new(heading: [&str; N]) -> Self {
        Self {
            rows: vec![heading.map(str::to_owned)],
        }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: [String; N]) {
        self.rows.push(row);
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        for (index, row) in self.rows.iter().enumerate() {
            let cells = row.iter().enumerate();
            let padded = cells.map(|(column, cell)| format!("{cell:<0$}", width(column)));
            let line = padded.collect::<Vec<_>>().join("  ");
            let line_break = if index == 0 { "" } else { "\n" };
            write!(formatter, "{line_break}{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["name", "email", "role"]);
        table.add(["ada".to_owned(), String::new(), "admin".to_owned()]);
        table.add([
            "grace".to_owned(),
            "g@example.org".to_owned(),
            "user".to_owned(),
        ]);
        assert_eq!(
            table.to_string(),
            "name   email          role\nada                   admin\ngrace  g@example.org  user"
        );
    }
}
