//! The web app, embedded in the binary.

mod asset;
mod pages;
mod site;

pub(crate) use pages::answer;
pub(crate) use site::Site;
