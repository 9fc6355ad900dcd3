//! What goes with a run or a project that is deleted.

use std::collections::BTreeSet;

use ballast_model::{ArtifactKey, CollectionName, RunPath};
use ballast_tracking::TrackingError;
use ballast_tracking::artifacts::{ArtifactRecord, ArtifactState, LinkTarget, NewVersion};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::artifacts::{digest, files, new_version, prepare_version};
use crate::support::{World, path};

/// Logs a version of one file from a run of ada's project, under the alias `best`.
async fn log_from(world: &World, run: &RunPath, collection: &str, text: &str) -> ArtifactRecord {
    let given = files(&[("a", text)]);
    let version = NewVersion {
        run: Some(run.run.clone()),
        aliases: vec!["best".parse().expect("valid")],
        ..new_version(collection, digest(&given))
    };
    let (t, ada) = (&world.tracking, &world.ada);
    let prepared = prepare_version(t, ada, version, &given).await;
    let (artifact, _) = prepared.expect("prepared");
    t.commit_version(ada, artifact).await.expect("committed")
}

async fn versions_go_with_the_run_that_logged_them(world: World) {
    let (t, ada) = (&world.tracking, &world.ada);
    let (train, other) = (world.start("train").await, world.start("other").await);
    let before = log_from(&world, &other, "data", "before").await;
    let used = log_from(&world, &train, "data", "used").await;
    let linked = log_from(&world, &train, "model", "linked").await;
    let twice = log_from(&world, &other, "twice", "the same").await;
    assert_eq!(
        log_from(&world, &train, "twice", "the same").await.key,
        twice.key
    );
    t.use_version(ada, &other, used.key, None)
        .await
        .expect("used");
    t.use_version(ada, &train, before.key, None)
        .await
        .expect("used");
    let shelf: CollectionName = "shelf".parse().expect("valid");
    let target = LinkTarget {
        entity: train.entity.clone(),
        project: train.project.clone(),
        collection: shelf.clone(),
        aliases: Vec::new(),
    };
    t.link_version(ada, linked.key, target)
        .await
        .expect("linked");

    t.delete_run_with_versions(ada, &train)
        .await
        .expect("deleted");
    let state = async |key| t.get_version(ada, key).await.expect("the version").state;
    assert_eq!(state(used.key).await, ArtifactState::Deleted);
    assert_eq!(state(linked.key).await, ArtifactState::Deleted);
    assert_eq!(state(before.key).await, ArtifactState::Committed);
    assert_eq!(state(twice.key).await, ArtifactState::Committed);
    let found = async |name: &str| {
        let found = t.lookup_membership(ada, &train.entity, &train.project, name);
        let found = found.await.expect("looked");
        found.map(|membership| membership.artifact.key)
    };
    assert_eq!(found("data:latest").await, Some(before.key));
    // The alias had moved to the version that is gone now.
    assert_eq!(found("data:best").await, None);
    assert_eq!(found("shelf:latest").await, None);
    assert_eq!(found("twice:best").await, Some(twice.key));
    let gone = t.get_run(ada, &train).await;
    assert!(
        matches!(gone, Err(TrackingError::NotFound { .. })),
        "{gone:?}"
    );

    // The run comes back, what it logged does not.
    t.restore_run(ada, &train).await.expect("restored");
    let versions = t.versions_of_run(ada, &train).await.expect("listed");
    let logged = versions
        .logged
        .iter()
        .map(|version| version.membership.artifact.key);
    assert_eq!(logged.collect::<Vec<ArtifactKey>>(), [twice.key]);

    world.advance(100 * 3600);
    t.collect_artifacts().await.expect("collected");
    t.clean_up().await.expect("cleaned");
    t.clear_staging().await.expect("cleared");
    // A content and a manifest of each of the two that are left.
    assert_eq!(world.stored_objects().await.len(), 4);
}

#[tokio::test]
async fn versions_go_with_the_run_that_logged_them_on_sqlite() {
    versions_go_with_the_run_that_logged_them(World::new().await).await;
}

#[tokio::test]
async fn versions_go_with_the_run_that_logged_them_on_postgres() {
    World::on_postgres(versions_go_with_the_run_that_logged_them).await;
}

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
