//! Runs and versions as query parameters name them.

use ballast_model::{CollectionName, EntityName, ProjectName, RunPath};
use ballast_tracking::artifacts::{CollectionPath, VersionPath};
use ballast_tracking::lineage::Subject;

use crate::error::{ApiError, ErrorCode};

/// Reads `run:entity/project/run` or `artifact:entity/project/collection:version`.
pub(crate) fn parse_subject(parameter: &str, text: &str) -> Result<Subject, ApiError> {
    let unreadable = || {
        let shown: String = text.chars().take(200).collect();
        let message = format!(
            "`{parameter}` is `{shown}`; expected `run:entity/project/run` or \
             `artifact:entity/project/collection:version`"
        );
        ApiError::new(ErrorCode::InvalidQuery, message)
    };
    let (kind, name) = text.split_once(':').ok_or_else(unreadable)?;
    let parts: Vec<&str> = name.split('/').collect();
    let [entity, project, name] = parts.as_slice() else {
        return Err(unreadable());
    };
    match kind {
        "run" => Ok(Subject::Run(RunPath::new(entity, project, name)?)),
        "artifact" => {
            let (collection, version) = name.split_once(':').ok_or_else(unreadable)?;
            Ok(Subject::Version(VersionPath {
                collection: CollectionPath {
                    entity: EntityName::new(*entity)?,
                    project: ProjectName::new(*project)?,
                    collection: CollectionName::new(collection)?,
                },
                version: version.to_owned(),
            }))
        }
        _ => Err(unreadable()),
    }
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
            "artifact:ada/vision/net",
            "file:ada/vision/one",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
