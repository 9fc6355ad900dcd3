//! Test servers, clock and builders; a dev-dependency only.
