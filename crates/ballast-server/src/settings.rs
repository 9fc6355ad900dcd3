//! What the binary decides about the server.

use tokio_util::sync::CancellationToken;
use url::Url;

/// How the API and the pages present themselves.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The address under which people and clients reach the server; hints name pages below it. With `https`, the
    /// session cookie is sent over TLS only. `None` if only the request tells.
    pub public_url: Option<Url>,
    /// The version of Ballast.
    pub version: String,
    /// Ends the streams of live events, which would hold up a shutdown for ever.
    pub shutdown: CancellationToken,
}

impl ServerSettings {
    /// Settings of a server of the given version that is reached under whatever address requests name.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            public_url: None,
            version: version.into(),
            shutdown: CancellationToken::new(),
        }
    }
}
