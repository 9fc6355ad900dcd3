//! Which addresses are ours.

/// Where the API begins.
pub(crate) const API_ROOT: &str = "/api/v1";

/// First parts of addresses that the API, the pages and the operator's probes use, now or soon. An entity of such a name would be out of
/// reach, so none may have it.
const ROOTS: &[&str] = &[
    "api",
    "assets",
    "authorize",
    "healthz",
    "metrics",
    "organizations",
    "orgs",
    "projects",
    "quickstart",
    "ready",
    "readyz",
    "registries",
    "settings",
    "sign-in",
    "teams",
    "users",
];

/// First parts of the addresses that this crate serves or keeps for its pages, in lower case.
///
/// An entity is reached under `/{entity}/{project}`, so no entity may be named so.
pub fn route_roots() -> &'static [&'static str] {
    ROOTS
}

/// Whether a path belongs to the API, of whichever version.
pub(crate) fn is_api_path(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_sorted_lower_case_and_distinct() {
        assert!(ROOTS.is_sorted_by(|a, b| a < b));
        assert!(
            ROOTS
                .iter()
                .all(|root| !root.contains(|c: char| c.is_ascii_uppercase()))
        );
    }

    #[test]
    fn every_page_and_path_of_ours_is_kept() {
        let pages = [
            "sign-in",
            "authorize",
            "quickstart",
            "settings",
            "projects",
            "assets",
        ];
        let probes = ["healthz", "readyz", "ready", "metrics"];
        let api = API_ROOT.split('/').nth(1).expect("has a first part");
        for root in pages.iter().chain(&probes).chain(&[api]) {
            assert!(ROOTS.contains(root), "{root}");
        }
        for path in crate::openapi().paths.paths.keys() {
            assert!(is_api_path(path), "{path}");
        }
    }
}
