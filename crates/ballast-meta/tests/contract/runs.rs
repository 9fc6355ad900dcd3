//! Runs, their documents and lists.

use ballast_meta::{
    LoggedRun, MetaError, NewUser, Revision, RunDocuments, RunFilter, RunPatch, RunQuery, RunRecord,
};
use ballast_model::{RunState, Tag};

use crate::backend::{
    Database, at, new_run, on_each_backend, project, purged_since, run, settled, write,
};

on_each_backend!(
    runs_read_back_as_made,
    patches_change_what_they_name,
    run_ids_are_unique_in_a_project,
    lists_are_filtered_and_paged,
    runs_are_found_by_ids,
    a_project_moves_with_its_runs_only,
    silent_runs_are_live,
    purged_runs_leave_nothing,
    purged_runs_are_forgotten_when_everyone_could_know,
    deleted_users_leave_their_runs_elsewhere,
);

fn tags(texts: &[&str]) -> Vec<Tag> {
    texts
        .iter()
        .map(|text| text.parse().expect("a tag"))
        .collect()
}

fn documents() -> RunDocuments {
    RunDocuments {
        config: "{\"lr\": {\"value\": NaN}, \"z\": \"\\u0000\"}".to_owned(),
        summary: "{\"loss\": Infinity, \"n\": 123456789012345678901234567890}".to_owned(),
        sdk_state: "{}".to_owned(),
        metric_definitions: "[]".to_owned(),
        custom_charts: String::new(),
        environment: "{\"os\": \"linux 🐧\"}".to_owned(),
    }
}

async fn runs_read_back_as_made(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let user = meta.read().list_users().await.expect("a read")[0].key;
    let parent = run(meta, project.key, "parent").await.head.key;
    let mut new = new_run(project.key, "größe 🚀");
    new.display_name = String::from("first \0 try");
    new.documents = documents();
    new.notes = Some("notes".to_owned());
    new.tags = tags(&["b", "a", "b"]);
    new.group = Some("g".to_owned());
    new.job_type = Some("train".to_owned());
    new.host = Some("h".to_owned());
    new.git_remote = Some("git@example.org:a.git".to_owned());
    new.git_commit = Some("abc".to_owned());
    new.program = Some("train.py".to_owned());
    new.sweep = Some("s".to_owned());
    new.user = Some(user);
    new.parent = Some(parent);
    new.parent_step = Some(-3);
    let made = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await;

    let id = "größe 🚀".parse().expect("an id");
    let found = meta
        .read()
        .lookup_run(project.key, &id)
        .await
        .expect("a read")
        .expect("a run");
    assert_eq!(found, made);
    assert_eq!(
        meta.read()
            .run(made.head.key)
            .await
            .expect("a read")
            .as_ref(),
        Some(&made)
    );
    assert_eq!(
        meta.read()
            .run_head(made.head.key)
            .await
            .expect("a read")
            .as_ref(),
        Some(&made.head)
    );
    let RunRecord {
        head,
        documents: stored,
    } = made;
    assert_eq!(stored, documents());
    assert_eq!(
        (head.number, head.state, head.display_name.as_str()),
        (2, RunState::Running, "first \u{fffd} try")
    );
    assert_eq!(
        (head.tags, head.notes.as_deref()),
        (tags(&["b", "a"]), Some("notes"))
    );
    assert_eq!(
        (head.user, head.parent, head.parent_step),
        (Some(user), Some(parent), Some(-3))
    );
    assert_eq!(
        (head.created_at, head.heartbeat_at, head.ended_at),
        (at(0), at(0), None)
    );
    assert_eq!(
        (head.history_lines, head.exit_code, head.stop_requested),
        (0, None, false)
    );
}

async fn patches_change_what_they_name(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let mut new = new_run(project.key, "r1");
    new.documents = documents();
    new.notes = Some("notes".to_owned());
    new.tags = tags(&["old"]);
    let made = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await;
    let key = made.head.key;
    let patch = RunPatch {
        display_name: Some("new".to_owned()),
        state: Some(RunState::Failed),
        exit_code: Some(Some(-9)),
        summary: Some("{\"loss\": -Infinity}".to_owned()),
        notes: Some(None),
        tags: Some(tags(&["x", "y"])),
        color: Some(Some("#ff0000".to_owned())),
        stop_requested: Some(true),
        ended_at: Some(Some(at(50))),
        history_lines: Some(u64::from(u32::MAX) + 1),
        n_problems: Some(2),
        ..RunPatch::default()
    };
    let changed = patch.clone();
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.update_run(key, changed, at(60)).await
        }))
        .await
    );
    let after = meta.read().run(key).await.expect("a read").expect("a run");
    let mut expected = made.clone();
    expected.head.display_name = String::from("new");
    expected.head.state = RunState::Failed;
    expected.head.exit_code = Some(-9);
    expected.head.notes = None;
    expected.head.tags = tags(&["x", "y"]);
    expected.head.color = Some("#ff0000".to_owned());
    expected.head.stop_requested = true;
    expected.head.ended_at = Some(at(50));
    expected.head.updated_at = at(60);
    expected.head.history_lines = u64::from(u32::MAX) + 1;
    expected.head.n_problems = 2;
    expected.head.revision = after.head.revision;
    expected.documents.summary = String::from("{\"loss\": -Infinity}");
    assert_eq!(after, expected);
    assert!(after.head.revision > made.head.revision);

    let locked = write(meta, move |tx| {
        Box::pin(async move { tx.lock_run(key).await })
    })
    .await;
    assert_eq!(locked, Some(after.head));
    let missing = ballast_model::RunKey(key.0 + 1000);
    assert!(
        !write(meta, move |tx| Box::pin(async move {
            tx.update_run(missing, patch, at(60)).await
        }))
        .await
    );
    assert_eq!(
        write(meta, move |tx| Box::pin(async move {
            tx.lock_run(missing).await
        }))
        .await,
        None
    );
}

async fn run_ids_are_unique_in_a_project(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    run(meta, project.key, "r1").await;
    let again = new_run(project.key, "r1");
    let error = meta
        .write(move |tx| Box::pin(async move { tx.insert_run(again).await }))
        .await
        .expect_err("the id is taken");
    assert!(
        matches!(error, MetaError::Conflict { what: "run" }),
        "{error:?}"
    );
    // The number that the refused run took is free again.
    assert_eq!(run(meta, project.key, "R1").await.head.number, 2);
}

async fn a_project_moves_with_its_runs_only(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let revision = async || {
        let found = meta.read().project_revision(project.key).await;
        found.expect("a read").expect("nothing is on its way")
    };
    assert_eq!(revision().await, Revision::default());
    let mut new = new_run(project.key, "a");
    new.documents = documents();
    let made = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await;
    settled(meta, made.head.revision).await;
    assert_eq!(revision().await, made.head.revision);
    let other = run(meta, project.key, "b").await;
    settled(meta, other.head.revision).await;
    assert_eq!(revision().await, other.head.revision);

    let logged = meta.read().logged_runs(project.key).await.expect("a read");
    let expected = [(&made, "[]"), (&other, "")].map(|(run, definitions)| LoggedRun {
        key: run.head.key,
        run_id: run.head.run_id.clone(),
        revision: run.head.revision,
        metric_definitions: definitions.to_owned(),
    });
    assert_eq!(logged, expected);

    let patch = RunPatch {
        deleted_at: Some(Some(at(1))),
        ..RunPatch::default()
    };
    write(meta, move |tx| {
        Box::pin(async move { tx.update_run(made.head.key, patch, at(1)).await })
    })
    .await;
    let moved = meta.read().run_head(made.head.key).await.expect("a read");
    settled(meta, moved.expect("a run").revision).await;
    assert!(revision().await > other.head.revision);
    let logged = meta.read().logged_runs(project.key).await.expect("a read");
    assert_eq!(logged, expected[1..]);
}

async fn lists_are_filtered_and_paged(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    for (id, name, state, tag) in [
        ("a1", "ÄPFEL 100%", RunState::Running, &["x", "y"][..]),
        ("a2", "äpfel 1000", RunState::Finished, &["x"]),
        ("b1", "birne_1", RunState::Finished, &["x", "xy"]),
        ("b2", "birnex1", RunState::Failed, &[]),
        ("c1", "binned", RunState::Failed, &["x"]),
    ] {
        let mut new = new_run(project.key, id);
        new.display_name = name.to_owned();
        new.state = state;
        new.tags = tags(tag);
        let key = write(meta, move |tx| {
            Box::pin(async move { tx.insert_run(new).await })
        })
        .await
        .head
        .key;
        if id == "c1" {
            let patch = RunPatch {
                deleted_at: Some(Some(at(1))),
                ..RunPatch::default()
            };
            write(meta, move |tx| {
                Box::pin(async move { tx.update_run(key, patch, at(1)).await })
            })
            .await;
        }
    }
    let all = RunFilter::all(project.key);
    let search = |text: &str| RunFilter {
        search: Some(text.to_owned()),
        ..all.clone()
    };
    for (filter, ids) in [
        (all.clone(), &["a1", "a2", "b1", "b2"][..]),
        (
            RunFilter {
                deleted: true,
                ..all.clone()
            },
            &["c1"],
        ),
        (search("äpfel"), &["a1", "a2"]),
        (search("100%"), &["a1"]),
        (search("birne_"), &["b1"]),
        (search("B2"), &["b2"]),
        (search("\\"), &[]),
        (
            RunFilter {
                states: vec![RunState::Running, RunState::Failed],
                ..all.clone()
            },
            &["a1", "b2"],
        ),
        (
            RunFilter {
                tags: tags(&["x"]),
                ..all.clone()
            },
            &["a1", "a2", "b1"],
        ),
        (
            RunFilter {
                tags: tags(&["x", "y"]),
                ..all.clone()
            },
            &["a1"],
        ),
        (
            RunFilter {
                tags: tags(&["X"]),
                ..all.clone()
            },
            &[],
        ),
    ] {
        let query = RunQuery {
            filter: filter.clone(),
            after: None,
            limit: 100,
            newest_first: false,
        };
        let runs = meta.read().list_runs(&query).await.expect("a list");
        let found: Vec<&str> = runs.iter().map(|run| run.head.run_id.as_str()).collect();
        assert_eq!(found, ids, "{filter:?}");
        assert_eq!(
            meta.read().count_runs(&filter).await.expect("a count"),
            ids.len() as u64
        );
    }
    let mut query = RunQuery {
        filter: all,
        after: None,
        limit: 2,
        newest_first: true,
    };
    let mut pages = Vec::new();
    loop {
        let page = meta.read().list_runs(&query).await.expect("a page");
        let Some(last) = page.last() else { break };
        query.after = Some(last.head.number);
        pages.push(page.iter().map(|run| run.head.number).collect::<Vec<_>>());
    }
    assert_eq!(pages, [[4, 3], [2, 1]]);
}

async fn runs_are_found_by_ids(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let key = project.key;
    write(meta, move |tx| {
        Box::pin(async move {
            for n in 0..1_200 {
                let mut new = new_run(key, &format!("r{n}"));
                new.documents.config = n.to_string();
                tx.insert_run(new).await?;
            }
            Ok(())
        })
    })
    .await;
    let ids: Vec<_> = (0..2_000)
        .rev()
        .map(|n| format!("r{n}").parse().expect("an id"))
        .collect();
    let runs = meta.read().runs_by_ids(key, &ids).await.expect("a read");
    assert_eq!(runs, meta.read().all_runs(key).await.expect("a read"));
    let configs: Vec<String> = runs
        .iter()
        .map(|run| run.documents.config.clone())
        .collect();
    assert_eq!(
        configs,
        (0..1_200).map(|n| n.to_string()).collect::<Vec<_>>()
    );
    let keys: Vec<_> = runs.iter().map(|run| run.head.key).collect();
    assert_eq!(meta.read().runs_by_keys(&keys).await.expect("a read"), runs);
}

async fn silent_runs_are_live(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    for (id, state, heartbeat) in [
        ("late", RunState::Running, 20),
        ("silent", RunState::Preempting, 10),
        ("silent-longer", RunState::Running, 5),
        ("done", RunState::Finished, 5),
        ("queued", RunState::Pending, 5),
    ] {
        let mut new = new_run(project.key, id);
        (new.state, new.created_at) = (state, at(heartbeat));
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_run(new).await })
        })
        .await;
    }
    let silent = meta.read().silent_runs(at(20)).await.expect("a read");
    let ids: Vec<&str> = silent.iter().map(|head| head.run_id.as_str()).collect();
    assert_eq!(ids, ["silent-longer", "silent"]);
}

async fn purged_runs_are_forgotten_when_everyone_could_know(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let since = meta.read().current_revision().await.expect("a revision");
    for name in ["a", "b", "c"] {
        let key = run(meta, project, name).await.head.key;
        write(meta, move |tx| {
            Box::pin(async move { tx.delete_run_rows(key).await })
        })
        .await;
    }
    purged_since(meta, since, 3).await;
    let note = async |now, limit| {
        write(meta, move |tx| {
            Box::pin(async move { tx.note_purged_runs(at(now), limit).await })
        })
        .await
    };
    let forget = async |shown_before, limit| {
        write(meta, move |tx| {
            Box::pin(async move { tx.forget_purged_runs(at(shown_before), limit).await })
        })
        .await
    };
    assert_eq!(forget(100, 9).await, 0, "nothing was noted");
    assert_eq!(note(10, 2).await, 2);
    assert_eq!(note(20, 2).await, 1, "the others keep their time");
    assert_eq!(note(30, 2).await, 0);
    assert_eq!(forget(10, 9).await, 0);
    assert_eq!(forget(11, 1).await, 1);
    assert_eq!(purged_since(meta, since, 2).await.len(), 2);
    assert_eq!(forget(20, 9).await, 1);
    assert_eq!(forget(21, 9).await, 1);
    let changes = meta.read().runs_changed_since(since, 1000).await;
    assert!(changes.expect("the feed").purged.is_empty());
}

async fn purged_runs_leave_nothing(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let mut new = new_run(project.key, "r1");
    (new.documents, new.tags) = (documents(), tags(&["x"]));
    let key = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await
    .head
    .key;
    let mut fork = new_run(project.key, "fork");
    fork.parent = Some(key);
    let fork = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(fork).await })
    })
    .await
    .head;
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_run_rows(key).await
        }))
        .await
    );
    assert!(
        !write(meta, move |tx| Box::pin(async move {
            tx.delete_run_rows(key).await
        }))
        .await
    );
    assert_eq!(meta.read().run(key).await.expect("a read"), None);
    let fork_after = meta
        .read()
        .run_head(fork.key)
        .await
        .expect("a read")
        .expect("the fork stays");
    assert_eq!(fork_after.parent, None);
    assert!(
        fork_after.revision > fork.revision,
        "the change of the fork is in the feed"
    );
    // The id is free again; the key and the number are not.
    let again = run(meta, project.key, "r1").await;
    assert!(again.head.key != key && again.head.number == 3);
    assert_eq!(again.documents, RunDocuments::default());
}

async fn deleted_users_leave_their_runs_elsewhere(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let bob = write(meta, |tx| {
        Box::pin(async move {
            tx.insert_user(NewUser::new("bob".parse().expect("a name"), at(0)))
                .await
        })
    })
    .await
    .key;
    let mut new = new_run(project.key, "r1");
    new.user = Some(bob);
    let key = write(meta, move |tx| {
        Box::pin(async move { tx.insert_run(new).await })
    })
    .await
    .head
    .key;
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_user(bob).await
        }))
        .await
    );
    assert_eq!(
        meta.read()
            .run_head(key)
            .await
            .expect("a read")
            .expect("a run")
            .user,
        None
    );
}
