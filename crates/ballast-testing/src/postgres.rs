//! A database of its own on a PostgreSQL server, for each test.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt as _;
use sea_orm::{ConnectionTrait as _, Database};

/// The URL of the server for tests, if there is one; its user may create databases. Says so if there is none, since the
/// test then passes without a look.
pub fn server() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration but the environment"
    )]
    let url = std::env::var("BALLAST_TEST_POSTGRES_URL").ok();
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    if url.is_none() {
        eprintln!("skipped: `BALLAST_TEST_POSTGRES_URL` names no PostgreSQL server");
    }
    url
}

/// Runs `test` with the URL of a database without tables, and drops it afterwards. Does nothing without a [`server`].
///
/// # Panics
/// If `test` does, or the server refuses.
pub async fn with_fresh_database<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else {
        return;
    };
    let admin = Database::connect(&server)
        .await
        .expect("the test server answers");
    let name = format!(
        "ballast_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("the user may create databases");
    let url = with_database(&server, &name);
    let outcome = AssertUnwindSafe(test(url)).catch_unwind().await;
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .expect("the database goes");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// The URL of the database `name` on `server`.
fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(base, query)| (base, Some(query)));
    let authority_end = base.find("://").expect("a URL has a scheme") + 3;
    let base = base[authority_end..]
        .find('/')
        .map_or(base, |slash| &base[..authority_end + slash]);
    match query {
        Some(query) => format!("{base}/{name}?{query}"),
        None => format!("{base}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_takes_the_place_of_another() {
        for (server, expected) in [
            ("postgres://u:p@h:5432", "postgres://u:p@h:5432/x"),
            ("postgres://h/template1", "postgres://h/x"),
            ("postgres://h/a?sslmode=off", "postgres://h/x?sslmode=off"),
        ] {
            assert_eq!(with_database(server, "x"), expected);
        }
    }
}
