//! Run files: up, listed, down, deleted.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::client::{ADA, TestDoor, local};

#[tokio::test]
async fn a_file_goes_up_and_comes_down() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    door.upload("r1", "media/images/ü x.png", b"hello").await;
    let run = door
        .run("r1", "fileCount files(names: [\"media/images/ü x.png\"]) { totalCount edges { cursor node { id name url directUrl sizeBytes mimetype md5 updatedAt } } pageInfo { endCursor hasNextPage } }")
        .await;
    assert_eq!(
        (&run["fileCount"], &run["files"]["totalCount"]),
        (&json!(1), &json!(1))
    );
    let node = &run["files"]["edges"][0]["node"];
    assert_eq!(node["md5"], "XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(
        (&node["sizeBytes"], &node["mimetype"]),
        (&json!(5), &json!("image/png"))
    );
    let direct = node["directUrl"]
        .as_str()
        .expect("every file has an address");
    let by_ticket = door
        .request(Method::GET, local(direct), None, &[], "")
        .await;
    let by_name = door
        .request(
            Method::GET,
            "/files/ada/vision/r1/media/images/%C3%BC%20x.png",
            Some(ADA),
            &[],
            "",
        )
        .await;
    for answer in [by_ticket, by_name] {
        assert_eq!(
            (answer.status, &answer.body[..]),
            (StatusCode::OK, &b"hello"[..])
        );
        assert_eq!(answer.headers["content-length"], "5");
        assert_eq!(answer.headers["content-type"], "image/png");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(
            answer.headers["content-security-policy"]
                .to_str()
                .is_ok_and(|policy| policy.starts_with("sandbox"))
        );
    }
    for (range, status, content) in [
        ("bytes=1-3", 206, "ell"),
        ("bytes=3-", 206, "lo"),
        ("bytes=-2", 206, "lo"),
        ("bytes=1-99", 206, "ello"),
        ("lines=1-2", 200, "hello"),
    ] {
        let answer = door
            .request(Method::GET, local(direct), None, &[("range", range)], "")
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..]),
            (status, content.as_bytes()),
            "{range}"
        );
    }
    let answer = door
        .request(
            Method::GET,
            local(direct),
            None,
            &[("range", "bytes=9-")],
            "",
        )
        .await;
    assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn active_content_is_not_shown_by_a_browser() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    for path in ["page.html", "image.svg"] {
        door.upload("r1", path, b"<script>alert(1)</script>").await;
        let answer = door
            .request(
                Method::GET,
                &format!("/files/ada/vision/r1/{path}"),
                Some(ADA),
                &[],
                "",
            )
            .await;
        assert_eq!(
            answer.headers["content-disposition"], "attachment",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_batch_gets_as_many_addresses_as_names() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let names = ["a.txt", "../climb", "", "b/c.txt", "a.txt"];
    let document = "mutation A($files: [String!]!) { createRunFiles(input: { entityName: \"ada\", projectName: \"vision\", runName: \"r1\", files: $files }) { runID uploadHeaders files { name uploadUrl } } }";
    let data = door
        .graphql(document, json!({ "files": names }))
        .await
        .data();
    let files = data["createRunFiles"]["files"].as_array().expect("a list");
    let returned: Vec<_> = files
        .iter()
        .map(|file| file["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(returned, names);
    let refused = local(files[1]["uploadUrl"].as_str().expect("an address"));
    let answer = door.request(Method::PUT, refused, None, &[], "x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = door
        .graphql(&document.replace("r1", "r2"), json!({ "files": names }))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn uploads_that_do_not_match_leave_nothing() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let url = door.upload_url("r1", "a.txt").await;
    for headers in [
        &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")][..],
        &[("content-md5", "nonsense")],
        &[("content-length", "3")],
        &[("content-length", "9")],
        &[("content-length", "many")],
    ] {
        let answer = door
            .request(Method::PUT, local(&url), None, headers, "hello")
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{headers:?}");
    }
    let answer = door
        .request(
            Method::PUT,
            local(&url),
            None,
            &[("content-length", "99999999999999")],
            "hello",
        )
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(door.run("r1", "fileCount").await["fileCount"], 0);
    let headers = [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        ("content-length", "5"),
    ];
    let answer = door
        .request(Method::PUT, local(&url), None, &headers, "hello")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["etag"], "\"XUFAKrxLKna5cZ2REBfFkg==\"");
}

#[tokio::test]
async fn a_name_without_a_file_is_told_by_its_md5() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    let run = door.run("r1", "files(names: [\"x/y.txt\"]) { edges { node { name md5 sizeBytes url(upload: true) directUrl } } }").await;
    let node = &run["files"]["edges"][0]["node"];
    assert_eq!(
        (&node["name"], &node["md5"], &node["sizeBytes"]),
        (&json!("x/y.txt"), &json!("0"), &json!(0))
    );
    let url = node["url"].as_str().expect("an address");
    assert_eq!(
        door.request(Method::PUT, local(url), None, &[], "x")
            .await
            .status,
        StatusCode::OK
    );
    let answer = door
        .request(
            Method::GET,
            "/files/ada/vision/r1/x/z.txt",
            Some(ADA),
            &[],
            "",
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_are_listed_by_pattern_and_page_and_deleted() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    for name in ["a.txt", "b.txt", "c.png"] {
        door.upload("r1", name, b"x").await;
    }
    let page = |after: &str| {
        format!(
            "files(first: 2{after}) {{ edges {{ cursor node {{ id name }} }} pageInfo {{ endCursor hasNextPage }} }}"
        )
    };
    let first = door.run("r1", &page("")).await;
    assert_eq!(
        first["files"]["pageInfo"],
        json!({ "endCursor": "b.txt", "hasNextPage": true })
    );
    let second = door.run("r1", &page(", after: \"b.txt\"")).await;
    assert_eq!(second["files"]["edges"][0]["node"]["name"], "c.png");
    assert_eq!(second["files"]["pageInfo"]["hasNextPage"], false);
    let like = door
        .run(
            "r1",
            "files(names: [], pattern: \"%.txt\") { edges { node { name } } }",
        )
        .await;
    assert_eq!(like["files"]["edges"].as_array().map(Vec::len), Some(2));

    let id = &first["files"]["edges"][0]["node"]["id"];
    let delete = "mutation D($files: [ID!]!) { deleteFiles(input: { files: $files, projectId: 1 }) { success } }";
    let unknown = door
        .graphql(delete, json!({ "files": [id, "RmlsZTo5OTk="] }))
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    door.graphql(delete, json!({ "files": [id] })).await.data();
    assert_eq!(door.run("r1", "fileCount").await["fileCount"], 2);
}

#[tokio::test]
async fn files_about_the_environment_are_read() {
    let door = TestDoor::start().await;
    door.upsert("r1", json!({})).await;
    door.upload("r1", "wandb-metadata.json", br#"{"os":"Linux","program":"train.py","args":["--x"],"gpu_count":1,"git":{"remote":"r","commit":"c"}}"#).await;
    door.upload("r1", "requirements.txt", b"numpy==2.0\n").await;
    let run = door
        .run(
            "r1",
            "runInfo { os program args gpuCount git { remote commit } }",
        )
        .await;
    assert_eq!(
        run["runInfo"],
        json!({ "os": "Linux", "program": "train.py", "args": ["--x"], "gpuCount": 1, "git": { "remote": "r", "commit": "c" } })
    );
    let ada = door
        .tracking
        .authenticate_key(ADA)
        .await
        .expect("answers")
        .expect("is known");
    let path = ballast_model::RunPath::new("ada", "vision", "r1").expect("valid");
    let stored = door.tracking.get_run(&ada, &path).await.expect("exists");
    assert_eq!(stored.environment.packages, ["numpy==2.0"]);
    door.upload("r1", "wandb-metadata.json", b"{ no JSON").await;
    assert_eq!(
        door.run("r1", "runInfo { os }").await["runInfo"]["os"],
        "Linux"
    );
}
