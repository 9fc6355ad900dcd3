//! Where the server listens and what it is called.

use std::net::SocketAddr;

use url::Url;

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::parse;
use super::sources::Sources;

static LISTEN: Key<SocketAddr> = Key {
    info: KeyInfo {
        name: "listen",
        placeholder: "ADDR:PORT",
        doc: "The address and port to listen on. `0.0.0.0:8080` listens on every network, and port 0 takes a free one. Ballast speaks plain HTTP; put a proxy that speaks HTTPS in front of it where others can listen in.",
        expected: "an IP address and a port, such as `127.0.0.1:8080`",
        default: DefaultValue::Text("127.0.0.1:8080"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: socket_address,
};

static PUBLIC_URL: Key<Url> = Key {
    info: KeyInfo {
        name: "public_url",
        placeholder: "URL",
        doc: "The address at which people and clients reach the server, for the links that it gives out. Needed behind a proxy.",
        expected: "an `http://` or `https://` address without a path, such as `https://ballast.example.org`",
        default: DefaultValue::Unset("the address that it listens on"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::origin,
};

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Server",
    keys: &[&LISTEN.info, &PUBLIC_URL.info],
};

/// Where the server listens and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<Url>,
}

impl Server {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: sources.value(&LISTEN)?,
            public_url: sources.lookup(&PUBLIC_URL)?,
        })
    }
}

/// An address and a port; `localhost` is the address of this machine.
fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    numeric.parse().map_err(|_| String::new())
}
