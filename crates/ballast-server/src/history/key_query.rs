use ballast_model::MetricName;
use ballast_tracking::history::KeyFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{ApiError, ErrorCode};

/// Which keys to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeyQuery {
    /// Only keys whose label contains this, in any case.
    pub(super) search: Option<String>,
    /// Only keys whose label this regular expression matches somewhere.
    pub(super) pattern: Option<String>,
    /// At most so many; all if not given.
    #[param(minimum = 1)]
    pub(super) limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

impl KeyQuery {
    pub(super) fn filter(&self) -> Result<KeyFilter, ApiError> {
        let (search, pattern) = (self.search.as_deref(), self.pattern.as_deref());
        let filter = KeyFilter::new(search, pattern)
            .map_err(|error| ApiError::new(ErrorCode::InvalidQuery, error.to_string()))?;
        let after = self.cursor.as_deref().map(MetricName::from_stored);
        Ok(filter.page(after, self.limit.map(|limit| limit.max(1))))
    }
}
