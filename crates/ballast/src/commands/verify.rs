//! `ballast verify`: reads one version of an artifact and compares it with its digests.

use anyhow::anyhow;
use ballast_tracking::Tracking;
use ballast_tracking::artifacts::{VersionPath, VersionVerification};
use ballast_tracking::lineage::Subject;

use super::Outcome;
use super::user::operator;
use crate::config::Config;
use crate::failure::Failure;
use crate::printer;
use crate::stores::Stores;

/// Verifies, prints what is wrong to stdout, and changes nothing. The server may run meanwhile.
pub(crate) async fn run(config: Config, artifact: String) -> Outcome {
    let subject = artifact.parse::<Subject>().map_err(Failure::expected)?;
    let Subject::Version(path) = subject else {
        let error = anyhow!("`{artifact}` is a run; expected `entity/project/collection:version`");
        return Err(Failure::expected(error));
    };
    let stores = Stores::open_existing(&config, []).await?;
    let verified = verify(&config, &stores.tracking, &path).await;
    stores.meta.close().await;
    let report = verified?;
    for fault in &report.faults {
        printer::data(fault);
    }
    printer::note(&format!(
        "verified the manifest and {} files of `{path}`: {} different contents of {} bytes; {} references were not followed",
        report.n_files, report.n_contents, report.n_bytes, report.n_references
    ));
    match report.faults.len() {
        0 => Ok(()),
        1 => Err(Failure::expected(anyhow!("1 thing is damaged"))),
        n => Err(Failure::expected(anyhow!("{n} things are damaged"))),
    }
}

async fn verify(
    config: &Config,
    tracking: &Tracking,
    path: &VersionPath,
) -> Result<VersionVerification, Failure> {
    let operator = operator(config, tracking).await?;
    let owner = tracking.act_in(&operator, &path.collection.entity).await?;
    Ok(tracking.verify_version(&owner, path).await?)
}
