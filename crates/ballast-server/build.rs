//! Makes cargo embed the web app anew when it was built anew.

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo runs a build script that watches a missing folder on every build. So the folder, which git ignores,
    // exists at least empty; `xtask build` fills it. Should that fail, watching the missing folder is right.
    let dist = Path::new("../../ui/dist");
    if fs::create_dir_all(dist).is_err() {
        println!("cargo::warning=could not create `ui/dist`");
    }
    println!("cargo::rerun-if-changed={}", dist.display());
}
