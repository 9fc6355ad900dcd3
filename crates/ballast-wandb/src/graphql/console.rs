//! Console lines of a run.

use async_graphql::{Result, SimpleObject};
use ballast_model::RunPath;
use ballast_tracking::console::{ConsoleRequest, NumberedLine};

use super::access::Access;
use super::connection::Connection;
use crate::refusal::Refusal;

/// Most lines of one answer.
const MAX_LINES: usize = 100_000;
/// Lines of one page where the request names no number.
const DEFAULT_LINES: usize = 1000;

/// A console line.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "LogLine")]
pub(crate) struct LogLineNode {
    /// Counted from 0.
    number: i64,
    timestamp: Option<String>,
    level: Option<String>,
    label: Option<String>,
    /// The text alone.
    line: String,
}

impl From<NumberedLine> for LogLineNode {
    fn from(numbered: NumberedLine) -> Self {
        Self {
            number: numbered.number as i64,
            timestamp: numbered.line.time,
            level: numbered.line.level,
            label: numbered.line.label,
            line: numbered.line.text,
        }
    }
}

/// The lines behind cursor `after`, or the last ones. Cursors are line numbers.
pub(crate) async fn log_lines(
    access: &Access,
    run: &RunPath,
    n_lines: u64,
    first: Option<i64>,
    after: Option<&str>,
    last: Option<i64>,
) -> Result<Connection<LogLineNode>> {
    let count = |number: i64| usize::try_from(number).unwrap_or(0).min(MAX_LINES);
    let (from, limit) = match (last, after) {
        (Some(last), _) => {
            let limit = count(last);
            (n_lines.saturating_sub(limit as u64), limit)
        }
        (None, Some(cursor)) => {
            let from = cursor
                .parse()
                .map_err(|_| Refusal::invalid("`after` is no cursor of this list"))?;
            (from, first.map_or(DEFAULT_LINES, count))
        }
        (None, None) => (0, first.map_or(DEFAULT_LINES, count)),
    };
    let mut lines: Vec<LogLineNode> = Vec::new();
    let mut total = n_lines;
    while lines.len() < limit {
        let request = ConsoleRequest {
            from: from + lines.len() as u64,
            limit: limit - lines.len(),
            tail: false,
            search: None,
        };
        let page = access
            .tracking
            .console_lines(&access.caller, run, &request)
            .await?;
        total = page.total;
        if page.items.is_empty() {
            break;
        }
        lines.extend(page.items.into_iter().map(LogLineNode::from));
    }
    Ok(Connection::page(lines, from as usize, total as usize))
}
