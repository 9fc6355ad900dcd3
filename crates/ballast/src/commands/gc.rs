//! `ballast gc`: frees what nothing uses, or says what that would be.

use ballast_tracking::Tracking;
use ballast_tracking::artifacts::{Fate, StoredContent};

use super::Outcome;
use crate::config::Config;
use crate::failure::Failure;
use crate::printer;
use crate::stores::Stores;

/// Contents that are listed at once.
const PER_READ: usize = 1000;

/// What to do.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Wish {
    /// Free nothing; list what would be freed
    #[arg(long)]
    dry_run: bool,
    /// List what is kept, too, and why
    #[arg(long)]
    kept: bool,
}

/// Does it. A running server does the same every hour.
pub(crate) async fn run(config: Config, wish: Wish) -> Outcome {
    let stores = Stores::open_existing(&config, []).await?;
    let outcome = collect(&stores.tracking, wish).await;
    stores.meta.close().await;
    outcome
}

async fn collect(tracking: &Tracking, wish: Wish) -> Outcome {
    if wish.dry_run || wish.kept {
        list(tracking, wish).await?;
    }
    let (done, would) = if wish.dry_run {
        (tracking.plan_collection().await?, "would be ")
    } else {
        let collected = tracking.collect_artifacts().await?;
        tracking.clear_staging().await?;
        tracking.clean_up().await?;
        (collected, "")
    };
    printer::note(&format!(
        "{would}freed: {} contents, {} bytes; {would}deleted: {} versions whose time is over, {} that were never committed",
        done.n_contents, done.n_bytes, done.n_expired, done.n_abandoned
    ));
    Ok(())
}

async fn list(tracking: &Tracking, wish: Wish) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = tracking.list_stored_contents(after, PER_READ).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.key);
        let listed = page.iter().filter(|content| match content.fate {
            Fate::Freed => true,
            Fate::Used { .. } | Fate::WantedUntil(_) => wish.kept,
        });
        for content in listed {
            printer::data(&line(content));
        }
    }
}

fn line(content: &StoredContent) -> String {
    let (word, why) = match &content.fate {
        Fate::Freed => ("free", "no version uses it".to_owned()),
        Fate::WantedUntil(until) => (
            "keep",
            format!("no version uses it; wanted until {until:.0}"),
        ),
        Fate::Used { n_versions, first } => {
            let first = first.as_deref().unwrap_or("one that is being deleted");
            let others = match n_versions.saturating_sub(1) {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            ("keep", format!("used by {first}{others}"))
        }
    };
    format!(
        "{word}  {}  {:>12} bytes  {why}",
        content.md5, content.size_bytes
    )
}
