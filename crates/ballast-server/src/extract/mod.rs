//! What handlers take from a request, with refusals in the API's own words.

mod call_context;
mod json_body;
mod path;
mod query;

pub(crate) use call_context::{CallContext, Visitor};
pub(crate) use json_body::{JsonBody, MAX_BODY_BYTES};
pub(crate) use path::{
    CollectionPathParam, CollectionPathParams, EntityParam, FilePathParam, FilePathParams,
    PathParam, ProjectPathParam, ProjectPathParams, RunPathParam, RunPathParams, SweepPathParam,
    SweepPathParams, VersionFilePathParam, VersionFilePathParams, VersionPathParam,
    VersionPathParams,
};
pub(crate) use query::QueryString;
