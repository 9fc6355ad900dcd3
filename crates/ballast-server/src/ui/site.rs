//! All files of the web app.

#[cfg(test)]
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use rust_embed::RustEmbed;

use super::asset::Asset;

/// What `cargo xtask build` leaves of the web app; nothing in a plain cargo build.
#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// All files of the web app, by path without a leading slash.
#[derive(Debug, Default)]
pub(crate) struct Site {
    assets: HashMap<String, Asset>,
}

impl Site {
    /// The files in the binary.
    pub(crate) fn embedded() -> Self {
        let files = Dist::iter().filter_map(|path| {
            let file = Dist::get(&path)?;
            let digest = hexadecimal(&file.metadata.sha256_hash()[..16]);
            let asset = Asset::new(&path, file.data, digest);
            Some((path.into_owned(), asset))
        });
        Self {
            assets: files.collect(),
        }
    }

    /// Files of a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&'static str, &'static str)]) -> Self {
        let assets = files.iter().map(|&(path, text)| {
            let digest = hexadecimal(path.as_bytes());
            (
                path.to_owned(),
                Asset::new(path, Cow::Borrowed(text.as_bytes()), digest),
            )
        });
        Self {
            assets: assets.collect(),
        }
    }

    /// The file at `path`, without a leading slash.
    pub(crate) fn lookup(&self, path: &str) -> Option<&Asset> {
        self.assets.get(path)
    }

    /// The page that every address of the app opens.
    pub(crate) fn index(&self) -> Option<&Asset> {
        self.lookup("index.html")
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
