//! `ballast fsck`: reads everything that is stored and compares it with its checksums.

use anyhow::anyhow;

use super::Outcome;
use crate::config::Config;
use crate::failure::Failure;
use crate::printer;
use crate::stores::Stores;

/// Verifies every chunk, segment, piece of a console, file, artifact content and manifest, prints what is wrong to stdout,
/// and changes nothing. The server may run meanwhile.
pub(crate) async fn run(config: Config) -> Outcome {
    let stores = Stores::open_existing(&config, []).await?;
    let report = stores.tracking.verify().await?;
    stores.meta.close().await;
    for fault in &report.faults {
        printer::data(fault);
    }
    printer::note(&format!(
        "verified {} chunks, {} segments, {} pieces of consoles, {} files, {} artifact contents and {} artifact manifests",
        report.n_chunks,
        report.n_segments,
        report.n_console_parts,
        report.n_files,
        report.n_contents,
        report.n_manifests
    ));
    match report.faults.len() {
        0 => Ok(()),
        1 => Err(Failure::expected(anyhow!("1 thing is damaged"))),
        n => Err(Failure::expected(anyhow!("{n} things are damaged"))),
    }
}
