//! What changed: the first differences upstream of two models.

use ballast_model::json::{Map, Value};
use ballast_model::{Environment, RunPath};
use ballast_tracking::TrackingError;
use ballast_tracking::diff::AlignmentState::{self, Changed, Same};
use ballast_tracking::diff::{Diff, EntryChange, Section, SectionKind};
use ballast_tracking::lineage::Subject;
use ballast_tracking::runs::UpsertRun;

use crate::lineage::version;
use crate::support::{World, path, upsert};

fn config(text: &str) -> Map {
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(map)) => map,
        other => panic!("{other:?}"),
    }
}

impl World {
    async fn start_with(&self, id: &str, config_text: &str, packages: &[&str]) -> RunPath {
        let environment = Environment {
            packages: packages.iter().map(|line| (*line).to_owned()).collect(),
            ..Environment::default()
        };
        let run = UpsertRun {
            display_name: Some(id.to_owned()),
            config: Some(config(config_text)),
            environment: Some(environment),
            ..upsert(id)
        };
        self.tracking
            .upsert_run(&self.ada, run)
            .await
            .expect("a run");
        path(id)
    }

    async fn diff(&self, left: Subject, right: Subject) -> Diff {
        let diff = self.tracking.diff(&self.ada, &left, &right).await;
        diff.expect("compared")
    }
}

fn messages(diff: &Diff) -> Vec<String> {
    let shown = diff.first_differences.iter().map(|finding| {
        let root = if finding.is_root { "" } else { "(" };
        format!("{root}{} {}", finding.depth, finding.message)
    });
    shown.collect()
}

fn section(diff: &Diff, kind: SectionKind) -> &Section {
    let mut sections = diff.sections.iter();
    sections
        .find(|section| section.kind == kind)
        .expect("the section")
}

/// `raw → prep → data → train → net`, twice: with another setting of `prep`, another package and another seed.
async fn two_trainings(world: &World) {
    let raw = world.makes(None, "raw", "dataset", &[("r", "0")]).await;
    for (n, crop, numpy, seed) in [(1, 8, "numpy==1", 1), (2, 16, "numpy==2", 7)] {
        let settings = format!(r#"{{"crop":{crop},"size":3}}"#);
        let prep = world.start_with(&format!("prep{n}"), &settings, &[]).await;
        world.uses(&prep, &[raw]).await;
        let text = format!("cropped to {crop}");
        let given = [("images", text.as_str()), ("labels", "same")];
        let data = world.makes(Some(&prep), "data", "dataset", &given).await;
        let settings = format!(r#"{{"seed":{seed},"lr":0.1}}"#);
        let train = world
            .start_with(&format!("train{n}"), &settings, &[numpy, "torch==2"])
            .await;
        world.uses(&train, &[data]).await;
        let text = format!("weights {n}");
        let given = [("weights", text.as_str())];
        world.makes(Some(&train), "net", "model", &given).await;
    }
}

#[tokio::test]
async fn the_first_difference_upstream_comes_first() {
    let world = World::new().await;
    two_trainings(&world).await;
    let of = |number: &str| Subject::Version(version("net", number));
    let diff = world.diff(of("v0"), of("v1")).await;
    assert_eq!(
        messages(&diff),
        [
            "3 config `crop` of runs `prep1` and `prep2` is `8` on the left and `16` on the right",
            "1 package `numpy` of runs `train1` and `train2` is `\"1\"` on the left and `\"2\"` on the right",
            "1 config `seed` of runs `train1` and `train2` is `1` on the left and `7` on the right",
            "(2 dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`images`); what it was made from differs",
            "(0 model `net` is `net:v0` on the left and `net:v1` on the right: 1 file differs (`weights`); what it was made from differs",
        ]
    );
    let states: Vec<_> = diff
        .lineage
        .iter()
        .map(|part| {
            (
                part.depth,
                part.name.as_str(),
                part.state,
                part.n_differences,
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            (0, "net", Changed, 1),
            (1, "run that made net", Changed, 4),
            (2, "data", Changed, 1),
            (3, "run that made data", Changed, 1),
            (4, "raw", Same, 0),
        ]
    );
    let config = section(&diff, SectionKind::Config);
    assert_eq!((config.n_same, config.n_different), (1, 1));
    let inputs = section(&diff, SectionKind::Inputs);
    let keys: Vec<_> = inputs
        .entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.left_size_bytes))
        .collect();
    assert_eq!(keys, [("data", Some(16)), ("data/images", Some(12))]);
    let files = section(&diff, SectionKind::Files);
    assert_eq!(files.entries[0].change, EntryChange::Changed);
    assert!(files.entries[0].left_text.is_some());
    assert!(!diff.truncated);
}

#[tokio::test]
async fn the_same_thing_does_not_differ() {
    let world = World::new().await;
    two_trainings(&world).await;
    let run = Subject::Run(path("train1"));
    let diff = world.diff(run.clone(), run).await;
    assert_eq!(messages(&diff), [""; 0]);
    assert!(diff.sections.iter().all(|section| section.n_different == 0));
    assert_eq!(diff.lineage[0].state, AlignmentState::Same);
}

#[tokio::test]
async fn data_that_was_put_there_is_a_cause() {
    let world = World::new().await;
    let old = [("a", "1"), ("b", "2"), ("c", "3")];
    let old = world.makes(None, "data", "dataset", &old).await;
    let new = [("a", "1"), ("b", "changed"), ("d", "4")];
    let new = world.makes(None, "data", "dataset", &new).await;
    let extra = world.makes(None, "extra", "table", &[("e", "5")]).await;
    for (id, inputs) in [("one", vec![old]), ("two", vec![new, extra])] {
        let run = world.start_with(id, "{}", &[]).await;
        world.uses(&run, &inputs).await;
    }
    let diff = world
        .diff(Subject::Run(path("one")), Subject::Run(path("two")))
        .await;
    assert_eq!(
        messages(&diff),
        [
            "1 dataset `data` is `data:v0` on the left and `data:v1` on the right: 3 files differ (`b`, `-c`, `+d`)",
            "1 table `extra:v0` is used on the right only",
        ]
    );
    assert_eq!(diff.first_differences[0].files.len(), 3);
    assert_eq!(section(&diff, SectionKind::Inputs).n_different, 5);
}

#[tokio::test]
async fn chance_shows_where_nothing_before_differs() {
    let world = World::new().await;
    let data = world.makes(None, "data", "dataset", &[("a", "1")]).await;
    for (id, weights) in [("one", "x"), ("two", "y")] {
        let run = world.start_with(id, r#"{"lr":0.1}"#, &[]).await;
        world.uses(&run, &[data]).await;
        world
            .makes(Some(&run), "net", "model", &[("w", weights)])
            .await;
    }
    let of = |number: &str| Subject::Version(version("net", number));
    let diff = world.diff(of("v0"), of("v1")).await;
    assert_eq!(
        messages(&diff),
        [
            "0 model `net` is `net:v0` on the left and `net:v1` on the right: 1 file differs (`w`); nothing that it was made from differs"
        ]
    );
}

#[tokio::test]
async fn a_run_and_a_version_are_not_compared() {
    let world = World::new().await;
    two_trainings(&world).await;
    let version = Subject::Version(version("net", "v0"));
    let refused = world
        .tracking
        .diff(&world.ada, &Subject::Run(path("train1")), &version)
        .await;
    assert!(
        matches!(refused, Err(TrackingError::Invalid(_))),
        "{refused:?}"
    );
}
