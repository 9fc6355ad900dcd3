//! Runs and versions as query parameters name them.

use ballast_tracking::lineage::Subject;

use crate::error::{ApiError, ErrorCode};

/// Reads `run:entity/project/run` or `artifact:entity/project/collection:version`.
pub(crate) fn parse_subject(parameter: &str, text: &str) -> Result<Subject, ApiError> {
    let subject = match text.split_once(':') {
        Some(("run", name)) => name
            .parse()
            .ok()
            .filter(|found| matches!(found, Subject::Run(_))),
        Some(("artifact", name)) => name
            .parse()
            .ok()
            .filter(|found| matches!(found, Subject::Version(_))),
        _ => None,
    };
    subject.ok_or_else(|| {
        let shown: String = text.chars().take(200).collect();
        let message = format!(
            "`{parameter}` is `{shown}`; expected `run:entity/project/run` or \
             `artifact:entity/project/collection:version`"
        );
        ApiError::new(ErrorCode::InvalidQuery, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_runs_or_versions() {
        let read = |text| parse_subject("of", text).map(|subject| subject.to_string());
        assert_eq!(read("run:ada/vision/one").expect("a run"), "ada/vision/one");
        let version = read("artifact:ada/vision/net:best").expect("a version");
        assert_eq!(version, "ada/vision/net:best");
        for text in [
            "",
            "ada/vision/one",
            "run:ada/vision",
            "run:a/b/c/d",
            "run:ada/vision/net:v0",
            "artifact:ada/vision/net",
            "file:ada/vision/one",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
