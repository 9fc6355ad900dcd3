//! Users, keys, sessions.

use ballast_tracking::TrackingError;
use ballast_tracking::people::NewUser;

use crate::support::{World, path, upsert};

fn user(name: &str) -> NewUser {
    NewUser {
        username: name.to_owned(),
        ..NewUser::default()
    }
}

#[tokio::test]
async fn names_are_unique_and_never_shadow_a_page() {
    let world = World::new().await;
    let create = |new| world.tracking.create_user(&world.ada, new);
    assert!(matches!(
        create(user("BOB")).await,
        Err(TrackingError::Conflict(_))
    ));
    assert!(matches!(
        create(user("API")).await,
        Err(TrackingError::Invalid(_))
    ));
    assert!(matches!(
        create(user("a/b")).await,
        Err(TrackingError::Invalid(_))
    ));
    let short = NewUser {
        password: Some("short".to_owned()),
        ..user("carl")
    };
    assert!(matches!(
        create(short).await,
        Err(TrackingError::Invalid(_))
    ));
    let taken = NewUser {
        api_key: Some("bob0bob0bob0bob0bob0bob0bob0bob0bob0bob0".to_owned()),
        ..user("carl")
    };
    assert!(matches!(
        create(taken).await,
        Err(TrackingError::Conflict(_))
    ));
    create(user("carl"))
        .await
        .expect("still free after the refusals");
}

#[tokio::test]
async fn only_admins_manage_users() {
    let world = World::new().await;
    let forbidden = |error| assert!(matches!(error, TrackingError::Forbidden(_)), "{error:?}");
    forbidden(
        world
            .tracking
            .create_user(&world.bob, user("carl"))
            .await
            .expect_err("no admin"),
    );
    forbidden(
        world
            .tracking
            .list_users(&world.bob)
            .await
            .expect_err("no admin"),
    );
    forbidden(
        world
            .tracking
            .delete_user(&world.bob, "ada")
            .await
            .expect_err("no admin"),
    );
    forbidden(
        world
            .tracking
            .reset_password(&world.bob, "ada", "long enough")
            .await
            .expect_err("no admin"),
    );
}

#[tokio::test]
async fn a_password_signs_in_and_out() {
    let world = World::new().await;
    let new = NewUser {
        password: Some("correct horse".to_owned()),
        ..user("carl")
    };
    world
        .tracking
        .create_user(&world.ada, new)
        .await
        .expect("made");
    assert!(
        world
            .tracking
            .sign_in("carl", "wrong horse")
            .await
            .expect("checked")
            .is_none()
    );
    assert!(
        world
            .tracking
            .sign_in("nobody", "correct horse")
            .await
            .expect("checked")
            .is_none()
    );
    assert!(
        world
            .tracking
            .sign_in("ada", "")
            .await
            .expect("checked")
            .is_none()
    );
    let session = world
        .tracking
        .sign_in("Carl", "correct horse")
        .await
        .expect("checked")
        .expect("right");
    let found = world
        .tracking
        .authenticate_session(&session.token)
        .await
        .expect("checked");
    assert_eq!(
        found.map(|caller| caller.username().to_owned()).as_deref(),
        Some("carl")
    );
    world
        .tracking
        .sign_out(&session.token)
        .await
        .expect("signed out");
    assert!(
        world
            .tracking
            .authenticate_session(&session.token)
            .await
            .expect("checked")
            .is_none()
    );
}

#[tokio::test]
async fn sessions_and_links_expire_and_links_work_once() {
    let world = World::new().await;
    let link = world
        .tracking
        .create_sign_in_link("bob")
        .await
        .expect("made");
    let session = world
        .tracking
        .sign_in_with_link(&link)
        .await
        .expect("checked")
        .expect("fresh");
    assert!(
        world
            .tracking
            .sign_in_with_link(&link)
            .await
            .expect("checked")
            .is_none()
    );
    let late = world
        .tracking
        .create_sign_in_link("bob")
        .await
        .expect("made");
    world.advance(25 * 60 * 60);
    assert!(
        world
            .tracking
            .sign_in_with_link(&late)
            .await
            .expect("checked")
            .is_none()
    );
    assert!(
        world
            .tracking
            .authenticate_session(&session.token)
            .await
            .expect("checked")
            .is_some()
    );
    world.advance(30 * 24 * 60 * 60);
    assert!(
        world
            .tracking
            .authenticate_session(&session.token)
            .await
            .expect("checked")
            .is_none()
    );
}

#[tokio::test]
async fn a_new_password_ends_sessions() {
    let world = World::new().await;
    world
        .tracking
        .set_password(&world.bob, None, "first password")
        .await
        .expect("set");
    let session = world
        .tracking
        .sign_in("bob", "first password")
        .await
        .expect("checked")
        .expect("right");
    let refused = world
        .tracking
        .set_password(&session.caller, Some("wrong"), "second password")
        .await;
    assert!(
        matches!(refused, Err(TrackingError::Forbidden(_))),
        "{refused:?}"
    );
    let current = Some("first password");
    world
        .tracking
        .set_password(&session.caller, current, "second password")
        .await
        .expect("changed");
    assert!(
        world
            .tracking
            .authenticate_session(&session.token)
            .await
            .expect("checked")
            .is_none()
    );
    assert!(
        world
            .tracking
            .sign_in("bob", "second password")
            .await
            .expect("checked")
            .is_some()
    );
}

#[tokio::test]
async fn keys_are_shown_once_and_revoked_at_once() {
    let world = World::new().await;
    let made = world
        .tracking
        .create_api_key(&world.bob, "laptop")
        .await
        .expect("made");
    assert_eq!(made.secret.len(), 40);
    assert!(!format!("{made:?}").contains(&made.secret));
    assert!(
        world
            .tracking
            .authenticate_key(&made.secret)
            .await
            .expect("checked")
            .is_some()
    );
    let id = made.api_key.id;
    assert!(
        world.tracking.delete_api_key(&world.ada, id).await.is_err(),
        "another user's key"
    );
    world
        .tracking
        .delete_api_key(&world.bob, id)
        .await
        .expect("revoked");
    assert!(
        world
            .tracking
            .authenticate_key(&made.secret)
            .await
            .expect("checked")
            .is_none()
    );
}

#[tokio::test]
async fn deleting_a_user_deletes_their_runs_and_keys() {
    let world = World::new().await;
    let made = world
        .tracking
        .upsert_run(&world.bob, upsert("a"))
        .await
        .expect("bob's run");
    assert_eq!(made.run.entity.as_str(), "bob");
    let key = world
        .tracking
        .create_api_key(&world.bob, "laptop")
        .await
        .expect("made");
    world
        .tracking
        .delete_user(&world.ada, "bob")
        .await
        .expect("deleted");
    assert!(
        world
            .tracking
            .authenticate_key(&key.secret)
            .await
            .expect("checked")
            .is_none()
    );
    assert!(
        world.tracking.delete_user(&world.ada, "ada").await.is_err(),
        "oneself"
    );
    world
        .tracking
        .create_user(&world.ada, user("bob"))
        .await
        .expect("the name is free");
    let bob = world
        .tracking
        .act_as(&world.ada, "bob")
        .await
        .expect("a new bob");
    let mut run = path("a");
    run.entity = "bob".parse().expect("valid");
    assert!(
        world
            .tracking
            .lookup_run(&bob, &run)
            .await
            .expect("looked")
            .is_none()
    );
}

#[tokio::test]
async fn a_restart_keeps_the_admin_and_adds_a_configured_key() {
    let world = World::new().await;
    let second = "second0second0second0second0second0second0";
    let again = world
        .tracking
        .bootstrap("ada", Some(second))
        .await
        .expect("started again");
    assert!(again.new_api_key.is_none());
    for _ in 0..2 {
        assert!(
            world
                .tracking
                .authenticate_key(second)
                .await
                .expect("checked")
                .is_some()
        );
        world
            .tracking
            .bootstrap("ada", Some(second))
            .await
            .expect("and again");
    }
    let bobs = "bob0bob0bob0bob0bob0bob0bob0bob0bob0bob0";
    assert!(matches!(
        world.tracking.bootstrap("ada", Some(bobs)).await,
        Err(TrackingError::Conflict(_))
    ));
}
