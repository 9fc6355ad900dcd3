//! What runs are filtered and sorted by.

use ballast_model::json::Value;

use super::Run;
use crate::filter::FieldOf;

pub use crate::filter::{Test, compare};

/// A condition on a run.
pub type Predicate = crate::filter::Predicate<Field>;

/// One key of an order of runs.
pub type OrderKey = crate::filter::OrderKey<Field>;

/// Something about a run that can be tested and sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The short id.
    Id,
    /// The title.
    DisplayName,
    /// The state, by name.
    State,
    /// The tags; a test fits if it fits any of them, or the list.
    Tags,
    /// The group.
    Group,
    /// The job type.
    JobType,
    /// The host name.
    Host,
    /// The sweep.
    Sweep,
    /// The username of whoever started it.
    User,
    /// The git commit.
    Commit,
    /// The notes.
    Notes,
    /// When it was made, as RFC 3339 text.
    CreatedAt,
    /// When it last reported, as RFC 3339 text.
    HeartbeatAt,
    /// Seconds from start to end or last report.
    Duration,
    /// A config value: the keys from the top, outermost first.
    Config(Vec<String>),
    /// A summary value: the keys from the top, outermost first.
    Summary(Vec<String>),
    /// Whether a key was ever logged, by its summary.
    LoggedKey(String),
    /// A field that no run has.
    Unknown,
}

impl FieldOf<Run> for Field {
    fn value(&self, run: &Run) -> Value {
        let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
        match self {
            Self::Id => Value::from(run.id.as_str()),
            Self::DisplayName => Value::from(run.display_name.as_str()),
            Self::State => Value::from(run.state.as_str()),
            Self::Tags => Value::List(
                run.tags
                    .iter()
                    .map(|tag| Value::from(tag.as_str()))
                    .collect(),
            ),
            Self::Group => optional(&run.group),
            Self::JobType => optional(&run.job_type),
            Self::Host => optional(&run.host),
            Self::Sweep => optional(&run.sweep),
            Self::User => Value::from(run.user.as_str()),
            Self::Commit => optional(&run.git_commit),
            Self::Notes => optional(&run.notes),
            Self::CreatedAt => Value::String(run.created_at.to_string()),
            Self::HeartbeatAt => Value::String(run.heartbeat_at.to_string()),
            Self::Duration => Value::Float(run.duration_s()),
            Self::Config(path) => find(run.config.get(&path[0]), &path[1..]),
            Self::Summary(path) => find_dotted(&run.summary, path),
            Self::LoggedKey(key) => {
                let path: Vec<String> = key.split('.').map(str::to_owned).collect();
                find_dotted(&run.summary, &path)
            }
            Self::Unknown => Value::Null,
        }
    }
}

fn find(value: Option<&Value>, path: &[String]) -> Value {
    let mut value = value;
    for key in path {
        value = value.and_then(|value| value.get(key));
    }
    value.cloned().unwrap_or(Value::Null)
}

/// Finds a value by a path whose keys may themselves have been cut at dots: `a.b` is looked up as the nested
/// member and as the literal key.
pub(crate) fn find_dotted(map: &ballast_model::json::Map, path: &[String]) -> Value {
    (1..=path.len())
        .rev()
        .find_map(|n| {
            let value = map.get(&path[..n].join("."))?;
            Some(if n == path.len() {
                value.clone()
            } else {
                find_dotted(value.as_map()?, &path[n..])
            })
        })
        .unwrap_or(Value::Null)
}
