//! Settings, alerts and chart definitions.

use ballast_meta::{ChartDefinition, NewAlert};
use bytes::Bytes;

use crate::backend::{Database, at, on_each_backend, project, run, write};

on_each_backend!(
    first_setting_stays,
    alerts_are_found_by_title,
    chart_definitions_are_replaced
);

async fn first_setting_stays(database: Database) {
    let meta = &database.meta;
    assert_eq!(meta.read().setting("secret").await.expect("a read"), None);
    for (given, stored) in [("first", "first"), ("second", "first")] {
        let value = write(meta, move |tx| {
            Box::pin(async move { tx.put_setting_if_absent("secret", Bytes::from(given)).await })
        })
        .await;
        assert_eq!(value, stored);
    }
    assert_eq!(
        meta.read().setting("secret").await.expect("a read"),
        Some(Bytes::from("first"))
    );
}

async fn alerts_are_found_by_title(database: Database) {
    let meta = &database.meta;
    let run = run(meta, project(meta).await.key, "r1").await.head.key;
    for (second, title) in [(1, "loss"), (2, "disk"), (3, "loss")] {
        let alert = NewAlert {
            run,
            title: title.to_owned(),
            text: format!("at {second}\0"),
            severity: "WARN".to_owned(),
            created_at: at(second),
        };
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_alert(alert).await })
        })
        .await;
    }
    let latest = meta
        .read()
        .latest_alert(run, "loss")
        .await
        .expect("a read")
        .expect("an alert");
    assert_eq!(
        (latest.created_at, latest.text.as_str()),
        (at(3), "at 3\u{fffd}")
    );
    assert_eq!(
        meta.read().latest_alert(run, "LOSS").await.expect("a read"),
        None
    );
    let titles: Vec<String> = meta
        .read()
        .list_alerts(run, 2)
        .await
        .expect("a read")
        .into_iter()
        .map(|alert| alert.title)
        .collect();
    assert_eq!(titles, ["loss", "disk"]);
}

async fn chart_definitions_are_replaced(database: Database) {
    let meta = &database.meta;
    let entity = project(meta).await.entity;
    let definition = |spec: &str| ChartDefinition {
        entity,
        name: "roc".to_owned(),
        display_name: "ROC".to_owned(),
        kind: "vega2".to_owned(),
        access: "private".to_owned(),
        spec: spec.to_owned(),
    };
    for spec in ["{}", "{\"mark\": NaN}"] {
        let definition = definition(spec);
        write(meta, move |tx| {
            Box::pin(async move { tx.put_chart_definition(definition).await })
        })
        .await;
    }
    let stored = meta
        .read()
        .lookup_chart_definition(entity, "roc")
        .await
        .expect("a read");
    assert_eq!(stored, Some(definition("{\"mark\": NaN}")));
    assert_eq!(
        meta.read()
            .lookup_chart_definition(entity, "pr")
            .await
            .expect("a read"),
        None
    );
}
