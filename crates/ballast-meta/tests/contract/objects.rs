//! Objects that are coming or going.

use crate::backend::{Database, at, on_each_backend, write};

on_each_backend!(
    pending_objects_are_settled,
    only_pending_objects_are_given_up,
    doomed_objects_are_forgotten,
);

async fn pending_objects_are_settled(database: Database) {
    let meta = &database.meta;
    for (object_key, second) in [("b", 2), ("a", 1), ("b", 0), ("c", 5)] {
        write(meta, move |tx| {
            Box::pin(async move { tx.add_pending_object(object_key, at(second)).await })
        })
        .await;
    }
    let pending = meta
        .read()
        .pending_objects_before(at(5), 10)
        .await
        .expect("a read");
    assert_eq!(pending, ["a", "b"]);
    for there in [true, false] {
        assert_eq!(
            write(meta, |tx| Box::pin(async move {
                tx.settle_pending_object("a").await
            }))
            .await,
            there
        );
    }
    assert_eq!(
        meta.read()
            .pending_objects_before(at(9), 1)
            .await
            .expect("a read"),
        ["b"]
    );
}

async fn only_pending_objects_are_given_up(database: Database) {
    let meta = &database.meta;
    write(meta, |tx| {
        Box::pin(async move { tx.add_pending_object("a", at(0)).await })
    })
    .await;
    for there in [true, false] {
        let given_up = write(meta, |tx| {
            Box::pin(async move { tx.doom_pending_object("a", at(1)).await })
        });
        assert_eq!(given_up.await, there);
    }
    let settled = write(meta, |tx| {
        Box::pin(async move { tx.doom_pending_object("settled", at(1)).await })
    });
    assert!(!settled.await);
    assert_eq!(meta.read().doomed_objects(10).await.expect("a read"), ["a"]);
}

async fn doomed_objects_are_forgotten(database: Database) {
    let meta = &database.meta;
    for (object_key, second) in [("b", 2), ("a", 1), ("a", 9)] {
        write(meta, move |tx| {
            Box::pin(async move { tx.doom_object(object_key, at(second)).await })
        })
        .await;
    }
    assert_eq!(
        meta.read().doomed_objects(10).await.expect("a read"),
        ["a", "b"]
    );
    let keys = vec!["a".to_owned(), "nope".to_owned()];
    write(meta, move |tx| {
        Box::pin(async move { tx.forget_doomed(&keys).await })
    })
    .await;
    assert_eq!(meta.read().doomed_objects(10).await.expect("a read"), ["b"]);
}
