mod body;
mod smoothing;

use arrow::error::ArrowError;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures::Stream;

use self::body::{Requested, SeriesBody};
use super::arrow::{CONTENT_TYPE as ARROW, encode_groups, encode_series};
use crate::body::Binary;
use crate::error::ApiError;
use crate::extract::{CallContext, JsonBody, ProjectPathParam, ProjectPathParams};

/// Reads curves of several runs, or of groups of them, as an Arrow stream, exact within each column.
///
/// What is drawn are keys and expressions over keys, such as `log(loss)`, `${train/loss} - ${val/loss}` or `a - lag(a)`.
///
/// Without `groups`, one record per column of a run's curve: `run` and `key` (uint32) are places in the request, the keys
/// first, then the expressions; `x_min`, `x_max`, `min`, `max`, `first`, `last`, `mean` (float64) and `count`, `n_nan`,
/// `n_pos_inf`, `n_neg_inf` (uint32) are exact for the points in that range of x. Ordered by run, key, x. Numbers that
/// are not finite are only counted; `min` to `mean` are NaN where `count` is 0.
///
/// With `groups`, one record per column of a group's curve: `group` and `key` (uint32) are places in the request. Each
/// member that has finite points in that range of x has one value there, their mean: `n` (uint32) is how many members
/// have one; `mean`, `median`, `sd` (the sample's, of `n - 1` degrees of freedom), `se` (`sd / sqrt(n)`), `ci95_low` and
/// `ci95_high` (the 95 % interval of the mean by Student's t distribution) are over these values; `mean` and `median` are
/// NaN where `n` is 0, the others where it is less than 2. Over all points of all members: `x_min`, `x_max`, `min`, `max`
/// (float64, the latter two NaN where `count` is 0), `count` of finite ones and `n_non_finite` (uint64). Ordered by group,
/// key, x.
///
/// The schema's metadata has `points`: a JSON list of lists, by run or group and then by key, how many points each curve
/// stands for. If smoothing was asked for, it also has `smoothed`: as many booleans, false for a curve that is as logged
/// because it, or a member of the group, has more than 2,097,152 points, or because there is no such run. If stored rows
/// of some runs are damaged, these have no points, or count in no group, and the metadata has `errors`: a JSON list of
/// objects with the `run`'s id and a `message`.
#[utoipa::path(post, path = "/projects/{entity}/{project}/series", operation_id = "get_series", tag = "history",
    params(ProjectPathParams), request_body = SeriesBody,
    responses((status = 200, content_type = "application/vnd.apache.arrow.stream", body = inline(Binary))))]
#[tracing::instrument(name = "handler.history.series", skip_all,
    fields(project.name = %path.project, n_runs = body.n_runs(), n_groups = body.n_groups(),
        n_keys = body.n_keys(), n_expressions = body.n_expressions()))]
pub(crate) async fn handler(
    ctx: CallContext,
    path: ProjectPathParam,
    JsonBody(body): JsonBody<SeriesBody>,
) -> Result<Response, ApiError> {
    let (entity, project) = (&path.entity, &path.project);
    let tracking = ctx.tracking();
    match body.into_request()? {
        Requested::Runs(request) => {
            let curves = tracking
                .series(&ctx.caller, entity, project, &request)
                .await?;
            Ok(arrow_response(encode_series(curves, &request)?))
        }
        Requested::Groups(request) => {
            let curves = tracking
                .group_series(&ctx.caller, entity, project, &request)
                .await?;
            Ok(arrow_response(encode_groups(curves, &request)?))
        }
    }
}

fn arrow_response(
    stream: impl Stream<Item = Result<Bytes, ArrowError>> + Send + 'static,
) -> Response {
    ([(CONTENT_TYPE, ARROW)], Body::from_stream(stream)).into_response()
}
