//! JSON as training scripts really send it.
//!
//! Python and Go write NaN, Infinity and -Infinity as bare words, integers beyond 64 bits, and floats that must come
//! back bit by bit. A strict parser refuses the first and bends the others, so config, summary and history go
//! through this module instead: [`Reader`] pulls tokens without building a tree (the history engine parses lines
//! straight into columns with it), [`Value`] is the tree where one is wanted.

mod read;
mod value;

pub use read::{JsonError, JsonErrorKind, Kind, MAX_DEPTH, Number, Reader};
pub use value::{Map, Value};
