//! How many requests, and how long they take.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

/// Requests answered, by method, route and status.
const REQUESTS: &str = "ballast.http.requests";
/// Time from the request's head to the answer's head, by method and route.
const LATENCY: &str = "ballast.http.latency";

/// Tells the recorder what the metrics of this crate mean.
pub(crate) fn describe_metrics() {
    describe_counter!(
        REQUESTS,
        Unit::Count,
        "requests answered, by method, route and status"
    );
    describe_histogram!(
        LATENCY,
        Unit::Seconds,
        "time from the head of a request to the head of its answer, by method and route"
    );
}

/// Counts and times the request. Its label is the route's pattern, never the path, of which there are too many.
pub(crate) async fn measure_requests(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "page".to_owned(), |matched| matched.as_str().to_owned());
    let response = next.run(request).await;
    histogram!(LATENCY, "method" => method, "route" => route.clone()).record(started.elapsed());
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// The method as a label. Clients can invent methods, so those that no route has share one.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
