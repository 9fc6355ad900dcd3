//! Expressions against an evaluation of every row from all rows before, and texts of any kind.

use proptest::prelude::*;

use super::*;
use crate::testing::batch;

/// An expression by the plain way.
#[derive(Debug, Clone)]
enum Tree {
    Number(f64),
    Metric(&'static str),
    Prefix(Box<Tree>),
    Infix(&'static str, Box<Tree>, Box<Tree>),
    Call(&'static str, Vec<Tree>),
    Lag(Box<Tree>, usize),
}

/// A row of the metrics `a`, `b` and `train/c`; each may be missing.
type Row = [Option<f64>; 3];

const METRICS: [&str; 3] = ["a", "b", "train/c"];

impl Tree {
    /// The text, with parentheses wherever they may be.
    fn text(&self) -> String {
        match self {
            Self::Number(number) => format!("{number:?}"),
            Self::Metric(name) if name.contains('/') => format!("${{{name}}}"),
            Self::Metric(name) => (*name).to_owned(),
            Self::Prefix(x) => format!("(-{})", x.text()),
            Self::Infix(sign, x, y) => format!("({} {sign} {})", x.text(), y.text()),
            Self::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Self::text).collect();
                format!("{name}({})", arguments.join(", "))
            }
            Self::Lag(x, n) => format!("lag({}, {n})", x.text()),
        }
    }

    fn names_metric(&self) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Metric(_) => true,
            Self::Prefix(x) | Self::Lag(x, _) => x.names_metric(),
            Self::Infix(_, x, y) => x.names_metric() || y.names_metric(),
            Self::Call(_, arguments) => arguments.iter().any(Self::names_metric),
        }
    }

    /// The values in all rows.
    fn values(&self, rows: &[Row]) -> Vec<Option<f64>> {
        match self {
            Self::Number(number) => vec![Some(*number); rows.len()],
            Self::Metric(name) => {
                let place = METRICS.iter().position(|metric| metric == name);
                rows.iter().map(|row| row[place.expect("known")]).collect()
            }
            Self::Prefix(x) => map(&x.values(rows), |x| -x),
            Self::Infix(sign, x, y) => {
                let (x, y) = (x.values(rows), y.values(rows));
                let pairs = x.into_iter().zip(y);
                pairs
                    .map(|(x, y)| {
                        let (x, y) = (x?, y?);
                        Some(match *sign {
                            "+" => x + y,
                            "-" => x - y,
                            "*" => x * y,
                            "/" => x / y,
                            "%" => x % y,
                            "**" | "^" => x.powf(y),
                            _ => unreachable!("not generated"),
                        })
                    })
                    .collect()
            }
            Self::Call(name @ ("min" | "max"), arguments) => {
                let columns: Vec<_> = arguments.iter().map(|x| x.values(rows)).collect();
                let row = |row: usize| {
                    let values: Option<Vec<f64>> = columns.iter().map(|x| x[row]).collect();
                    let values = values?;
                    if values.iter().any(|x| x.is_nan()) {
                        return Some(f64::NAN);
                    }
                    let values = values.into_iter();
                    match *name {
                        "min" => values.min_by(f64::total_cmp),
                        _ => values.max_by(f64::total_cmp),
                    }
                };
                (0..rows.len()).map(row).collect()
            }
            Self::Call("diff", arguments) => {
                let x = arguments[0].values(rows);
                let lagged = lag(&x, 1);
                let pairs = x.into_iter().zip(lagged);
                pairs.map(|(x, before)| Some(x? - before?)).collect()
            }
            Self::Call(name @ ("cumsum" | "cummax" | "cummin"), arguments) => {
                let x = arguments[0].values(rows);
                let row = |row: usize| {
                    let here = x[row]?;
                    let counted = || x[..=row].iter().flatten().copied().filter(|x| !x.is_nan());
                    Some(match *name {
                        _ if here.is_nan() => here,
                        "cumsum" => sum(counted()),
                        "cummax" => counted().max_by(f64::total_cmp).expect("some"),
                        _ => counted().min_by(f64::total_cmp).expect("some"),
                    })
                };
                (0..rows.len()).map(row).collect()
            }
            Self::Call(name, arguments) => map(
                &arguments[0].values(rows),
                match *name {
                    "log" => f64::ln,
                    "log2" => f64::log2,
                    "log10" => f64::log10,
                    "exp" => f64::exp,
                    "sqrt" => f64::sqrt,
                    "abs" => f64::abs,
                    "floor" => f64::floor,
                    "ceil" => f64::ceil,
                    "round" => f64::round,
                    "sin" => f64::sin,
                    "cos" => f64::cos,
                    "tanh" => f64::tanh,
                    _ => unreachable!("not generated"),
                },
            ),
            Self::Lag(x, n) => lag(&x.values(rows), *n),
        }
    }
}

fn map(values: &[Option<f64>], of: fn(f64) -> f64) -> Vec<Option<f64>> {
    values.iter().map(|value| value.map(of)).collect()
}

fn lag(values: &[Option<f64>], n: usize) -> Vec<Option<f64>> {
    let points: Vec<usize> = (0..values.len())
        .filter(|&at| values[at].is_some())
        .collect();
    let mut lagged = vec![None; values.len()];
    for (earlier, later) in points.iter().zip(points.iter().skip(n)) {
        lagged[*later] = values[*earlier];
    }
    lagged
}

/// A sum that keeps what rounding drops.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut dropped) = (None, 0.0);
    for value in values {
        let Some(before) = total else {
            total = Some(value);
            continue;
        };
        let after: f64 = before + value;
        dropped += if f64::abs(before) >= value.abs() {
            (before - after) + value
        } else {
            (value - after) + before
        };
        total = Some(after);
    }
    let total = total.expect("some");
    if total.is_finite() {
        total + dropped
    } else {
        total
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        3 => prop::sample::select(METRICS.to_vec()).prop_map(Tree::Metric),
        1 => prop::sample::select(vec![0.0, 0.5, 1.0, 2.0, 1e300]).prop_map(Tree::Number),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let infix = prop::sample::select(vec!["+", "-", "*", "/", "%", "**", "^"]);
        let function = prop::sample::select(vec![
            "log", "log2", "log10", "exp", "sqrt", "abs", "floor", "ceil", "round", "sin", "cos",
            "tanh", "diff", "cumsum", "cummax", "cummin",
        ]);
        let fold = prop::sample::select(vec!["min", "max"]);
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Tree::Prefix),
            (infix, boxed(), boxed()).prop_map(|(sign, x, y)| Tree::Infix(sign, x, y)),
            (function, inner.clone()).prop_map(|(name, x)| Tree::Call(name, vec![x])),
            (fold, prop::collection::vec(inner.clone(), 2..4))
                .prop_map(|(name, arguments)| Tree::Call(name, arguments)),
            (boxed(), 1..4_usize).prop_map(|(x, n)| Tree::Lag(x, n)),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = || {
        prop_oneof![
            6 => (-1e3..1e3).prop_map(Some),
            2 => (-3..4).prop_map(|int| Some(f64::from(int))),
            1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e308])
                .prop_map(Some),
            2 => Just(None),
        ]
    };
    prop::collection::vec([number(), number(), number()], 0..24)
}

/// Bits, all NaN being one.
fn bits(values: &[Option<f64>]) -> Vec<Option<u64>> {
    let canonical = |x: f64| if x.is_nan() { f64::NAN } else { x }.to_bits();
    values.iter().map(|value| value.map(canonical)).collect()
}

fn evaluate(expression: &Expression, rows: &[Row]) -> Vec<Option<f64>> {
    let names = expression.metrics().iter();
    let places: Vec<usize> = names
        .map(|name| METRICS.iter().position(|metric| *metric == name.as_str()))
        .map(|place| place.expect("known"))
        .collect();
    let mut evaluation = Evaluation::new(expression);
    rows.iter()
        .map(|row| evaluation.next_row(|metric| row[places[metric]]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// 1,000 expressions of up to 24 parts over up to 23 rows each, bit by bit.
    #[test]
    fn an_expression_is_that_of_all_rows_before(tree in trees(), rows in rows()) {
        let text = tree.text();
        match Expression::parse(&text) {
            Ok(expression) => {
                prop_assert_eq!(bits(&evaluate(&expression, &rows)), bits(&tree.values(&rows)));
            }
            Err(error) => {
                prop_assert_eq!(&error, &ExpressionError::NoMetric);
                prop_assert!(!tree.names_metric());
            }
        }
    }

    /// 1,000 texts of any characters.
    #[test]
    fn any_text_gives_an_expression_or_an_error(text in ".{0,60}") {
        let _ = Expression::parse(&text).map_err(|error| error.to_string());
    }

    /// 1,000 texts of the language's own pieces in any order.
    #[test]
    fn any_pieces_give_an_expression_or_an_error(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "b.c", "1", ".5", "1e", "1e999", "${x/y}", "${", "}", "\\}", "$", "(", ")", ",", "+", "-",
            "*", "/", "%", "**", "^", "log", "lag(", "lag(a,", "min(", "cumsum(", " ", "\u{a0}", "é", "=",
        ]), 0..20),
    ) {
        let text = pieces.concat();
        if let Err(ExpressionError::Unexpected { position, .. }) = Expression::parse(&text) {
            prop_assert!((1..=text.chars().count() + 1).contains(&position));
        }
    }

    /// 1,000 batches of sparse rows: the columns of a batch give what its rows do.
    #[test]
    fn batches_are_read_as_their_rows(rows in rows(), cut in any::<prop::sample::Index>()) {
        let lines: Vec<String> = rows.iter().map(|row| {
            let members = METRICS.iter().zip(row).filter_map(|(name, value)| {
                let value = ballast_model::json::Value::Float((*value)?).to_text();
                Some(format!("\"{name}\":{value}"))
            });
            let members: Vec<String> = members.chain(["\"other\":1".to_owned()]).collect();
            format!("{{{}}}", members.join(","))
        }).collect();
        let expression = Expression::parse("cumsum(a) - lag(b) * ${train/c}").expect("parses");
        let mut evaluation = Evaluation::new(&expression);
        let cut = cut.index(rows.len() + 1);
        let mut values = Vec::new();
        for lines in [&lines[..cut], &lines[cut..]] {
            let mut numbers = crate::rows::Lookup::new(evaluation.numbers(&batch(lines)));
            values.extend((0..lines.len() as u32).map(|row| numbers.get(row)));
        }
        prop_assert_eq!(bits(&values), bits(&evaluate(&expression, &rows)));
    }
}

fn value(text: &str) -> f64 {
    let expression = Expression::parse(&format!("{text} + 0 * a")).expect("parses");
    evaluate(&expression, &[[Some(1.0), None, None]])[0].expect("a point")
}

#[test]
fn operators_bind_as_written_in_the_grammar() {
    assert_eq!(value("1 + 2 * 3"), 7.0);
    assert_eq!(value("7 - 3 - 2"), 2.0);
    assert_eq!(value("12 / 3 / 2 * 4"), 8.0);
    assert_eq!(value("-2 ** 2"), -4.0);
    assert_eq!(value("(-2) ^ 2"), 4.0);
    assert_eq!(value("2 ** 3 ** 2"), 512.0);
    assert_eq!(value("2 ** -1"), 0.5);
    assert_eq!(value("--3"), 3.0);
    assert_eq!(value("-7 % 4"), -3.0);
    assert_eq!(value(" 1.5e1+.5 \n- 2. "), 13.5);
    assert_eq!(value("round(-2.5) + max(1, 3, 2)"), 0.0);
}

#[test]
fn a_slash_divides_unless_in_braces() {
    let names = |text: &str| -> Vec<String> {
        let expression = Expression::parse(text).expect("parses");
        let names = expression.metrics().iter();
        names.map(|name| name.as_str().to_owned()).collect()
    };
    assert_eq!(names("train/loss"), ["train", "loss"]);
    assert_eq!(
        names("${train/loss} / val.loss_2"),
        ["train/loss", "val.loss_2"]
    );
    assert_eq!(
        names(r"${a\}b\.c\\} + ${ weird: é }"),
        [r"a}b\.c\\", " weird: é "]
    );
    assert_eq!(names("log + log(log)"), ["log"]);
    assert_eq!(names("a + ${a}"), ["a"]);
}

#[test]
fn errors_say_where_what_and_what_instead() {
    let error = |text: &str| Expression::parse(text).unwrap_err().to_string();
    assert_eq!(
        error(""),
        "expected a number, a metric, a function, `-` or `(` at character 1, found the end"
    );
    assert_eq!(
        error("é"),
        "expected a number, a metric, a function, `-` or `(` at character 1, found `é`"
    );
    assert_eq!(
        error("(a + b"),
        "expected an operator or `)` at character 7, found the end"
    );
    assert_eq!(
        error("a b"),
        "expected an operator or the end at character 3, found `b`"
    );
    assert_eq!(
        error("a == b"),
        "expected an operator or the end at character 3, found `=`"
    );
    assert_eq!(
        error("${a"),
        "expected `}` after a metric's name at character 4, found the end"
    );
    assert_eq!(
        error("$a"),
        "expected a metric as `${name}` at character 1, found `$`"
    );
    assert_eq!(
        error("a * 1e999"),
        "expected a number of magnitude below 1.8e308 at character 5, found `1e999`"
    );
    assert_eq!(
        error("log(a, b)"),
        "`log` at character 1 takes 1 argument, got 2"
    );
    assert_eq!(
        error("1 + min(a)"),
        "`min` at character 5 takes 2 or more arguments, got 1"
    );
    assert_eq!(
        error("lag(a, 1, 2)"),
        "`lag` at character 1 takes 1 or 2 arguments, got 3"
    );
    assert_eq!(
        error("lag(a, -1)"),
        "expected a whole number of points from 1 to 10000 at character 8, found `-`"
    );
    assert_eq!(
        error("lag(a, 6000) + lag(b, 6000)"),
        "lags may reach back 10000 points together, the one at character 16 exceeds that"
    );
    assert!(
        error("ln(a)").starts_with("there is no function `ln` at character 1, there are `log`, ")
    );
    assert_eq!(
        error("1 + 1"),
        "an expression must name a metric, as `loss` or `${train/loss}`"
    );
}

#[test]
fn limits_hold_for_length_depth_and_parts() {
    let long = format!("a{}", " ".repeat(Expression::MAX_BYTES));
    assert_eq!(
        Expression::parse(&long),
        Err(ExpressionError::TooLong { n_bytes: 4097 })
    );
    for (open, close) in [
        ("(", ")"),
        ("abs(", ")"),
        ("-", ""),
        ("2 ** ", ""),
        ("-(", ")"),
    ] {
        let nested =
            |n: usize| Expression::parse(&format!("{}a{}", open.repeat(n), close.repeat(n)));
        assert!(nested(Expression::MAX_DEPTH / 2).is_ok());
        assert!(matches!(
            nested(Expression::MAX_DEPTH + 1),
            Err(ExpressionError::TooDeep { .. })
        ));
        assert!(matches!(nested(600), Err(ExpressionError::TooDeep { .. })));
    }
    let terms = |n: usize| Expression::parse(&vec!["a"; n].join("+"));
    assert!(terms(256).is_ok());
    assert_eq!(terms(257), Err(ExpressionError::TooLarge { position: 514 }));
}
