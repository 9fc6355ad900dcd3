//! Curves of expressions against the rows one by one.

use super::*;
use crate::expression::Evaluation;

const EXPRESSIONS: [&str; 6] = [
    "y / _runtime",
    "y - lag(y)",
    "cumsum(${a/b}) * 2",
    "lag(_runtime, 3) + 0 * y",
    "max(y, ${a/b})",
    "log(y) + diff(${a/b} * y)",
];

const METRICS: [&str; 4] = ["_step", "_runtime", "y", "a/b"];

/// A logged row: that of [`Row`] and `a/b`.
type WideRow = (Row, Option<f64>);

/// What an expression gives in each row.
fn values(expression: &Expression, rows: &[WideRow]) -> Vec<Option<f64>> {
    let mut evaluation = Evaluation::new(expression);
    let value = |((step, runtime, y), b): &WideRow| {
        let numbers = [step.map(|step| step as f64), *runtime, *y, *b];
        evaluation.next_row(|place| {
            let name = expression.metrics()[place].as_str();
            let place = METRICS.iter().position(|metric| *metric == name);
            numbers[place.expect("known")]
        })
    };
    rows.iter().map(value).collect()
}

fn wide_line((row, b): &WideRow) -> String {
    let narrow = line(row);
    let Some(b) = b else { return narrow };
    let b = ballast_model::json::Value::Float(*b).to_text();
    format!("{},\"a/b\":{b}}}", &narrow[..narrow.len() - 1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// 100 histories of up to 300 rows, three curves over each of two axes.
    #[test]
    fn a_curve_of_an_expression_is_that_of_all_rows(
        rows in rows().prop_flat_map(|rows| {
            let b = prop::collection::vec(prop::option::of(-9.0..9.0_f64), rows.len());
            (Just(rows), b)
        }),
        picked in prop::sample::subsequence(EXPRESSIONS.to_vec(), 3),
        x in prop::sample::select(vec!["_step", "lag(_step, 2)", "_runtime * 0.1 - diff(_step)"]),
        borders in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        range in (prop::option::of(-50.0..150.0_f64), prop::option::of(50.0..250.0_f64)),
        max_columns in 0..60_usize,
        fold in any::<bool>(),
    ) {
        let rows: Vec<WideRow> = rows.0.into_iter().zip(rows.1).collect();
        let lines: Vec<String> = rows.iter().map(wide_line).collect();
        let borders: Vec<usize> = borders.iter().map(|at| at.index(lines.len() + 1)).collect();
        let store = Arc::new(Store::default());
        let mut view = store.add_lines(&lines, &borders);
        let engine = store.engine();
        if fold && let Some(segment) = block_on(engine.fold(&view, "s")).expect("folds") {
            view = vec![segment_part(&segment)];
        }
        let picked: Vec<Expression> =
            picked.iter().map(|text| text.parse().expect("parses")).collect();
        let x: Expression = x.parse().expect("parses");
        for axis in [Axis::Step, Axis::Expression(x.clone())] {
            let request = SeriesRequest {
                quantities: picked.iter().cloned().map(Quantity::from).collect(),
                min: range.0,
                max: range.1,
                ..request(&[], axis.clone(), max_columns)
            };
            let series = block_on(engine.series(&view, &request)).expect("reads");
            let xs = match &axis {
                Axis::Expression(x) => values(x, &rows),
                _ => rows.iter().map(|row| row.0.0.map(|step| step as f64)).collect(),
            };
            for (expression, series) in picked.iter().zip(&series) {
                let points = xs.iter().zip(values(expression, &rows));
                let points: Vec<Point> =
                    points.filter_map(|(x, y)| Some(((*x)?, y?))).filter(|(x, _)| {
                        x.is_finite()
                            && range.0.is_none_or(|min| min <= *x)
                            && range.1.is_none_or(|max| *x <= max)
                    }).collect();
                prop_assert!(!series.smoothed);
                check(series, &points, max_columns)?;
            }
        }
    }
}

#[test]
fn expressions_and_metrics_are_drawn_together() {
    let lines = [
        r#"{"_step":0,"a":1,"b":2}"#,
        r#"{"_step":1,"a":4}"#,
        r#"{"_step":2,"b":0}"#,
        r#"{"_step":3,"a":3,"b":0}"#,
    ];
    let store = Arc::new(Store::default());
    let view = store.add_lines(&lines, &[1, 3]);
    let expression = |text: &str| Quantity::Expression(text.parse().expect("parses"));
    let request = SeriesRequest {
        quantities: vec![
            expression("a / b"),
            MetricName::from_key("a").into(),
            expression("a - lag(a)"),
        ],
        min: Some(1.0),
        ..request(&[], Axis::Step, 10)
    };
    let series = block_on(store.engine().series(&view, &request)).expect("reads");
    assert_eq!(
        (series[0].x_min.as_slice(), series[0].n_pos_inf.as_slice()),
        (&[3.0][..], &[1][..])
    );
    assert_eq!(series[1].mean, [4.0, 3.0]);
    // The point at step 0 is outside the range, and still the one before that at step 1.
    assert_eq!(series[2].mean, [3.0, -1.0]);
    assert_eq!(series[2].quantity, request.quantities[2]);
}
