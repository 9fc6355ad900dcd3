//! The registry of error codes.

use axum::http::StatusCode;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:ident, $doc:literal;)+) => {
        /// What went wrong, as a program reads it: a stable name, its status, and what it means.
        ///
        /// A code keeps its name, status and meaning for good. A new case gets a new code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = $doc] $name,)+
        }

        impl ErrorCode {
            /// Every code, by status.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in the field `code` of an error body.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// When it is sent, in a sentence or two of Markdown.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc,)+ }
            }
        }
    };
}

codes! {
    InvalidJson = "invalid_json", BAD_REQUEST,
        "The request body is not JSON. The message names the line and column.";
    InvalidQuery = "invalid_query", BAD_REQUEST,
        "The query string cannot be read: a parameter has the wrong type or an unknown value, or is missing.";
    AuthenticationRequired = "authentication_required", UNAUTHORIZED,
        "The request carries no API key and no valid session.";
    InvalidApiKey = "invalid_api_key", UNAUTHORIZED,
        "The API key in the `Authorization` header is not known, was revoked, or the header cannot be read.";
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED,
        "Username and password do not belong together.";
    SignInLinkInvalid = "sign_in_link_invalid", UNAUTHORIZED,
        "The sign-in link was used, has expired, or never existed.";
    Forbidden = "forbidden", FORBIDDEN,
        "The caller may see the thing, but may not do this to it.";
    CrossOriginRefused = "cross_origin_refused", FORBIDDEN,
        "A request that changes something came with a session cookie, but without proof that one of our own pages \
         sent it: `Sec-Fetch-Site: same-origin` or a matching `Origin`. Programs should use an API key.";
    RouteNotFound = "route_not_found", NOT_FOUND,
        "There is no such path in the API.";
    NotFound = "not_found", NOT_FOUND,
        "The thing does not exist, or the caller may not know that it does.";
    EntityNotFound = "entity_not_found", NOT_FOUND,
        "The entity does not exist or is not the caller's.";
    ProjectNotFound = "project_not_found", NOT_FOUND,
        "The project does not exist or is not the caller's.";
    RunNotFound = "run_not_found", NOT_FOUND,
        "The run does not exist, is in the bin, or is not the caller's.";
    SweepNotFound = "sweep_not_found", NOT_FOUND,
        "The sweep does not exist or is not the caller's.";
    FileNotFound = "file_not_found", NOT_FOUND,
        "The run or the version of an artifact has no such file.";
    CollectionNotFound = "collection_not_found", NOT_FOUND,
        "The artifact collection does not exist, was deleted, or is not the caller's.";
    VersionNotFound = "version_not_found", NOT_FOUND,
        "The collection has no version of this number or alias.";
    UserNotFound = "user_not_found", NOT_FOUND,
        "There is no user of this name.";
    ApiKeyNotFound = "api_key_not_found", NOT_FOUND,
        "The caller has no API key of this id.";
    ChartDefinitionNotFound = "chart_definition_not_found", NOT_FOUND,
        "The entity has no chart definition of this name, or is not the caller's.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        "The path exists, but not with this method. The header `Allow` lists those that do.";
    Conflict = "conflict", CONFLICT,
        "What was asked contradicts what is stored; for example, the name is taken.";
    RunDeleted = "run_deleted", GONE,
        "The run is in the bin. Restore it, or purge it to use its id again.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE,
        "The request body, or a part of it, is larger than the server accepts. The message names the limit.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        "The request body is not declared as `application/json`.";
    RangeNotSatisfiable = "range_not_satisfiable", RANGE_NOT_SATISFIABLE,
        "The requested range lies outside the file. The header `Content-Range` names the file's size.";
    InvalidBody = "invalid_body", UNPROCESSABLE_ENTITY,
        "The request body is JSON of the wrong shape: a field is missing, unknown or of another type.";
    InvalidName = "invalid_name", UNPROCESSABLE_ENTITY,
        "A name or path in the request can name nothing. The message says what is expected.";
    NotATable = "not_a_table", UNPROCESSABLE_ENTITY,
        "The file is no table: its name ends in none of `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.table.json` and `.parquet`.";
    InvalidValue = "invalid_value", UNPROCESSABLE_ENTITY,
        "A value in the request makes no sense. The message says which and why.";
    TooManySignIns = "too_many_sign_ins", TOO_MANY_REQUESTS,
        "Too many attempts to sign in as this user from this address. `Retry-After` says how long to wait.";
    HistoryDamaged = "history_damaged", INTERNAL_SERVER_ERROR,
        "Stored rows are gone or damaged. The message names the chunk or object; trying again does not help.";
    InternalError = "internal_error", INTERNAL_SERVER_ERROR,
        "A fault of the server. Its log has the details under the request id.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "The database, the blob store or the disk cannot take the request now. `Retry-After` says when to try again.";
}

impl ErrorCode {
    /// The code for a missing thing of the kind `what`.
    pub(crate) fn not_found(what: &str) -> Self {
        match what {
            "entity" => Self::EntityNotFound,
            "project" => Self::ProjectNotFound,
            "run" => Self::RunNotFound,
            "sweep" => Self::SweepNotFound,
            "file" => Self::FileNotFound,
            "artifact collection" => Self::CollectionNotFound,
            "artifact version" | "version" => Self::VersionNotFound,
            "user" => Self::UserNotFound,
            "API key" => Self::ApiKeyNotFound,
            "chart definition" => Self::ChartDefinitionNotFound,
            _ => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_sorted_by_status() {
        let names: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.is_sorted_by_key(|code| code.status().as_u16()));
    }

    #[test]
    fn codes_are_snake_case() {
        for code in ErrorCode::ALL {
            assert!(
                code.as_str()
                    .chars()
                    .all(|character| character.is_ascii_lowercase() || character == '_'),
                "{code:?}"
            );
        }
    }
}
