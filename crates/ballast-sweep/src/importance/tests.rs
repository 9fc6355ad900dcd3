use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Importance, MAX_COLUMNS, MAX_ROWS, importance};
use crate::random::share;

/// Rows of uniform numbers, a column for each name.
fn uniform(n_rows: u64, names: &[&str]) -> Vec<Vec<f64>> {
    names
        .iter()
        .map(|name| (0..n_rows).map(|row| share(1, row, name)).collect())
        .collect()
}

fn values(column: &[f64]) -> Vec<Option<Value>> {
    column.iter().map(|number| Some(json!(number))).collect()
}

fn of(found: &Importance, index: usize) -> &super::ParameterImportance {
    let mut parameters = found.parameters.iter();
    parameters
        .find(|parameter| parameter.index == index)
        .expect("the parameter")
}

#[test]
fn what_the_metric_is_made_of_is_important() {
    let columns = uniform(300, &["a", "b", "c"]);
    let metric: Vec<f64> = (0..300)
        .map(|row| 4.0 * columns[0][row] - columns[1][row])
        .collect();
    let columns: Vec<_> = columns.iter().map(|column| values(column)).collect();
    let found = importance(&columns, &metric, 1);
    assert_eq!(found.n_rows, 300);
    let order: Vec<usize> = found.parameters.iter().map(|p| p.index).collect();
    assert_eq!(order, [0, 1, 2]);
    let shares: Vec<f64> = found.parameters.iter().map(|p| p.importance).collect();
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // The variances are as 16 to 1.
    assert!(
        shares[0] > 0.85 && shares[1] > 0.01 && shares[2] < 0.001,
        "{shares:?}"
    );
    assert!(of(&found, 0).pearson.expect("a correlation") > 0.9);
    assert!(of(&found, 1).spearman.expect("a correlation") < -0.1);
    assert_eq!(found, importance(&columns, &metric, 1));
}

#[test]
fn few_rows_of_different_values_tell_what_is_important() {
    for n_rows in [10, 30, 60] {
        let noise = uniform(n_rows, &["noise"]).swap_remove(0);
        let metric: Vec<f64> = (0..n_rows).map(|row| row as f64).collect();
        let found = importance(&[values(&noise), values(&metric)], &metric, 1);
        assert!(of(&found, 1).importance > 0.8, "{n_rows}: {found:?}");
    }
}

#[test]
fn what_correlates_with_nothing_may_be_important() {
    let columns = uniform(400, &["a", "b"]);
    let metric: Vec<f64> = columns[0].iter().map(|a| (a - 0.5).powi(2)).collect();
    let found = importance(&[values(&columns[0]), values(&columns[1])], &metric, 1);
    assert!(of(&found, 0).pearson.expect("a correlation").abs() < 0.15);
    assert!(of(&found, 0).importance > 0.95);
}

#[test]
fn categories_have_an_importance_and_no_correlation() {
    let columns = uniform(200, &["kind", "noise"]);
    let kinds = ["adam", "sgd", "lion"];
    let kind: Vec<usize> = columns[0]
        .iter()
        .map(|share| (share * 3.0) as usize)
        .collect();
    let metric: Vec<f64> = kind
        .iter()
        .zip(&columns[1])
        .map(|(kind, noise)| [0.3, 0.9, 0.1][*kind] + 0.05 * noise)
        .collect();
    let listed = kind.iter().map(|kind| Some(json!(kinds[*kind]))).collect();
    let found = importance(&[listed, values(&columns[1])], &metric, 1);
    assert!(of(&found, 0).importance > 0.9);
    assert_eq!(
        (of(&found, 0).pearson, of(&found, 0).spearman),
        (None, None)
    );
}

#[test]
fn a_scale_changes_pearson_alone() {
    let columns = uniform(100, &["a"]);
    let lr: Vec<f64> = columns[0].iter().map(|a| 10_f64.powf(-6.0 * a)).collect();
    let metric: Vec<f64> = columns[0].iter().map(|a| a * 2.0 + 1.0).collect();
    let found = importance(&[values(&lr)], &metric, 1);
    let parameter = of(&found, 0);
    assert!((parameter.spearman.expect("a correlation") + 1.0).abs() < 1e-12);
    assert!(parameter.pearson.expect("a correlation") > -0.9);
    assert!((parameter.importance - 1.0).abs() < f64::EPSILON);
}

#[test]
fn ties_share_their_ranks() {
    let column = [1.0, 1.0, 2.0, 3.0].map(|number| Some(json!(number)));
    let found = importance(&[column.to_vec()], &[1.0, 2.0, 2.0, 4.0], 1);
    // Ranks 1.5, 1.5, 3, 4 against 1, 2.5, 2.5, 4: by hand 3.75 / 4.5.
    assert!((of(&found, 0).spearman.expect("a correlation") - 3.75 / 4.5).abs() < 1e-12);
}

#[test]
fn what_does_not_vary_or_is_not_there_is_left_out() {
    let n_rows = 50;
    let columns = uniform(n_rows, &["a"]);
    let constant = vec![Some(json!(3)); n_rows as usize];
    let missing = vec![None; n_rows as usize];
    let some: Vec<Option<Value>> = (0..n_rows)
        .map(|row| (row % 2 == 0).then(|| json!(true)))
        .collect();
    let metric: Vec<f64> = (0..n_rows).map(|row| (row % 2) as f64).collect();
    let found = importance(&[values(&columns[0]), constant, missing, some], &metric, 1);
    let mut indices: Vec<usize> = found.parameters.iter().map(|p| p.index).collect();
    indices.sort_unstable();
    assert_eq!(indices, [0, 3]);
    // That a parameter is missing is information as well.
    assert!(of(&found, 3).importance > 0.9);
    assert_eq!(of(&found, 3).pearson, None);
}

#[test]
fn too_little_tells_nothing() {
    assert_eq!(importance(&[], &[], 1).parameters, []);
    let column = vec![Some(json!(1)), Some(json!(2))];
    let found = importance(&[column], &[1.0, f64::NAN], 1);
    assert_eq!((found.n_rows, found.parameters.len()), (1, 0));
    let columns = uniform(40, &["a"]);
    let found = importance(&[values(&columns[0])], &[1.0; 40], 1);
    assert!(of(&found, 0).importance.abs() < f64::EPSILON);
    assert_eq!(of(&found, 0).pearson, None);
    let extreme: Vec<f64> = (0..40)
        .map(|row| if row % 2 == 0 { f64::MAX } else { f64::MIN })
        .collect();
    let found = importance(&[values(&columns[0])], &extreme, 1);
    assert!(of(&found, 0).pearson.expect("a correlation").is_finite());
}

#[test]
fn large_tables_are_cut() {
    let n_rows = 3_000;
    let names: Vec<String> = (0..80).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let columns = uniform(n_rows, &names);
    let metric: Vec<f64> = columns[70].clone();
    let columns: Vec<_> = columns.iter().map(|column| values(column)).collect();
    let start = Instant::now();
    let found = importance(&columns, &metric, 1);
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(
        (found.n_rows, found.parameters.len()),
        (MAX_ROWS, MAX_COLUMNS)
    );
    assert_eq!(found.parameters[0].index, 70);
}
