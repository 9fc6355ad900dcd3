use ballast_tracking::console::{ConsoleLine, ConsoleLines};
use ballast_tracking::history::Append;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::server::TestServer;

const CONSOLE: &str = "/api/v1/runs/ada/vision/one/console";

async fn server_with_lines() -> TestServer {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let line = |text: &str, level: Option<&str>| ConsoleLine {
        time: Some("2026-01-01T00:00:00.5".to_owned()),
        level: level.map(str::to_owned),
        label: None,
        text: text.to_owned(),
    };
    let lines = vec![
        line("epoch 1", None),
        line("\u{1b}[31mtrace\u{1b}[0mback", Some("error")),
        line("epoch 2", None),
    ];
    let console = Some(ConsoleLines { offset: 0, lines });
    let append = Append {
        console,
        ..Append::default()
    };
    server
        .tracking
        .append(&server.ada, &run, append)
        .await
        .expect("is stored");
    server
}

fn numbers(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|line| line["number"].as_u64().expect("a number"))
        .collect()
}

#[tokio::test]
async fn lines_come_in_pages() {
    let server = server_with_lines().await;
    let page = server.ada().get(&format!("{CONSOLE}?from=1&limit=1")).await;
    assert_json_snapshot!(page.json(), @r#"
    {
      "items": [
        {
          "number": 1,
          "time": "2026-01-01T00:00:00.5",
          "level": "error",
          "label": null,
          "text": "\u001b[31mtrace\u001b[0mback"
        }
      ],
      "total": 3
    }
    "#);
    let tail = server.ada().get(&format!("{CONSOLE}?tail=2")).await.json();
    assert_eq!(numbers(&tail), [1, 2]);
    let beyond = server.ada().get(&format!("{CONSOLE}?from=99")).await.json();
    assert_eq!(beyond, json!({"items": [], "total": 3}));
}

#[tokio::test]
async fn search_sees_through_colours() {
    let server = server_with_lines().await;
    let found = server
        .ada()
        .get(&format!("{CONSOLE}?search=TRACEBACK"))
        .await
        .json();
    assert_eq!(numbers(&found), [1]);
    assert_eq!(found["n_matches"], 1);
    let found = server
        .ada()
        .get(&format!("{CONSOLE}?search=epoch&limit=1"))
        .await
        .json();
    assert_eq!(numbers(&found), [0]);
    assert_eq!(found["n_matches"], 2);
}

#[tokio::test]
async fn patterns_are_regular_expressions() {
    let server = server_with_lines().await;
    let search = async |query: &str| server.ada().get(&format!("{CONSOLE}?{query}")).await;
    let found = search("pattern=%5Eepoch+%5B2-9%5D%24").await.json();
    assert_eq!((numbers(&found), &found["n_matches"]), (vec![2], &json!(1)));
    assert_eq!(numbers(&search("pattern=EPOCH").await.json()), [0_u64; 0]);
    assert_eq!(numbers(&search("pattern=(%3Fi)EPOCH").await.json()), [0, 2]);
    for (refused, status, code) in [
        ("pattern=(", 422, "invalid_value"),
        ("pattern=(a%7B1000%7D)%7B1000%7D", 422, "invalid_value"),
        ("search=a&pattern=a", 400, "invalid_query"),
    ] {
        let refusal = search(refused).await.refusal();
        assert_eq!(refusal, (status, code.to_owned()), "{refused}");
    }
}

#[tokio::test]
async fn the_whole_console_can_be_saved() {
    let server = server_with_lines().await;
    let response = server.ada().get(&format!("{CONSOLE}.txt")).await;
    assert_eq!(
        response.text(),
        "epoch 1\n\u{1b}[31mtrace\u{1b}[0mback\nepoch 2\n"
    );
    assert_eq!(response.header("content-type"), "text/plain; charset=utf-8");
    assert!(
        response
            .header("content-disposition")
            .starts_with("attachment; filename=\"one-console.txt\"")
    );
    let missing = server
        .ada()
        .get("/api/v1/runs/ada/vision/none/console.txt")
        .await;
    assert_eq!(missing.refusal(), (404, "run_not_found".to_owned()));
}
