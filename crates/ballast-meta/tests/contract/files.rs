//! Files of runs and uploads.

use ballast_meta::{FileQuery, FileRecord, Meta, NewRunFile, NewUpload};
use ballast_model::RunKey;

use crate::backend::{Database, at, on_each_backend, project, run, write};

on_each_backend!(
    files_are_replaced_in_place,
    lists_are_filtered_and_paged,
    uploads_are_kept_until_settled
);

fn file(run: RunKey, path: &str, object_key: &str) -> NewRunFile {
    NewRunFile {
        run,
        path: path.parse().expect("a path"),
        object_key: object_key.to_owned(),
        size_bytes: 1 << 40,
        md5: Some("XrY7u+Ae7tCTyyK7j1rNww==".to_owned()),
        blake3: Some([9; 32]),
        mime_type: "text/plain".to_owned(),
        updated_at: at(1),
    }
}

async fn put(meta: &Meta, file: NewRunFile) -> Option<String> {
    write(meta, move |tx| {
        Box::pin(async move { tx.put_run_file(file).await })
    })
    .await
}

async fn files_are_replaced_in_place(database: Database) {
    let meta = &database.meta;
    let run = run(meta, project(meta).await.key, "r1").await.head.key;
    let new = file(run, "a/日本.txt", "o1");
    assert_eq!(put(meta, new.clone()).await, None);
    let stored = meta
        .read()
        .lookup_run_file(run, "a/日本.txt")
        .await
        .expect("a read")
        .expect("a file");
    let expected = FileRecord {
        key: stored.key,
        run,
        path: new.path,
        object_key: new.object_key,
        size_bytes: new.size_bytes,
        md5: new.md5,
        blake3: new.blake3,
        mime_type: new.mime_type,
        updated_at: new.updated_at,
    };
    assert_eq!(stored, expected);
    let mut second = file(run, "a/日本.txt", "o2");
    (second.md5, second.blake3) = (None, None);
    assert_eq!(put(meta, second.clone()).await, Some("o1".to_owned()));
    assert_eq!(
        put(meta, second).await,
        None,
        "an object does not replace itself"
    );
    let key = stored.key;
    let stored = meta
        .read()
        .run_file(key)
        .await
        .expect("a read")
        .expect("the key stays");
    assert_eq!(
        (stored.object_key.as_str(), stored.md5, stored.blake3),
        ("o2", None, None)
    );
    assert_eq!(meta.read().count_run_files(run).await.expect("a read"), 1);
    for object_key in [Some("o2".to_owned()), None] {
        let deleted = write(meta, move |tx| {
            Box::pin(async move { tx.delete_run_file(key).await })
        })
        .await;
        assert_eq!(deleted, object_key);
    }
    assert_eq!(
        meta.read()
            .lookup_run_file(run, "a/日本.txt")
            .await
            .expect("a read"),
        None
    );
}

async fn lists_are_filtered_and_paged(database: Database) {
    let meta = &database.meta;
    let run = run(meta, project(meta).await.key, "r1").await.head.key;
    for path in [
        "b.txt",
        "Z.png",
        "media/x_1.png",
        "media/xy1.PNG",
        "media%/x.png",
        "ä",
    ] {
        put(meta, file(run, path, path)).await;
    }
    let all = || FileQuery::first(100);
    let text = |text: &str| Some(text.to_owned());
    let media = ["media%/x.png", "media/x_1.png", "media/xy1.PNG"];
    for (query, paths) in [
        (
            all(),
            &["Z.png", "b.txt", media[0], media[1], media[2], "ä"][..],
        ),
        (FileQuery::first(2), &["Z.png", "b.txt"]),
        (
            FileQuery {
                after: text("b.txt"),
                limit: 2,
                ..all()
            },
            &media[..2],
        ),
        (
            FileQuery {
                prefix: text("media"),
                ..all()
            },
            &media,
        ),
        (
            FileQuery {
                prefix: text("media%/"),
                ..all()
            },
            &media[..1],
        ),
        (
            FileQuery {
                prefix: text("MEDIA"),
                ..all()
            },
            &[],
        ),
        (
            FileQuery {
                like: text("%.png"),
                ..all()
            },
            &["Z.png", media[0], media[1]],
        ),
        (
            FileQuery {
                like: text("media/x_1.%"),
                ..all()
            },
            &media[1..],
        ),
        (
            FileQuery {
                like: text("\\"),
                ..all()
            },
            &[],
        ),
        (
            FileQuery {
                paths: Some(vec![
                    "b.txt".to_owned(),
                    "nope".to_owned(),
                    "Z.png".to_owned(),
                ]),
                ..all()
            },
            &["Z.png", "b.txt"],
        ),
        (
            FileQuery {
                paths: Some(vec![]),
                ..all()
            },
            &[],
        ),
    ] {
        let files = meta
            .read()
            .list_run_files(run, &query)
            .await
            .expect("a list");
        assert_eq!(
            files
                .iter()
                .map(|file| file.path.as_str())
                .collect::<Vec<_>>(),
            paths,
            "{query:?}"
        );
    }
    let first = meta.read().all_run_files(None, 4).await.expect("a read");
    let rest = meta
        .read()
        .all_run_files(Some(first[3].key), 4)
        .await
        .expect("a read");
    assert_eq!((first.len(), rest.len()), (4, 2));
}

async fn uploads_are_kept_until_settled(database: Database) {
    let meta = &database.meta;
    let run = run(meta, project(meta).await.key, "r1").await.head.key;
    let upload = |object_key: &str, path: &str, second| NewUpload {
        object_key: object_key.to_owned(),
        run,
        path: path.parse().expect("a path"),
        created_at: at(second),
    };
    let uploads = [
        upload("u1", "a", 1),
        upload("u2", "a", 2),
        upload("u3", "b", 3),
    ];
    for upload in uploads.clone() {
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_upload(upload).await })
        })
        .await;
    }
    let again = uploads[0].clone();
    let error = meta
        .write(move |tx| Box::pin(async move { tx.insert_upload(again).await }))
        .await
        .expect_err("the object key is taken");
    assert!(error.is_conflict(), "{error:?}");
    let db = meta.read();
    assert_eq!(
        db.uploads_of(run, &["a".to_owned(), "c".to_owned()])
            .await
            .expect("a read"),
        uploads[..2]
    );
    assert_eq!(
        db.uploads_before(at(3), 10).await.expect("a read"),
        uploads[..2]
    );
    assert_eq!(
        db.uploads_before(at(9), 1).await.expect("a read"),
        uploads[..1]
    );
    assert_eq!(
        db.lookup_upload("u3").await.expect("a read").as_ref(),
        Some(&uploads[2])
    );
    for there in [true, false] {
        assert_eq!(
            write(meta, |tx| Box::pin(
                async move { tx.delete_upload("u3").await }
            ))
            .await,
            there
        );
    }
    assert_eq!(db.run_object_keys(run).await.expect("a read"), ["u1", "u2"]);
}
