//! Who may depend on whom: the levels of ARCHITECTURE.md, and crates that only one of ours may know.

use super::manifests::{DependencyKind, Package};

/// Our crates and their levels. A crate depends on lower levels only.
const LEVELS: &[(&str, u8)] = &[
    ("ballast-model", 1),
    ("ballast-sweep", 1),
    ("ballast-meta", 2),
    ("ballast-history", 2),
    ("ballast-blobs", 2),
    ("ballast-tracking", 3),
    ("ballast-wandb", 4),
    ("ballast-server", 4),
    ("ballast", 5),
];

/// The two doors see storage through `ballast-tracking` alone.
const DOORS: &[&str] = &["ballast-wandb", "ballast-server"];
const STORAGE: &[&str] = &["ballast-meta", "ballast-history", "ballast-blobs"];

/// What tests share; it has no level, because nothing that ships may depend on it.
const TESTING: &str = "ballast-testing";

/// The task runner, which stands outside.
const TASK_RUNNER: &str = "xtask";

/// Crates from outside that only some of ours may know: the start of their names, and who may.
const OWNED: &[(&str, &[&str])] = &[
    ("sea-orm", &["ballast-meta", TESTING]),
    ("sea-query", &["ballast-meta"]),
    ("sqlx", &["ballast-meta"]),
    ("parquet", &["ballast-history"]),
    ("object_store", &["ballast-blobs"]),
    ("async-graphql", &["ballast-wandb"]),
    ("rust-embed", &["ballast-server"]),
    ("clap", &["ballast", TESTING, TASK_RUNNER]),
    ("anyhow", &["ballast", TASK_RUNNER]),
];

/// Returns what is wrong, one line for each break.
pub(super) fn check(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let mut problems = Vec::new();
    if level(name).is_none() && name != TESTING && name != TASK_RUNNER {
        problems.push(format!(
            "crate `{name}` has no level: add it to `xtask/src/tidy/dependencies.rs`"
        ));
    }
    for dependency in &package.dependencies {
        let used = dependency.name.as_str();
        if used == TESTING && dependency.kind != DependencyKind::Dev {
            problems.push(format!("`{name}` ships `{TESTING}`: only tests may use it"));
        }
        if dependency.kind != DependencyKind::Dev {
            problems.extend(check_level(name, used));
        }
        for (prefix, owners) in OWNED {
            if used.starts_with(prefix) && !owners.contains(&name) {
                let owners = owners.join("` and `");
                problems.push(format!(
                    "`{name}` depends on `{used}`, which only `{owners}` may know"
                ));
            }
        }
    }
    problems
}

/// A dependency of what ships must be of a lower level, and no door may reach around `ballast-tracking`.
fn check_level(name: &str, used: &str) -> Option<String> {
    let used_level = level(used)?;
    let is_lower = level(name).is_some_and(|level| level > used_level);
    if !is_lower && name != TESTING {
        return Some(format!(
            "`{name}` depends on `{used}`, which is not of a lower level"
        ));
    }
    if DOORS.contains(&name) && STORAGE.contains(&used) {
        return Some(format!(
            "`{name}` is a door and depends on `{used}`: go through `ballast-tracking`"
        ));
    }
    None
}

fn level(name: &str) -> Option<u8> {
    LEVELS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, level)| level)
}

#[cfg(test)]
mod tests {
    use super::super::manifests::{Dependency, DependencyKind, Package};
    use super::check;

    fn problems(name: &str, used: &str, kind: DependencyKind) -> Vec<String> {
        check(&[Package {
            name: name.to_owned(),
            dependencies: vec![Dependency {
                name: used.to_owned(),
                kind,
            }],
            ..Package::default()
        }])
    }

    #[test]
    fn dependencies_point_down() {
        let normal = DependencyKind::Normal;
        assert!(problems("ballast-meta", "ballast-model", normal).is_empty());
        assert_eq!(
            problems("ballast-model", "ballast-meta", normal),
            ["`ballast-model` depends on `ballast-meta`, which is not of a lower level"]
        );
        assert_eq!(
            problems("ballast-wandb", "ballast-server", normal),
            ["`ballast-wandb` depends on `ballast-server`, which is not of a lower level"]
        );
    }

    #[test]
    fn doors_do_not_see_storage() {
        assert_eq!(
            problems("ballast-server", "ballast-meta", DependencyKind::Normal),
            [
                "`ballast-server` is a door and depends on `ballast-meta`: go through `ballast-tracking`"
            ]
        );
    }

    #[test]
    fn only_tests_use_the_testing_crate() {
        assert!(problems("ballast-meta", "ballast-testing", DependencyKind::Dev).is_empty());
        assert_eq!(
            problems("ballast-meta", "ballast-testing", DependencyKind::Normal),
            ["`ballast-meta` ships `ballast-testing`: only tests may use it"]
        );
    }

    #[test]
    fn sql_stays_in_its_crate() {
        assert!(problems("ballast-meta", "sea-orm-migration", DependencyKind::Normal).is_empty());
        assert_eq!(
            problems("ballast-tracking", "sqlx", DependencyKind::Dev),
            ["`ballast-tracking` depends on `sqlx`, which only `ballast-meta` may know"]
        );
    }

    #[test]
    fn every_crate_has_a_level() {
        assert_eq!(
            problems("ballast-notes", "serde", DependencyKind::Normal),
            ["crate `ballast-notes` has no level: add it to `xtask/src/tidy/dependencies.rs`"]
        );
    }
}
