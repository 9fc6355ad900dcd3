//! Structured logs on stderr.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::logging::{LogFormat, Logging};

/// Starts logging. A line names its time, level and target, its fields, and the request it belongs to.
pub(crate) fn start(logging: &Logging) {
    // At info, the migrator says at every start that there is nothing to do. A level for it in the setting wins.
    let filter = EnvFilter::new(format!("sea_orm_migration=warn,{}", logging.level));
    let registry = tracing_subscriber::registry().with(filter);
    match logging.format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(io::stderr).with_ansi(false))
            .init(),
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false)
                    .with_writer(io::stderr),
            )
            .init(),
    }
}

/// Starts logging for commands of the shell, which speak for themselves: warnings and errors, as text.
pub(crate) fn start_quietly() {
    start(&Logging {
        format: LogFormat::Text,
        level: "warn".to_owned(),
    });
}
