//! The registry as a page of the documentation.

use std::fmt::Write as _;

use super::ErrorCode;

/// The Markdown page that lists every error code with its status and meaning: `docs/reference/errors.md`.
pub fn error_reference() -> String {
    let mut page = String::from(
        "# Error codes of the native API\n\
         \n\
         Generated from the registry in `crates/ballast-server/src/error/code.rs`; do not edit.\n\
         \n\
         Every refusal and failure under `/api/v1` has this body:\n\
         \n\
         ```json\n\
         {\"code\":\"run_not_found\",\"message\":\"run `3k2j9x` does not exist in `ada/vision`\",\"hint\":null,\
         \"request_id\":\"k3v9x2m4q8r1t5w7\"}\n\
         ```\n\
         \n\
         `code` is for programs: it keeps its name, status and meaning. `message` and `hint` are for people and may \
         change. `request_id` finds the request in the server's log.\n\
         \n\
         | code | status | meaning |\n\
         |---|---|---|\n",
    );
    for code in ErrorCode::ALL {
        writeln!(
            page,
            "| `{}` | {} | {} |",
            code.as_str(),
            code.status(),
            code.meaning()
        )
        .expect("writing to a string cannot fail");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_page_is_fresh() {
        assert_eq!(
            error_reference(),
            include_str!("../../../../docs/reference/errors.md"),
            "run `cargo xtask generate`"
        );
    }
}
