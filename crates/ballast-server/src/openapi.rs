//! The API's description of itself.

use axum::http::StatusCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Paths,
    Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;

use crate::error::ErrorBody;
use crate::router;
use crate::routes::API_ROOT;

const DESCRIPTION: &str = "The native API of Ballast. Errors carry a stable `code`; `docs/reference/errors.md` lists \
     them. Times are RFC 3339 in UTC. Numbers that JSON cannot write are the strings `NaN`, `Infinity` and `-Infinity`.";

/// The description of every operation under `/api/v1`.
pub fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Ballast")
        .description(Some(DESCRIPTION))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let base = OpenApiBuilder::new().info(info).build();
    let mut document = OpenApiRouter::with_openapi(base)
        .nest(API_ROOT, router::api())
        .into_openapi();
    let components = document.components.get_or_insert_with(Components::new);
    add_security(components);
    components
        .schemas
        .insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    document.security = Some(["session", "bearer", "basic"].map(requirement).to_vec());
    document.paths = documented_paths(document.paths);
    document
}

/// [`openapi`] as JSON text, ending in a line break; the same text for the same code.
pub fn openapi_json() -> String {
    let mut text = openapi()
        .to_pretty_json()
        .expect("the description is plain JSON");
    text.push('\n');
    text
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, Vec::<String>::new())
}

fn add_security(components: &mut Components) {
    let cookie = ApiKeyValue::with_description(
        "ballast_session",
        "Set by signing in. Requests that change something must come from a page of the server.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    components.add_security_scheme(
        "basic",
        SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)),
    );
}

/// The paths as OpenAPI writes them, each operation with the error answer that all share.
fn documented_paths(paths: Paths) -> Paths {
    let mut documented = Paths::new();
    for (path, mut item) in paths.paths {
        for operation in operations(&mut item) {
            describe_statuses(operation);
            operation
                .responses
                .responses
                .insert("default".to_owned(), error_response().into());
        }
        // The router marks a parameter that may hold slashes; OpenAPI knows no such thing.
        documented.paths.insert(path.replace("{*", "{"), item);
    }
    documented
}

/// Answers must have a description; where none says more, it is the status in words.
fn describe_statuses(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let words = StatusCode::from_bytes(status.as_bytes())
            .ok()
            .and_then(|status| status.canonical_reason());
        if let (RefOr::T(response), Some(words)) = (response, words)
            && response.description.is_empty()
        {
            words.clone_into(&mut response.description);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
}

fn error_response() -> Response {
    ResponseBuilder::new()
        .description("A refusal or failure.")
        .content(
            "application/json",
            Content::new(Some(Ref::from_schema_name(ErrorBody::name()))),
        )
        .build()
}
