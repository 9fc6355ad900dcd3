//! What goes with a project that is deleted.

use std::collections::BTreeSet;

use ballast_tracking::TrackingError;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::artifacts::{digest, files, new_version, prepare_version};
use crate::support::{World, path};

/// Commits and the deletion of their project at once: whichever comes first, nothing is left in the end.
async fn a_deleted_project_leaves_nothing_behind(world: World) {
    const ROUNDS: usize = 12;
    const COMMITS: usize = 8;
    let (t, ada) = (&world.tracking, &world.ada);
    let project = path("any");
    for round in 0..ROUNDS {
        let mut prepared = Vec::new();
        for n in 0..COMMITS {
            let given = files(&[("a", &format!("{round}, {n}"))]);
            let version = new_version(&format!("data{n}"), digest(&given));
            let version = prepare_version(t, ada, version, &given).await;
            prepared.push(version.expect("prepared").0);
        }
        let mut commits: FuturesUnordered<_> = prepared
            .into_iter()
            .map(|artifact| {
                let (t, ada) = (t.clone(), ada.clone());
                tokio::spawn(async move { t.commit_version(&ada, artifact).await })
            })
            .collect();
        // When one is through, others are in the middle of it.
        let first = commits.next().await.expect("some").expect("no panic");
        first.expect("committed");
        let (deleted, commits) = tokio::join!(
            t.delete_project(ada, &project.entity, &project.project),
            commits.collect::<Vec<_>>()
        );
        deleted.expect("deleted");
        for commit in commits {
            match commit.expect("no panic") {
                Ok(_) | Err(TrackingError::NotFound { .. }) => {}
                Err(error) => panic!("round {round}: {error:?}"),
            }
        }
        world.advance(100 * 3600);
        t.collect_artifacts().await.expect("collected");
        t.clean_up().await.expect("cleaned");
        t.clear_staging().await.expect("cleared");
        assert_eq!(
            world.stored_objects().await,
            BTreeSet::new(),
            "round {round}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_deleted_amid_commits_leaves_nothing_behind_on_sqlite() {
    a_deleted_project_leaves_nothing_behind(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_deleted_amid_commits_leaves_nothing_behind_on_postgres() {
    World::on_postgres(a_deleted_project_leaves_nothing_behind).await;
}
