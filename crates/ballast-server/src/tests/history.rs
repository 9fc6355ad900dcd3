use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{Float64Type, UInt32Type, UInt64Type};
use arrow::ipc::reader::StreamReader;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use super::server::{Response, TestServer};

const RUN: &str = "/api/v1/runs/ada/vision/one";
const SERIES: &str = "/api/v1/projects/ada/vision/series";

async fn server_with_rows() -> TestServer {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let rows = [
        r#"{"loss":3.5,"d":{"x":1},"d.x":"text","_step":0,"_runtime":0.5,"_timestamp":100.0}"#,
        r#"{"loss":NaN,"_step":1,"_runtime":1.5,"_timestamp":101.0}"#,
        r#"{"loss":2,"image":{"_type":"image-file","path":"media/a.png"},"_step":2}"#,
        r#"{"acc":0.25,"_step":3}"#,
    ];
    server.log(&run, 0, &rows).await;
    server.add_run("empty").await;
    server
}

fn decode(response: &Response) -> (serde_json::Value, RecordBatch) {
    assert_eq!(
        response.header("content-type"),
        "application/vnd.apache.arrow.stream"
    );
    let reader = StreamReader::try_new(&*response.body, None).expect("an Arrow stream");
    let schema = reader.schema();
    let batches: Vec<_> = reader.map(|batch| batch.expect("a batch")).collect();
    let points = serde_json::from_str(&schema.metadata()["points"]).expect("JSON");
    (
        points,
        arrow::compute::concat_batches(&schema, &batches).expect("one schema"),
    )
}

#[tokio::test]
async fn curves_are_what_was_logged() {
    let server = server_with_rows().await;
    let request = json!({
        "runs": ["empty", "none", "one"], "keys": ["acc", "loss"], "stream": "history",
        "axis": {"kind": "step"}, "columns": 100,
    });
    let response = server.ada().post(SERIES, request).await;
    assert_eq!(response.status, 200);
    let (points, batch) = decode(&response);
    assert_eq!(points, json!([[0, 0], [0, 0], [1, 3]]));
    let counts = |name: &str| counts(&batch, name);
    let floats = |name: &str| floats(&batch, name);
    assert_eq!(counts("run"), [2, 2, 2, 2]);
    assert_eq!(counts("key"), [0, 1, 1, 1]);
    assert_eq!(floats("x_min"), [3.0, 0.0, 1.0, 2.0]);
    assert_eq!(floats("x_max"), floats("x_min"));
    assert_eq!(counts("count"), [1, 1, 0, 1]);
    assert_eq!(counts("n_nan"), [0, 0, 1, 0]);
    for name in ["min", "max", "first", "last", "mean"] {
        let values = floats(name);
        let bits = |values: &[f64]| {
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>()
        };
        let finite = [values[0], values[1], values[3]];
        assert_eq!(bits(&finite), bits(&[0.25, 3.5, 2.0]), "{name}");
        assert!(values[2].is_nan(), "{name}");
    }
    for name in ["n_pos_inf", "n_neg_inf"] {
        assert_eq!(counts(name), [0; 4], "{name}");
    }
    assert!(
        batch
            .columns()
            .iter()
            .all(|column| column.null_count() == 0)
    );
}

/// Three runs of `a` and `b` over the steps 0 and 1; `a` differs between them.
async fn server_with_runs() -> TestServer {
    let server = TestServer::new().await;
    for (id, shift) in [("one", 1), ("two", 2), ("three", 6)] {
        let run = server.add_run(id).await;
        let rows = [0, 1].map(|step| {
            let a = shift + 10 * step;
            format!(r#"{{"a":{a},"b":0.5,"_step":{step}}}"#)
        });
        server.log(&run, 0, &[&rows[0], &rows[1]]).await;
    }
    server
}

fn counts(batch: &RecordBatch, name: &str) -> Vec<u32> {
    batch[name].as_primitive::<UInt32Type>().values().to_vec()
}

fn floats(batch: &RecordBatch, name: &str) -> Vec<f64> {
    batch[name].as_primitive::<Float64Type>().values().to_vec()
}

fn metadata(response: &Response, name: &str) -> serde_json::Value {
    let reader = StreamReader::try_new(&*response.body, None).expect("an Arrow stream");
    serde_json::from_str(&reader.schema().metadata()[name]).expect("JSON")
}

#[tokio::test]
async fn expressions_follow_the_keys() {
    let server = server_with_runs().await;
    let request = json!({
        "runs": ["one", "none"], "keys": ["a"], "expressions": ["a * ${b}", "nothing + a", "a - lag(a)"],
        "axis": {"kind": "expression", "name": "-a"}, "columns": 100,
    });
    let response = server.ada().post(SERIES, request).await;
    assert_eq!(response.status, 200);
    let (points, batch) = decode(&response);
    assert_eq!(points, json!([[2, 2, 0, 1], [0, 0, 0, 0]]));
    assert_eq!(counts(&batch, "key"), [0, 0, 1, 1, 3]);
    assert_eq!(floats(&batch, "x_min"), [-11.0, -1.0, -11.0, -1.0, -11.0]);
    assert_eq!(floats(&batch, "mean"), [11.0, 1.0, 5.5, 0.5, 10.0]);
}

#[tokio::test]
async fn curves_are_smoothed_if_asked() {
    let server = server_with_runs().await;
    let request = json!({
        "runs": ["none", "one"], "keys": [], "expressions": ["a"], "axis": {"kind": "step"},
        "smoothing": {"kind": "running_mean", "parameter": 3}, "columns": 100,
    });
    let response = server.ada().post(SERIES, request).await;
    assert_eq!(response.status, 200);
    let (_, batch) = decode(&response);
    assert_eq!(metadata(&response, "smoothed"), json!([[false], [true]]));
    assert_eq!(floats(&batch, "mean"), [6.0, 6.0]);
}

#[tokio::test]
async fn groups_are_drawn_instead_of_runs() {
    let server = server_with_runs().await;
    let request = json!({
        "runs": ["one", "none", "two", "three"], "groups": [[3, 0, 1, 2], [1], [], [2]],
        "keys": ["a"], "expressions": ["1 / (a - 2)"], "axis": {"kind": "step"},
        "smoothing": {"kind": "ema", "parameter": 0}, "columns": 100,
    });
    let response = server.ada().post(SERIES, request).await;
    assert_eq!(response.status, 200);
    let (points, batch) = decode(&response);
    assert_eq!(points, json!([[6, 6], [0, 0], [0, 0], [2, 2]]));
    assert_eq!(
        metadata(&response, "smoothed"),
        json!([[true, true], [false, false], [false, false], [true, true]])
    );
    assert_eq!(counts(&batch, "group"), [0, 0, 0, 0, 3, 3, 3, 3]);
    assert_eq!(counts(&batch, "key"), [0, 0, 1, 1, 0, 0, 1, 1]);
    assert_eq!(floats(&batch, "x_max"), [0.0, 1.0].repeat(4));
    assert_eq!(floats(&batch, "x_min"), floats(&batch, "x_max"));
    assert_eq!(counts(&batch, "n"), [3, 3, 2, 3, 1, 1, 0, 1]);
    let wide = |name: &str| batch[name].as_primitive::<UInt64Type>().values().to_vec();
    assert_eq!(wide("count"), [3, 3, 2, 3, 1, 1, 0, 1]);
    assert_eq!(wide("n_non_finite"), [0, 0, 1, 0, 0, 0, 1, 0]);
    assert!(
        batch
            .columns()
            .iter()
            .all(|column| column.null_count() == 0)
    );
    let first: Vec<String> = [
        "mean",
        "median",
        "sd",
        "se",
        "ci95_low",
        "ci95_high",
        "min",
        "max",
    ]
    .iter()
    .map(|name| format!("{name} {:.4}", floats(&batch, name)[0]))
    .collect();
    assert_snapshot!(first.join(", "), @"mean 3.0000, median 2.0000, sd 2.6458, se 1.5275, ci95_low -3.5724, ci95_high 9.5724, min 1.0000, max 6.0000");
    assert_eq!(floats(&batch, "mean")[4..6], [2.0, 12.0]);
    for name in ["sd", "se", "ci95_low", "ci95_high"] {
        assert!(floats(&batch, name)[4].is_nan(), "{name}");
    }
}

#[tokio::test]
async fn refusals_say_what_is_wrong_with_a_curve() {
    let server = server_with_runs().await;
    let message = async |change: serde_json::Value| {
        let mut request = json!({
            "runs": ["one", "two"], "keys": ["a"], "axis": {"kind": "step"}, "columns": 10,
        });
        for (field, value) in change.as_object().expect("fields") {
            request[field] = value.clone();
        }
        let response = server.ada().post(SERIES, request).await;
        assert_eq!(response.refusal(), (422, "invalid_value".to_owned()));
        response.json()["message"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    assert_snapshot!(message(json!({"expressions": ["a", "a * * 2"]})).await, @"`expressions[1]`: expected a number, a metric, a function, `-` or `(` at character 5, found `*`");
    assert_snapshot!(message(json!({"expressions": vec!["a"; 51]})).await, @"`expressions` must be 0 to 50, got 51");
    assert_snapshot!(message(json!({"keys": []})).await, @"`keys` and `expressions` are both empty, expected something to draw");
    assert_snapshot!(message(json!({"axis": {"kind": "expression", "name": "a +"}})).await, @"`axis.name`: expected a number, a metric, a function, `-` or `(` at character 4, found the end");
    assert_snapshot!(message(json!({"axis": {"kind": "expression"}})).await, @"an axis of kind `expression` needs a `name`");
    let smoothing = async |kind: &str, parameter: f64| {
        message(json!({"smoothing": {"kind": kind, "parameter": parameter}})).await
    };
    assert_snapshot!(smoothing("time_weighted_ema", 1.5).await, @"`smoothing.parameter` of kind `time_weighted_ema` must be 0 to 1, got 1.5");
    assert_snapshot!(smoothing("ema", 1.0).await, @"`smoothing.parameter` of kind `ema` must be 0 to 0.999, got 1");
    assert_snapshot!(smoothing("gaussian", -1.0).await, @"`smoothing.parameter` of kind `gaussian` must be 0 to 200, got -1");
    assert_snapshot!(smoothing("running_mean", 2.5).await, @"`smoothing.parameter` of kind `running_mean` must be a whole number from 0 to 1000000, got 2.5");
    assert_snapshot!(message(json!({"groups": []})).await, @"`groups` must be 1 to 200, got 0");
    assert_snapshot!(message(json!({"groups": [[0], [1, 2]]})).await, @"`groups[1]` has 2, expected a place in `runs`, 0 to 1");
    assert_snapshot!(message(json!({"groups": [[1, 1]]})).await, @"`groups[0]` has 1 twice, expected each run once");
    assert_snapshot!(message(json!({"groups": vec![vec![0; 101]; 100]})).await, @"`groups` must have at most 10000 members together, got 10100");
}

#[tokio::test]
async fn groups_of_another_users_runs_do_not_exist() {
    let server = server_with_runs().await;
    let request = json!({
        "runs": ["one", "two"], "groups": [[0, 1]], "keys": [], "expressions": ["a"],
        "axis": {"kind": "step"}, "columns": 10,
    });
    let refusal = server.bob().post(SERIES, request).await.refusal();
    assert_eq!(refusal, (404, "project_not_found".to_owned()));
}

#[tokio::test]
async fn impossible_curves_are_refused() {
    let server = server_with_rows().await;
    let request = |runs: usize, keys: usize, columns: usize| json!({"runs": vec!["one"; runs], "keys": vec!["loss"; keys], "axis": {"kind": "step"}, "columns": columns});
    for (runs, keys, columns) in [
        (1001, 1, 10),
        (1, 201, 10),
        (1, 1, 4001),
        (300, 200, 10),
        (0, 1, 10),
        (1, 0, 10),
        (1, 1, 0),
    ] {
        let response = server
            .ada()
            .post(SERIES, request(runs, keys, columns))
            .await;
        assert_eq!(
            response.refusal(),
            (422, "invalid_value".to_owned()),
            "{runs} {keys} {columns}"
        );
    }
    let mut nameless = request(1, 1, 10);
    nameless["axis"] = json!({"kind": "metric"});
    assert_eq!(server.ada().post(SERIES, nameless).await.status, 422);
    let mut backwards = request(1, 1, 10);
    backwards["min"] = json!(5);
    backwards["max"] = json!(4);
    assert_eq!(server.ada().post(SERIES, backwards).await.status, 422);
    let elsewhere = server
        .ada()
        .post("/api/v1/projects/ada/other/series", request(1, 1, 10))
        .await;
    assert_eq!(elsewhere.refusal(), (404, "project_not_found".to_owned()));
}

#[tokio::test]
async fn keys_are_listed_with_what_they_hold() {
    let server = server_with_rows().await;
    let keys = server.ada().get(&format!("{RUN}/keys")).await.json();
    let named = |name: &str| {
        let items = keys["items"].as_array().expect("items");
        items
            .iter()
            .find(|key| key["name"] == name)
            .cloned()
            .unwrap_or_else(|| panic!("no key {name}"))
    };
    assert_json_snapshot!(named("loss"), @r#"
    {
      "name": "loss",
      "label": "loss",
      "kinds": [
        "number"
      ],
      "count": 3,
      "first_step": 0,
      "last_step": 2,
      "min": 2.0,
      "max": 3.5,
      "last": 2
    }
    "#);
    assert_json_snapshot!(named("d\\.x"), @r#"
    {
      "name": "d\\.x",
      "label": "d.x",
      "kinds": [
        "string"
      ],
      "count": 1,
      "first_step": 0,
      "last_step": 0,
      "min": null,
      "max": null,
      "last": "text"
    }
    "#);
    assert_eq!(named("image")["kinds"], json!(["image-file"]));
    let system = server.ada().get(&format!("{RUN}/keys?stream=system")).await;
    assert_eq!(
        system.json(),
        json!({"items": [], "next_cursor": null, "total": 0})
    );
    let odd = server
        .ada()
        .get(&format!("{RUN}/keys?stream=console"))
        .await;
    assert_eq!(odd.refusal(), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn project_keys_gather_all_runs() {
    let server = server_with_rows().await;
    let other = server.add_run("two").await;
    server
        .log(&other, 0, &[r#"{"loss":"diverged","_step":0}"#])
        .await;
    let keys = server
        .ada()
        .get("/api/v1/projects/ada/vision/keys")
        .await
        .json();
    let loss = keys["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|key| key["name"] == "loss");
    assert_json_snapshot!(loss, @r#"
    {
      "name": "loss",
      "label": "loss",
      "kinds": [
        "number",
        "string"
      ],
      "n_runs": 2,
      "count": 4,
      "step_metric": null,
      "hidden": false,
      "goal": null
    }
    "#);
}

#[tokio::test]
async fn keys_are_searched_and_paged() {
    let server = server_with_rows().await;
    for list in ["/api/v1/projects/ada/vision/keys", &format!("{RUN}/keys")] {
        let names = async |query: &str| -> (Vec<String>, serde_json::Value) {
            let page = server.ada().get(&format!("{list}?{query}")).await.json();
            let items = page["items"].as_array().expect("items").iter();
            let names = items.map(|key| key["label"].as_str().expect("a label").to_owned());
            (names.collect(), page)
        };
        assert_eq!(names("search=LO").await.0, ["loss"]);
        assert_eq!(names("pattern=%5Ed.x%24").await.0, ["d.x", "d.x"]);
        let (first, page) = names("limit=2").await;
        assert_eq!(first.len(), 2);
        let total = page["total"].as_u64().expect("a total");
        let mut all = first;
        let mut cursor = page["next_cursor"].clone();
        while let Some(after) = cursor.as_str() {
            let (more, page) =
                names(&format!("limit=2&cursor={}", after.replace('\\', "%5C"))).await;
            all.extend(more);
            cursor = page["next_cursor"].clone();
        }
        assert_eq!(all.len() as u64, total);
        assert_eq!(all, names("").await.0);
        let odd = server.ada().get(&format!("{list}?pattern=(")).await;
        assert_eq!(odd.refusal(), (400, "invalid_query".to_owned()));
    }
}

#[tokio::test]
async fn rows_are_downloaded_as_a_table() {
    const DOWNLOAD: &str = "/api/v1/projects/ada/vision/download";
    let server = server_with_rows().await;
    let other = server.add_run("two").await;
    server
        .log(
            &other,
            0,
            &[r#"{"loss":0.25,"_step":7}"#, r#"{"note":"x","_step":8}"#],
        )
        .await;
    let text = async |query: &str| {
        let file = server.ada().get(&format!("{DOWNLOAD}?{query}")).await;
        assert_eq!(file.status, 200);
        String::from_utf8(file.body.to_vec()).expect("text")
    };
    assert_snapshot!(text("").await, @r#"
    run,_step,_timestamp,_runtime,acc,d.x,d\.x,image,loss,note
    one,0,100.0,0.5,,1,text,,3.5,
    one,1,101.0,1.5,,,,,NaN,
    one,2,,,,,,"{""_type"":""image-file"",""path"":""media/a.png""}",2.0,
    one,3,,,0.25,,,,,
    two,7,,,,,,,0.25,
    two,8,,,,,,,,x
    "#);
    assert_snapshot!(text("run=two&key=loss").await, @"
    run,_step,loss
    two,7,0.25
    ");
    assert_snapshot!(text("min_step=8&max_step=8").await, @r"
    run,_step,_timestamp,_runtime,acc,d.x,d\.x,image,loss,note
    two,8,,,,,,,,x
    ");
    for (format, magic) in [("arrow", "ARROW1"), ("parquet", "PAR1")] {
        let file = server
            .ada()
            .get(&format!("{DOWNLOAD}?format={format}"))
            .await;
        assert!(file.body.starts_with(magic.as_bytes()), "{format}");
        assert!(file.body.ends_with(magic.as_bytes()), "{format}");
        let name = format!("filename=\"vision.{format}\"");
        assert!(file.header("content-disposition").contains(&name));
    }
    let missing = server
        .ada()
        .get(&format!("{DOWNLOAD}?run=two&run=none"))
        .await;
    assert_eq!(missing.refusal(), (404, "run_not_found".to_owned()));
    let odd = server.ada().get(&format!("{DOWNLOAD}?format=xlsx")).await;
    assert_eq!(odd.refusal(), (400, "invalid_query".to_owned()));
}

#[tokio::test]
async fn damaged_rows_are_named_and_hold_back_no_other_run() {
    let server = server_with_rows().await;
    let damaged = server.add_run("damaged").await;
    server.log(&damaged, 0, &[r#"{"loss":1,"_step":0}"#]).await;
    server.tracking.fold_all().await.expect("folded");
    let sound = server.add_run("sound").await;
    server.log(&sound, 0, &[r#"{"loss":2,"_step":0}"#]).await;
    let objects = server.remove_segments(&damaged);
    assert_eq!(objects, 2);

    let rows = "/api/v1/runs/ada/vision/damaged/rows";
    for path in [rows, "/api/v1/runs/ada/vision/damaged/keys"] {
        let answer = server.ada().get(path).await;
        assert_eq!(answer.refusal(), (500, "history_damaged".to_owned()));
        let message = answer.json()["message"].to_string();
        assert!(
            message.contains("object `history/entity=ada/project=vision/run=damaged/"),
            "{message}"
        );
    }

    let mut request = json!({
        "runs": ["damaged", "sound"], "keys": ["loss"], "axis": {"kind": "step"}, "columns": 100,
    });
    for (groups, expected) in [
        (json!(null), json!([[0], [1]])),
        (json!([[0, 1]]), json!([[1]])),
    ] {
        request["groups"] = groups;
        let answer = server.ada().post(SERIES, request.clone()).await;
        assert_eq!(answer.status, 200);
        let (points, _) = decode(&answer);
        assert_eq!(points, expected);
        let reader = StreamReader::try_new(&*answer.body, None).expect("an Arrow stream");
        let schema = reader.schema();
        let errors = &schema.metadata()["errors"];
        let errors: serde_json::Value = serde_json::from_str(errors).expect("JSON");
        assert_eq!(errors.as_array().expect("a list").len(), 1);
        assert_eq!(errors[0]["run"], "damaged");
        let message = errors[0]["message"].to_string();
        assert!(message.contains("/0.parquet` cannot be read"), "{message}");
    }

    let keys = server.ada().get("/api/v1/projects/ada/vision/keys").await;
    assert_eq!(keys.status, 200);
    assert_eq!(keys.json()["errors"][0]["run"], "damaged");
    assert_ne!(keys.json()["items"], json!([]));
}

#[tokio::test]
async fn pages_of_very_many_values_have_fewer_rows() {
    let server = TestServer::new().await;
    let run = server.add_run("one").await;
    let cells: Vec<String> = (0..40_000).map(|key| format!(r#""k{key}":1"#)).collect();
    let rows: Vec<String> = (0..7)
        .map(|step| format!(r#"{{"_step":{step},{}}}"#, cells.join(",")))
        .collect();
    let lines: Vec<&str> = rows.iter().map(String::as_str).collect();
    server.log(&run, 0, &lines).await;
    let (mut steps, mut n_pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let address = format!("{RUN}/rows?limit=1000{cursor}");
        let page = server.ada().get(&address).await.json();
        let items = page["items"].as_array().expect("items");
        steps.extend(
            items
                .iter()
                .map(|row| row["step"].as_i64().expect("a step")),
        );
        n_pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6]);
    assert!((3..=4).contains(&n_pages), "{n_pages} pages");
}

#[tokio::test]
async fn rows_come_back_as_logged_in_pages() {
    let server = server_with_rows().await;
    let first = server
        .ada()
        .get(&format!("{RUN}/rows?key=loss&key=image&limit=2"))
        .await
        .json();
    assert_json_snapshot!(first, @r#"
    {
      "items": [
        {
          "step": 0,
          "runtime": 0.5,
          "time": 100.0,
          "values": {
            "loss": 3.5
          }
        },
        {
          "step": 1,
          "runtime": 1.5,
          "time": 101.0,
          "values": {
            "loss": "NaN"
          }
        }
      ],
      "next_cursor": "1"
    }
    "#);
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = server
        .ada()
        .get(&format!(
            "{RUN}/rows?key=loss&key=image&limit=2&cursor={cursor}"
        ))
        .await;
    assert_json_snapshot!(second.json(), @r#"
    {
      "items": [
        {
          "step": 2,
          "runtime": null,
          "time": null,
          "values": {
            "loss": 2,
            "image": {
              "_type": "image-file",
              "path": "media/a.png"
            }
          }
        }
      ],
      "next_cursor": null
    }
    "#);
    let range = server
        .ada()
        .get(&format!("{RUN}/rows?min_step=1&max_step=1"))
        .await
        .json();
    assert_eq!(range["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(range["items"][0]["values"], json!({"loss": "NaN"}));
    let missing = server.ada().get("/api/v1/runs/ada/vision/none/rows").await;
    assert_eq!(missing.refusal(), (404, "run_not_found".to_owned()));
}
