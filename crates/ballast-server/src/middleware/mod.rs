//! What happens to every request, whichever handler answers it.

mod metrics;
mod panics;
mod request_id;

pub(crate) use metrics::{describe_metrics, measure_requests};
pub(crate) use panics::catch_panics;
pub use request_id::identify_requests;
pub(crate) use request_id::request_id_of;
