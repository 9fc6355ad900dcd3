//! The native HTTP API and the embedded web UI.
