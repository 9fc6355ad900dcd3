//! From what the GraphQL library answers to what the client understands.

use std::time::Duration;

use async_graphql::{Response, ServerError};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use ballast_tracking::{RETRY_AFTER, TrackingError};
use serde_json::{Map, Value, json};

use crate::refusal::{Refusal, log_fault, status_of};

/// An error of an answer, with the status it calls for.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    retry_after: Option<Duration>,
    message: String,
}

impl Problem {
    fn of(error: &ServerError) -> Self {
        if let Some(error) = error.source::<TrackingError>() {
            log_fault(error);
            let retry_after = matches!(error, TrackingError::Unavailable(_)).then_some(RETRY_AFTER);
            Self {
                status: status_of(error),
                retry_after,
                message: error.to_string(),
            }
        } else if let Some(refusal) = error.source::<Refusal>() {
            Self {
                status: refusal.status,
                retry_after: refusal.retry_after,
                message: refusal.message.clone(),
            }
        } else {
            // The library itself refuses: the document or its variables do not fit the schema.
            Self {
                status: StatusCode::BAD_REQUEST,
                retry_after: None,
                message: client_wording(&error.message),
            }
        }
    }
}

/// The message as the client's own checks look for it.
fn client_wording(message: &str) -> String {
    match message.strip_prefix("Unknown field ") {
        // `Unknown field "f" on type "T".` and maybe a suggestion.
        Some(rest) => format!("Cannot query field {rest}"),
        None if message.starts_with("Unknown type ") && !message.ends_with('.') => {
            format!("{message}.")
        }
        None => message.to_owned(),
    }
}

/// What of the schema a refused document named that does not exist, as `Type.field` or a type; `None` if that was not
/// the reason.
pub(super) fn unknown_name(response: &Response) -> Option<String> {
    let quoted =
        |text: &str, position: usize| text.split('"').nth(2 * position + 1).map(str::to_owned);
    response.errors.iter().find_map(|error| {
        let message = &error.message;
        if message.starts_with("Unknown field ") {
            Some(format!("{}.{}", quoted(message, 1)?, quoted(message, 0)?))
        } else if message.starts_with("Unknown argument ") {
            Some(format!(
                "{}.{}({})",
                quoted(message, 2)?,
                quoted(message, 1)?,
                quoted(message, 0)?
            ))
        } else if message.starts_with("Unknown type ") {
            quoted(message, 0)
        } else {
            None
        }
    })
}

/// Whether the library refused the request before any of it was executed.
pub(super) fn was_refused(response: &Response) -> bool {
    response
        .errors
        .iter()
        .any(|error| error.path.is_empty() && error.source.is_none())
}

/// Turns an answer into HTTP.
///
/// Errors decide the status, because the client's patience and its wording depend on it: with 4xx it gives up at once
/// and shows the message. A fault of ours outweighs storage that is away, which outweighs what the user did.
pub(super) fn to_http(response: Response) -> axum::response::Response {
    let problems: Vec<Problem> = response.errors.iter().map(Problem::of).collect();
    let status = problems
        .iter()
        .map(|problem| problem.status)
        .find(|&status| status == StatusCode::INTERNAL_SERVER_ERROR)
        .or_else(|| {
            problems
                .iter()
                .map(|problem| problem.status)
                .find(StatusCode::is_server_error)
        })
        .or_else(|| problems.first().map(|problem| problem.status))
        .unwrap_or(StatusCode::OK);
    let mut body = Map::new();
    body.insert(
        "data".to_owned(),
        response.data.into_json().unwrap_or(Value::Null),
    );
    if !problems.is_empty() {
        let errors = problems
            .iter()
            .zip(&response.errors)
            .map(|(problem, error)| {
                let mut entry = json!({ "message": problem.message });
                if !error.path.is_empty() {
                    entry["path"] = json!(error.path);
                }
                entry
            });
        body.insert("errors".to_owned(), Value::Array(errors.collect()));
    }
    let mut answer = (status, axum::Json(Value::Object(body))).into_response();
    if let Some(wait) = problems.iter().find_map(|problem| problem.retry_after) {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wording_is_the_reference_implementation_s() {
        for (ours, theirs) in [
            (
                r#"Unknown field "f" on type "T"."#,
                r#"Cannot query field "f" on type "T"."#,
            ),
            (r#"Unknown type "T""#, r#"Unknown type "T"."#),
            (
                r#"Unknown argument "a" on field "f" of type "T"."#,
                r#"Unknown argument "a" on field "f" of type "T"."#,
            ),
        ] {
            assert_eq!(client_wording(ours), theirs);
        }
    }

    #[test]
    fn unknown_names_are_told() {
        let name = |message: &str| {
            unknown_name(&Response::from_errors(vec![ServerError::new(
                message, None,
            )]))
        };
        assert_eq!(
            name(r#"Unknown field "f" on type "T"."#).as_deref(),
            Some("T.f")
        );
        assert_eq!(
            name(r#"Unknown argument "a" on field "f" of type "T"."#).as_deref(),
            Some("T.f(a)")
        );
        assert_eq!(name(r#"Unknown type "T""#).as_deref(), Some("T"));
        assert_eq!(name("something else"), None);
    }

    #[test]
    fn faults_outweigh_mistakes() {
        let error = |refusal: Refusal| {
            let error = async_graphql::Error::new_with_source(refusal);
            error.into_server_error(async_graphql::Pos::default())
        };
        let mistake = || error(Refusal::not_found("run", "x"));
        let away = || error(TrackingError::Unavailable("gone".into()).into());
        assert_eq!(
            to_http(Response::from_errors(vec![mistake()])).status(),
            StatusCode::NOT_FOUND
        );
        let answer = to_http(Response::from_errors(vec![mistake(), away()]));
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "2");
        assert_eq!(
            to_http(Response::new(async_graphql::Value::Null)).status(),
            StatusCode::OK
        );
    }
}
