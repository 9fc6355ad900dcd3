//! The operations both front doors share.
