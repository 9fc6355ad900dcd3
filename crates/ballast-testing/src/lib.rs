//! What tests need around the code under test: a clock that stands still, seeded chance, an S3 server in process, and
//! databases on a PostgreSQL server.
//!
//! A dev-dependency only; nothing here is part of the `ballast` binary. It knows the domain types and the outside
//! protocols it imitates, but none of the crates under test.

pub mod clock;
pub mod entropy;
pub mod postgres;
pub mod s3;

pub use clock::TestClock;
pub use entropy::SeededEntropy;
