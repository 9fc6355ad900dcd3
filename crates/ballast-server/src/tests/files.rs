use insta::assert_json_snapshot;
use serde_json::json;

use super::server::TestServer;

const FILES: &str = "/api/v1/runs/ada/vision/one/files";

async fn server_with_files() -> TestServer {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    server.add_file(&run, "notes.txt", "0123456789").await;
    server
        .add_file(&run, "media/page.html", "<script>1</script>")
        .await;
    server.add_file(&run, "media/größe 1.js", "alert(1)").await;
    server
}

#[tokio::test]
async fn files_are_listed_by_path() {
    let server = server_with_files().await;
    let list = server.ada().get(&format!("{FILES}?prefix=notes")).await;
    assert_json_snapshot!(list.json(), @r#"
    {
      "items": [
        {
          "path": "notes.txt",
          "size_bytes": 10,
          "mime_type": "text/plain",
          "md5": "eB5eJF1ptWaXm4bijSPyxw==",
          "updated_at": "2026-01-01T00:00:00Z"
        }
      ],
      "next_cursor": null
    }
    "#);
    let first = server.ada().get(&format!("{FILES}?limit=2")).await.json();
    assert_eq!(first["next_cursor"], "media/page.html");
    let second = server
        .ada()
        .get(&format!("{FILES}?limit=2&cursor=media/page.html"))
        .await
        .json();
    assert_eq!(second["items"][0]["path"], "notes.txt");
    assert_eq!(second["next_cursor"], json!(null));
}

#[tokio::test]
async fn a_file_comes_whole_or_in_part() {
    let server = server_with_files().await;
    let path = format!("{FILES}/notes.txt");
    let whole = server.ada().get(&path).await;
    assert_eq!((whole.status.as_u16(), whole.text()), (200, "0123456789"));
    assert_eq!(whole.header("content-length"), "10");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    for (range, text, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-500", "56789", "bytes 5-9/10"),
    ] {
        let part = server.ada().get_with(&path, &[("range", range)]).await;
        assert_eq!((part.status.as_u16(), part.text()), (206, text), "{range}");
        assert_eq!(part.header("content-range"), content_range);
        assert_eq!(part.header("content-length"), text.len().to_string());
    }
    let outside = server
        .ada()
        .get_with(&path, &[("range", "bytes=10-")])
        .await;
    assert_eq!(outside.refusal(), (416, "range_not_satisfiable".to_owned()));
    assert_eq!(outside.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let server = server_with_files().await;
    let path = format!("{FILES}/notes.txt");
    let etag = server.ada().get(&path).await.header("etag").to_owned();
    assert_eq!(etag, "\"eB5eJF1ptWaXm4bijSPyxw==\"");
    let known = server
        .ada()
        .get_with(&path, &[("if-none-match", &etag)])
        .await;
    assert_eq!((known.status.as_u16(), known.text()), (304, ""));
    let stale = [("range", "bytes=0-0"), ("if-range", "\"old\"")];
    assert_eq!(server.ada().get_with(&path, &stale).await.status, 200);
    let run = ballast_model::RunPath::new("ada", "vision", "one").expect("valid");
    server.add_file(&run, "notes.txt", "changed").await;
    let changed = server
        .ada()
        .get_with(&path, &[("if-none-match", &etag)])
        .await;
    assert_eq!((changed.status.as_u16(), changed.text()), (200, "changed"));
}

#[tokio::test]
async fn pages_of_scripts_run_without_our_origin() {
    let server = server_with_files().await;
    let page = server.ada().get(&format!("{FILES}/media/page.html")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'")
    );
    assert!(!policy.contains("allow-same-origin"));
    assert!(
        !policy.contains("https:"),
        "looking at a run tells no other server"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let plain = server.ada().get(&format!("{FILES}/notes.txt")).await;
    assert!(
        plain
            .header("content-security-policy")
            .starts_with("sandbox; default-src 'none'")
    );
}

#[tokio::test]
async fn scripts_cannot_be_loaded_by_our_pages() {
    let server = server_with_files().await;
    let path = format!("{FILES}/media/gr%C3%B6%C3%9Fe%201.js");
    let script = server.ada().get(&path).await;
    assert_eq!(script.header("content-type"), "text/plain; charset=utf-8");
    assert!(script.header("content-disposition").starts_with("inline;"));
    let saved = server.ada().get(&format!("{path}?download=true")).await;
    let disposition = saved.header("content-disposition");
    assert_eq!(
        disposition,
        "attachment; filename=\"gr__e 1.js\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%201.js"
    );
}

#[tokio::test]
async fn missing_and_climbing_paths_are_refused() {
    let server = server_with_files().await;
    let missing = server.ada().get(&format!("{FILES}/none.txt")).await;
    assert_eq!(missing.refusal(), (404, "file_not_found".to_owned()));
    for path in [
        "..%2F..%2Fmeta.db",
        "a%2F..%2F..%2Fb",
        "%2Fetc%2Fpasswd",
        "a%5Cb",
    ] {
        let response = server.ada().get(&format!("{FILES}/{path}")).await;
        assert_eq!(
            response.refusal(),
            (422, "invalid_name".to_owned()),
            "{path}"
        );
    }
}
