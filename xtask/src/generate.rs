//! `cargo xtask generate`: files that are made from code, committed, and checked for freshness.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment::Workspace;
use crate::{output, process, test, web};

/// What `ballast reference <name>` prints, and the file that holds it.
const REFERENCES: &[(&str, &str)] = &[
    ("configuration", "docs/reference/configuration.md"),
    ("commands", "docs/reference/commands.md"),
    ("errors", "docs/reference/errors.md"),
    ("openapi", OPENAPI),
    ("graphql", "docs/reference/wandb.graphql"),
];

/// The description of the native API, from which the TypeScript types are made.
const OPENAPI: &str = "ui/openapi.json";
const TYPESCRIPT_TYPES: &str = "ui/src/api/generated.ts";

/// Write or check.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail if a file is not what would be written
    #[arg(long)]
    check: bool,
}

/// Writes the generated files, or checks them.
///
/// # Errors
/// If a generator fails or, when checking, a file is stale.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let binary = test::build_binary(workspace)?;
    if arguments.check {
        return check(workspace, &binary);
    }
    for (path, content) in generate(workspace, &binary)? {
        let file = workspace.root.join(path);
        if fs::read_to_string(&file).is_ok_and(|current| current == content) {
            continue;
        }
        let folder = file.parent().expect("a generated file is in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, content))
            .with_context(|| format!("could not write `{path}`"))?;
        output::note(&format!("wrote `{path}`"));
    }
    Ok(())
}

/// Compares every generated file with what `binary` would make of it.
///
/// # Errors
/// If a generator fails or files are stale; the message names all of them.
pub(crate) fn check(workspace: &Workspace, binary: &Path) -> Result<()> {
    let stale: Vec<&str> = generate(workspace, binary)?
        .into_iter()
        .filter(|(path, content)| {
            fs::read_to_string(workspace.root.join(path)).ok().as_ref() != Some(content)
        })
        .map(|(path, _)| path)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "stale: `{}`; run `cargo xtask generate` and commit",
        stale.join("`, `")
    );
}

/// Every generated file's path and content.
fn generate(workspace: &Workspace, binary: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut files = Vec::new();
    for &(name, path) in REFERENCES {
        let content = process::capture(Command::new(binary).args(["reference", name]))?;
        if path == OPENAPI {
            files.push((TYPESCRIPT_TYPES, typescript_types(workspace, &content)?));
        }
        files.push((path, content));
    }
    Ok(files)
}

/// The TypeScript types of the native API, formatted as the web app's own code.
///
/// The generator needs a TypeScript of its own, so it is installed apart from the web app, under `target/`.
fn typescript_types(workspace: &Workspace, openapi: &str) -> Result<String> {
    let folder = workspace.target.join("generate");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not make `{}`", folder.display()))?;
    let generator = workspace.root.join("xtask/openapi-typescript");
    for name in ["package.json", "package-lock.json"] {
        fs::copy(generator.join(name), folder.join(name))
            .with_context(|| format!("could not copy `{name}` of the generator"))?;
    }
    web::install_packages(&folder)?;
    web::install(workspace)?;

    let document = folder.join("openapi.json");
    let types = folder.join("generated.ts");
    fs::write(&document, openapi)
        .with_context(|| format!("could not write `{}`", document.display()))?;
    process::capture(
        Command::new("npx")
            .current_dir(&folder)
            .args(["--no-install", "openapi-typescript"])
            .arg(&document)
            .arg("--output")
            .arg(&types),
    )?;
    process::capture(
        Command::new("npx")
            .current_dir(web::folder(workspace))
            .args(["--no-install", "prettier", "--ignore-path", "/dev/null"])
            .args(["--config", ".prettierrc"])
            .arg(&types),
    )
}
