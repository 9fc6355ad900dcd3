//! Every document that a recorded client sent is valid and is answered.

use std::path::{Path, PathBuf};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{ADA, TestDoor};

fn recordings(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/transcripts");
    let versions = std::fs::read_dir(&root).expect("there are recordings");
    let folders = versions
        .map(|entry| entry.expect("readable").path().join(kind))
        .filter(|folder| folder.is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("readable"));
    let mut paths: Vec<_> = files.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

#[tokio::test]
async fn recorded_documents_are_answered() {
    let door = TestDoor::start().await;
    for run in ["full1", "r1"] {
        door.upsert(run, json!({})).await;
        let rows: Vec<String> = (0..50)
            .map(|step| format!(r#"{{"_step":{step}}}"#))
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        door.log(run, 0, &rows).await;
    }
    let documents: Vec<_> = recordings("graphql")
        .into_iter()
        .filter(|path| has_extension(path, "graphql"))
        .collect();
    assert!(documents.len() > 50, "only {} recordings", documents.len());
    let mut wrong = Vec::new();
    for path in documents {
        let document = std::fs::read_to_string(&path).expect("readable");
        let request = std::fs::read_to_string(path.with_extension("json"))
            .unwrap_or_else(|_| "{}".to_owned());
        let mut body: Value = serde_json::from_str(&request).expect("recorded requests are JSON");
        body["query"] = document.into();
        let answer = door
            .request(Method::POST, "/graphql", Some(ADA), &[], body.to_string())
            .await;
        // The recorded ids and runs are another server's, so changes may find nothing.
        let known = [StatusCode::OK, StatusCode::NOT_FOUND];
        let message = answer.json()["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        // The recorded uploads were not made here.
        if message.ends_with("was never uploaded") {
            continue;
        }
        if !known.contains(&answer.status)
            || (answer.status == StatusCode::NOT_FOUND && !message.contains("does not exist"))
        {
            wrong.push(format!("{}: {} {message}", path.display(), answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn recorded_file_streams_are_stored() {
    let door = TestDoor::start().await;
    let bodies = recordings("file-stream");
    assert!(bodies.len() > 10, "only {} recordings", bodies.len());
    for path in bodies {
        let text = std::fs::read_to_string(&path).expect("readable");
        let recorded: Value = serde_json::from_str(&text).expect("recorded requests are JSON");
        let url = recorded["path"]
            .as_str()
            .expect("recorded requests have a path");
        let run = url.split('/').nth(4).expect("the path names a run");
        door.upsert(run, json!({})).await;
        let headers: Vec<(&str, &str)> = recorded["headers"]
            .as_object()
            .expect("recorded requests have headers")
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("headers are text")))
            .collect();
        let body = recorded["body"].to_string();
        let answer = door
            .request(Method::POST, url, Some(ADA), &headers, body)
            .await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{}: {:?}",
            path.display(),
            answer.body
        );
        assert_eq!(answer.json()["limits"], json!({}), "{}", path.display());
        let problems = door.run(run, "historyLineCount").await;
        assert!(problems["historyLineCount"].is_number());
    }
}
