//! Metric history as codec and query engine.
