//! Nonsense gets an answer, and leaves everything else intact.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::client::{ADA, MAX_REQUEST_BYTES, TestDoor};

const STREAM: &str = "/files/ada/vision/r1/file_stream";

async fn door_with_a_run() -> TestDoor {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    door
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

#[tokio::test]
async fn run_ids_that_are_no_names() {
    let door = door_with_a_run().await;
    for id in [
        "a/b",
        "..",
        ".",
        "a%2Fb",
        "x:y",
        "a\nb",
        " a",
        &"x".repeat(300),
    ] {
        let answer = door.try_upsert(id, json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}");
        assert!(answer.message().contains("run id"), "{}", answer.message());
    }
    for path in [
        "/files/ada/vision/%2E%2E/file_stream",
        "/files/ada/vision/a%2Fb/file_stream",
    ] {
        let answer = door.request(Method::POST, path, Some(ADA), &[], "{}").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(door.upsert("🚀 größe", json!({})).await["inserted"], true);
    assert_eq!(door.run("🚀 größe", "name").await["name"], "🚀 größe");
    let answer = door
        .request(
            Method::POST,
            "/files/ada/vision/%F0%9F%9A%80%20gr%C3%B6%C3%9Fe/file_stream",
            Some(ADA),
            &[],
            "{}",
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_that_are_no_json() {
    let door = door_with_a_run().await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":[\"{",
        "\u{0}",
    ] {
        let answer = door
            .request(Method::POST, STREAM, Some(ADA), &[], body)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answer.message().is_empty());
        let answer = door
            .request(Method::POST, "/graphql", Some(ADA), &[], body)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        0
    );
}

#[tokio::test]
async fn a_bad_line_keeps_its_place_and_the_others_are_stored() {
    let door = door_with_a_run().await;
    let lines: Vec<String> = (0..100)
        .map(|step| {
            if step == 7 {
                "{\"_step\": 7, \"x\": ".to_owned()
            } else {
                format!(r#"{{"_step":{step},"x":{step}}}"#)
            }
        })
        .collect();
    let answer = door
        .stream(
            "r1",
            json!({ "files": { "wandb-history.jsonl": { "offset": 0, "content": lines } } }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let run = door
        .run("r1", "historyLineCount history(minStep: 0, maxStep: 1000)")
        .await;
    assert_eq!(run["historyLineCount"], 100);
    let ada = door
        .tracking
        .authenticate_key(ADA)
        .await
        .expect("answers")
        .expect("is known");
    let path = ballast_model::RunPath::new("ada", "vision", "r1").expect("valid");
    let problems = door
        .tracking
        .list_problems(&ada, &path)
        .await
        .expect("answers");
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.line)
            .collect::<Vec<_>>(),
        [7]
    );
    // The client goes on behind it.
    door.log("r1", 100, &[r#"{"_step":100,"x":1}"#]).await;
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        101
    );
}

#[tokio::test]
async fn invalid_utf8_spoils_only_its_line() {
    let door = door_with_a_run().await;
    let body = b"{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":[\"{\\\"_step\\\":0}\",\"{\\\"s\\\":\\\"\xff\\\"}\",\"{\\\"_step\\\":2}\"]},\"output.log\":{\"offset\":0,\"content\":[\"a\xffb\"]}}}";
    let answer = door
        .request(Method::POST, STREAM, Some(ADA), &[], body.to_vec())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let run = door.run("r1", "historyLineCount history(minStep: 0, maxStep: 10) logLines(last: 1) { edges { node { line } } }").await;
    assert_eq!(run["historyLineCount"], 3);
    assert_eq!(run["history"].as_array().map(Vec::len), Some(2));
    assert_eq!(run["logLines"]["edges"][0]["node"]["line"], "a\u{fffd}b");
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let door = door_with_a_run().await;
    let large = vec![b' '; MAX_REQUEST_BYTES as usize + 1];
    for path in [STREAM, "/graphql"] {
        let answer = door
            .request(Method::POST, path, Some(ADA), &[], large.clone())
            .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        let bomb = gzip(&vec![b' '; 64 << 20]);
        let answer = door
            .request(
                Method::POST,
                path,
                Some(ADA),
                &[("content-encoding", "gzip")],
                bomb,
            )
            .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn gzip_is_read_and_damaged_gzip_refused() {
    let door = door_with_a_run().await;
    let body = json!({ "files": { "wandb-history.jsonl": { "offset": 0, "content": ["{\"_step\":0}"] } } }).to_string();
    let packed = gzip(body.as_bytes());
    let encoding = [("content-encoding", "gzip")];
    let answer = door
        .request(
            Method::POST,
            STREAM,
            Some(ADA),
            &encoding,
            packed[..packed.len() - 9].to_vec(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = door
        .request(Method::POST, STREAM, Some(ADA), &encoding, packed)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        1
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let door = door_with_a_run().await;
    let pieces = [
        Ok(bytes::Bytes::from(
            r#"{"files":{"wandb-history.jsonl":{"offset":0,"content":["{}"]}}"#,
        )),
        Err(std::io::Error::other("connection reset")),
    ];
    let request = Request::post(STREAM)
        .header(header::AUTHORIZATION, format!("Bearer {ADA}"))
        .body(Body::from_stream(futures::stream::iter(pieces)))
        .expect("a valid request");
    assert_eq!(door.send(request).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        door.run("r1", "historyLineCount").await["historyLineCount"],
        0
    );
}

#[tokio::test]
async fn configs_that_are_no_objects_or_too_large() {
    let door = door_with_a_run().await;
    for config in ["[]", "{", "7", &"[".repeat(10_000)] {
        let answer = door.try_upsert("r1", json!({ "config": config })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{config:.20}");
    }
    let answer = door
        .try_upsert("r1", json!({ "tags": ["x".repeat(65)] }))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = door.try_upsert("r1", json!({ "state": "done" })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        door.run("r1", "config tags").await,
        json!({ "config": "{}", "tags": [] })
    );
}

#[tokio::test]
async fn wide_and_deep_rows_are_stored() {
    let door = door_with_a_run().await;
    let wide: Vec<String> = (0..10_000)
        .map(|key| format!(r#""k{key}":{key}"#))
        .collect();
    let wide = wide.join(",");
    let deep = format!(
        r#"{{"_step":1,"d":{}1{}}}"#,
        r#"{"a":"#.repeat(12),
        "}".repeat(12)
    );
    door.log("r1", 0, &[&format!(r#"{{{wide},"_step":0}}"#), &deep])
        .await;
    let run = door.run("r1", "history(minStep: 0, maxStep: 2)").await;
    let rows = run["history"].as_array().expect("a list");
    assert!(
        rows[0]
            .as_str()
            .is_some_and(|row| row.contains(r#""k9999":9999"#))
    );
    assert!(
        rows[1]
            .as_str()
            .is_some_and(|row| row.contains(&r#"{"a":"#.repeat(12)))
    );
}

#[tokio::test]
async fn documents_that_ask_too_much() {
    let door = door_with_a_run().await;
    let deep = format!(
        "{{ project(name: \"vision\") {} id {} }}",
        "{ run(name: \"r1\") { project ".repeat(40),
        "} }".repeat(40)
    );
    let aliases: Vec<String> = (0..500).map(|n| format!("a{n}: viewer {{ id }}")).collect();
    let aliases = aliases.join(" ");
    let cycle = "{ viewer { ...F } } fragment F on User { id ...F }".to_owned();
    let fields = format!("{{ viewer {{ {} }} }}", "id ".repeat(6_000));
    for document in [deep, format!("{{ {aliases} }}"), cycle, fields] {
        let answer = door.graphql(&document, json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{document:.60}");
    }
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let door = door_with_a_run().await;
    for (method, path, status) in [
        (Method::POST, "/sdk/otel/v1/metrics", 404),
        (Method::POST, "/evaluations/x", 404),
        (Method::GET, "/artifactsV2/default/ada/x/y/z/0/name", 401),
        (Method::GET, "/artifacts/ada/x", 401),
        (Method::POST, "/oidc/token", 400),
        (Method::PUT, "/storage/refused", 400),
    ] {
        let answer = door.request(method, path, None, &[], "").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(!answer.message().is_empty());
    }
}

#[tokio::test]
async fn changes_that_do_not_exist_yet_are_refused_by_name() {
    let door = door_with_a_run().await;
    let document =
        "mutation { createServiceAccount(input: { entityName: \"ada\" }) { user { id } } }";
    let answer = door.graphql(document, json!({})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.message(),
        "service accounts are not supported by this server yet"
    );
    let answer = door
        .graphql("mutation { makeCoffee { sugar } }", json!({}))
        .await;
    assert_eq!(
        answer.message(),
        r#"Cannot query field "makeCoffee" on type "Mutation"."#
    );
}
