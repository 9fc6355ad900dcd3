//! What the server says about itself.

use async_graphql::{Object, SimpleObject};
use ballast_model::json::{Map, Value};

use super::scalars::Json;

/// Features that are switched on, by the names that the client asks for. What is not listed is off.
const FEATURES: &[&str] = &[
    "ARTIFACT_COLLECTIONS_FILTERING_SORTING",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER",
    "ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
    "ARTIFACT_REGISTRY_SEARCH",
    "ARTIFACT_TAGS",
    "ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID",
    "CLIENT_IDS",
    "FILESTREAM_GZIP",
    "INCLUDE_ARTIFACT_TYPES_IN_REGISTRY_CREATION",
    "LARGE_FILENAMES",
    "MARK_RUN_FILES_UPLOADED",
    "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
    "STRUCTURED_CONSOLE_LOGS",
    "SWEEPS_LOCAL_SCHEDULER",
    "SWEEPS_QUERY_FILTERING",
    "TOTAL_COUNT_IN_FILE_CONNECTION",
    "UPDATE_RUN_STATE",
    "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
];

/// The oldest client that is supported.
const OLDEST_CLIENT: &str = "0.18.0";
/// No client is too new: unknown operations get an error of their own.
const NEWEST_CLIENT: &str = "9999.0.0";

/// Facts about the server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ServerInfo;

#[Object]
impl ServerInfo {
    /// Optional parts of the protocol that the server has.
    async fn features(&self) -> Vec<ServerFeature> {
        FEATURES
            .iter()
            .map(|&name| ServerFeature {
                name,
                is_enabled: true,
            })
            .collect()
    }

    /// The client versions that the server knows.
    async fn cli_version_info(&self) -> Json {
        let version = |key: &str, version: &str| (key.to_owned(), Value::from(version));
        let versions = [
            version("min_cli_version", OLDEST_CLIENT),
            version("max_cli_version", NEWEST_CLIENT),
        ];
        Json(Value::Map(Map::from_iter(versions)))
    }

    /// Whether a newer server is out: never told.
    async fn latest_local_version_info(&self) -> Option<LocalVersionInfo> {
        None
    }
}

/// An optional part of the protocol.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub(crate) struct ServerFeature {
    name: &'static str,
    is_enabled: bool,
}

/// Whether a newer server is out.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct LocalVersionInfo {
    out_of_date: Option<bool>,
    latest_version_string: Option<String>,
    version_on_this_instance_string: Option<String>,
}

/// Messages for the user of an old client: none.
#[derive(Debug, Clone, Default, SimpleObject)]
pub(crate) struct ServerSettings {
    server_messages: Vec<ServerMessage>,
}

/// A message for the user of an old client.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ServerMessage {
    utf_text: Option<String>,
    plain_text: Option<String>,
    html_text: Option<String>,
    message_type: Option<String>,
    message_level: Option<i64>,
}
