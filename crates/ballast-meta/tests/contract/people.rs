//! Users and what they sign in with.

use ballast_meta::{MetaError, NewApiKey, NewSession, NewSignInLink, NewUser, UserRecord};

use crate::backend::{Database, at, on_each_backend, purged_since, write};

on_each_backend!(
    names_are_unique_in_any_case,
    api_keys_open_for_their_owner,
    sessions_expire,
    sign_in_links_work_once,
    deleted_users_leave_nothing,
);

async fn user(database: &Database, name: &str) -> UserRecord {
    let mut user = NewUser::new(name.parse().expect("a name"), at(0));
    user.email = format!("{name}@example.org");
    write(&database.meta, move |tx| {
        Box::pin(async move { tx.insert_user(user).await })
    })
    .await
}

async fn names_are_unique_in_any_case(database: Database) {
    let meta = &database.meta;
    let ada = user(&database, "Ada").await;
    let error = meta
        .write(|tx| {
            Box::pin(async move {
                tx.insert_user(NewUser::new("aDA".parse().expect("a name"), at(1)))
                    .await
            })
        })
        .await
        .expect_err("the name is taken");
    assert!(
        matches!(error, MetaError::Conflict { what: "entity" }),
        "{error:?}"
    );
    let db = meta.read();
    let found = db
        .lookup_user(&"ADA".parse().expect("a name"))
        .await
        .expect("a read");
    assert_eq!(found.as_ref(), Some(&ada));
    assert_eq!(db.user(ada.key).await.expect("a read"), Some(ada.clone()));
    let entity = db
        .lookup_entity(&"ada".parse().expect("a name"))
        .await
        .expect("a read")
        .expect("an entity");
    assert_eq!((entity.key, entity.name.as_str()), (ada.entity, "Ada"));
    assert_eq!(db.entity(ada.entity).await.expect("a read"), Some(entity));
    assert_eq!(
        (
            db.count_users().await.expect("a read"),
            db.list_users().await.expect("a read")
        ),
        (1, vec![ada])
    );
}

async fn api_keys_open_for_their_owner(database: Database) {
    let meta = &database.meta;
    let (ada, bob) = (user(&database, "ada").await, user(&database, "bob").await);
    let new = NewApiKey {
        user: ada.key,
        name: "laptop".to_owned(),
        hint: "wxyz".to_owned(),
        digest: [7; 32],
        created_at: at(1),
    };
    let again = new.clone();
    let key = write(meta, move |tx| {
        Box::pin(async move { tx.insert_api_key(new).await })
    })
    .await;
    let error = meta
        .write(move |tx| Box::pin(async move { tx.insert_api_key(again).await }))
        .await
        .expect_err("the digest is taken");
    assert!(error.is_conflict(), "{error:?}");

    let found = meta.read().lookup_api_key(&[7; 32]).await.expect("a read");
    assert_eq!(found, Some((key.clone(), ada.clone())));
    assert_eq!(
        meta.read().lookup_api_key(&[8; 32]).await.expect("a read"),
        None
    );

    let touched = key.key;
    write(meta, move |tx| {
        Box::pin(async move { tx.touch_api_key(touched, at(9)).await })
    })
    .await;
    let keys = meta.read().list_api_keys(ada.key).await.expect("a read");
    assert_eq!(
        keys.iter().map(|key| key.last_used_at).collect::<Vec<_>>(),
        [Some(at(9))]
    );

    for (owner, deleted) in [(bob.key, false), (ada.key, true), (ada.key, false)] {
        let done = write(meta, move |tx| {
            Box::pin(async move { tx.delete_api_key(owner, touched).await })
        })
        .await;
        assert_eq!(done, deleted);
    }
}

async fn sessions_expire(database: Database) {
    let meta = &database.meta;
    let ada = user(&database, "ada").await;
    let session = NewSession {
        digest: [1; 32],
        user: ada.key,
        created_at: at(0),
        expires_at: at(10),
    };
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_session(session).await })
    })
    .await;
    let (session, user) = meta
        .read()
        .lookup_session(&[1; 32], at(9))
        .await
        .expect("a read")
        .expect("a session");
    assert_eq!(
        (session.expires_at, session.created_at, user),
        (at(10), at(0), ada)
    );
    assert_eq!(
        meta.read()
            .lookup_session(&[1; 32], at(10))
            .await
            .expect("a read"),
        None
    );
    for (now, deleted) in [(9, 0), (10, 1), (10, 0)] {
        let n = write(meta, move |tx| {
            Box::pin(async move { tx.delete_expired(at(now)).await })
        })
        .await;
        assert_eq!(n, deleted);
    }
    let gone = write(meta, |tx| {
        Box::pin(async move { tx.delete_session(&[1; 32]).await })
    })
    .await;
    assert!(!gone);
}

async fn sign_in_links_work_once(database: Database) {
    let meta = &database.meta;
    let ada = user(&database, "ada").await;
    for digest in [[1; 32], [2; 32]] {
        let link = NewSignInLink {
            digest,
            user: ada.key,
            expires_at: at(10),
        };
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_sign_in_link(link).await })
        })
        .await;
    }
    for (digest, now, taken) in [
        ([1; 32], 5, true),
        ([1; 32], 5, false),
        ([2; 32], 10, false),
        ([3; 32], 0, false),
    ] {
        let user = write(meta, move |tx| {
            Box::pin(async move { tx.take_sign_in_link(&digest, at(now)).await })
        })
        .await;
        assert_eq!(user, taken.then_some(ada.key), "{digest:?} at {now}");
    }
}

async fn deleted_users_leave_nothing(database: Database) {
    let meta = &database.meta;
    let ada = user(&database, "ada").await;
    let (key, hash) = (ada.key, "$argon2id$…".to_owned());
    assert!(!meta.read().any_user_has_password().await.expect("a read"));
    let set = hash.clone();
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.set_password(key, Some(set)).await
        }))
        .await
    );
    let stored = meta
        .read()
        .user(key)
        .await
        .expect("a read")
        .expect("a user");
    assert_eq!(stored.password_hash, Some(hash));
    assert!(meta.read().any_user_has_password().await.expect("a read"));

    let since = meta.read().current_revision().await.expect("a revision");
    let run = write(meta, move |tx| {
        Box::pin(async move {
            let name = "vision".parse().expect("a name");
            let (project, inserted) = tx
                .insert_project_if_absent(ada.entity, &name, at(0))
                .await?;
            assert!(inserted);
            tx.insert_run(crate::backend::new_run(project.key, "r1"))
                .await
        })
    })
    .await;
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_user(key).await
        }))
        .await
    );
    assert!(
        !write(meta, move |tx| Box::pin(async move {
            tx.delete_user(key).await
        }))
        .await
    );
    assert_eq!(meta.read().count_users().await.expect("a read"), 0);
    assert_eq!(meta.read().entity(ada.entity).await.expect("a read"), None);
    assert_eq!(meta.read().run(run.head.key).await.expect("a read"), None);
    assert_eq!(purged_since(meta, since, 1).await, [run.head.key]);
    // The name is free again.
    user(&database, "ada").await;
}
