//! From text to a program.

use ballast_model::MetricName;
use winnow::ascii::digit1;
use winnow::combinator::{alt, eof, opt, peek, terminated};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::{any, one_of, take_while};

use super::{Combine, Cumulate, Expression, ExpressionError, Map, Op, Parsed};

const OPERAND: &str = "a number, a metric, a function, `-` or `(`";
const OPERATOR_OR_END: &str = "an operator or the end";

/// What a name before `(` does.
#[derive(Clone, Copy)]
enum Function {
    Map(Map),
    /// Of two or more.
    Fold(Combine),
    Cumulate(Cumulate),
    Lag,
}

/// Every function, in the order of the documentation.
const FUNCTIONS: [(&str, Function); 19] = [
    ("log", Function::Map(Map::Log)),
    ("log2", Function::Map(Map::Log2)),
    ("log10", Function::Map(Map::Log10)),
    ("exp", Function::Map(Map::Exp)),
    ("sqrt", Function::Map(Map::Sqrt)),
    ("abs", Function::Map(Map::Abs)),
    ("floor", Function::Map(Map::Floor)),
    ("ceil", Function::Map(Map::Ceil)),
    ("round", Function::Map(Map::Round)),
    ("sin", Function::Map(Map::Sin)),
    ("cos", Function::Map(Map::Cos)),
    ("tanh", Function::Map(Map::Tanh)),
    ("min", Function::Fold(Combine::Min)),
    ("max", Function::Fold(Combine::Max)),
    ("lag", Function::Lag),
    ("diff", Function::Cumulate(Cumulate::Diff)),
    ("cumsum", Function::Cumulate(Cumulate::Sum)),
    ("cummax", Function::Cumulate(Cumulate::Max)),
    ("cummin", Function::Cumulate(Cumulate::Min)),
];

pub(super) fn function_names() -> String {
    let names: Vec<String> = FUNCTIONS
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// The text from a place on, and what was read before.
type Input<'a> = Stateful<LocatingSlice<&'a str>, Reading<'a>>;

type Read<T> = Result<T, ErrMode<ExpressionError>>;

#[derive(Debug)]
struct Reading<'a> {
    text: &'a str,
    metrics: Vec<MetricName>,
    program: Vec<Op>,
    depth: usize,
    n_lag: usize,
}

impl Reading<'_> {
    /// Characters before a byte of the text, and one.
    fn position(&self, byte: usize) -> usize {
        self.text[..byte].chars().count() + 1
    }

    fn metric(&mut self, name: String) -> Op {
        let name = MetricName::from_stored(name);
        let known = self.metrics.iter().position(|metric| *metric == name);
        Op::Metric(known.unwrap_or_else(|| {
            self.metrics.push(name);
            self.metrics.len() - 1
        }))
    }
}

impl ParserError<Input<'_>> for ExpressionError {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        unexpected(input, OPERAND)
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

pub(super) fn parse(text: &str) -> Result<Parsed, ExpressionError> {
    if text.len() > Expression::MAX_BYTES {
        let n_bytes = text.len();
        return Err(ExpressionError::TooLong { n_bytes });
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text),
        state: Reading {
            text,
            metrics: Vec::new(),
            program: Vec::new(),
            depth: 0,
            n_lag: 0,
        },
    };
    match whole(&mut input) {
        Ok(()) => {}
        Err(ErrMode::Backtrack(error) | ErrMode::Cut(error)) => return Err(error),
        Err(ErrMode::Incomplete(_)) => unreachable!("the text is complete"),
    }
    let Reading {
        metrics, program, ..
    } = input.state;
    if metrics.is_empty() {
        return Err(ExpressionError::NoMetric);
    }
    Ok(Parsed {
        text: text.to_owned(),
        metrics,
        program,
    })
}

fn whole(input: &mut Input<'_>) -> Read<()> {
    spaces(input)?;
    sum(input)?;
    if opt(eof).parse_next(input)?.is_none() {
        return Err(ErrMode::Cut(unexpected(input, OPERATOR_OR_END)));
    }
    Ok(())
}

fn sum(input: &mut Input<'_>) -> Read<()> {
    product(input)?;
    while let Some(sign) = opt(spaced(one_of(['+', '-']))).parse_next(input)? {
        product(input)?;
        let combine = match sign {
            '+' => Combine::Add,
            _ => Combine::Subtract,
        };
        push(input, Op::Combine(combine))?;
    }
    Ok(())
}

fn product(input: &mut Input<'_>) -> Read<()> {
    signed(input)?;
    while let Some(sign) = opt(spaced(one_of(['*', '/', '%']))).parse_next(input)? {
        signed(input)?;
        let combine = match sign {
            '*' => Combine::Multiply,
            '/' => Combine::Divide,
            _ => Combine::Remainder,
        };
        push(input, Op::Combine(combine))?;
    }
    Ok(())
}

fn signed(input: &mut Input<'_>) -> Read<()> {
    if opt(spaced('-')).parse_next(input)?.is_none() {
        return power(input);
    }
    nested(input, signed)?;
    push(input, Op::Map(Map::Negate))
}

fn power(input: &mut Input<'_>) -> Read<()> {
    primary(input)?;
    if opt(spaced(alt(("**", "^")))).parse_next(input)?.is_some() {
        nested(input, signed)?;
        push(input, Op::Combine(Combine::Power))?;
    }
    Ok(())
}

fn primary(input: &mut Input<'_>) -> Read<()> {
    match opt(peek(any)).parse_next(input)? {
        Some('0'..='9' | '.') => {
            let number = number(input)?;
            push(input, Op::Number(number))
        }
        Some('$') => {
            let name = braced(input)?;
            let metric = input.state.metric(name);
            push(input, metric)
        }
        Some('(') => {
            expect(input, '(', OPERAND)?;
            nested(input, sum)?;
            expect(input, ')', "an operator or `)`")
        }
        Some(first) if first.is_ascii_alphabetic() || first == '_' => {
            let byte = input.current_token_start();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let name: &str = spaced(take_while(1.., is_name)).parse_next(input)?;
            if opt(peek('(')).parse_next(input)?.is_some() {
                return nested(input, |input| call(input, name, byte));
            }
            let metric = input.state.metric(name.to_owned());
            push(input, metric)
        }
        _ => Err(ErrMode::Cut(unexpected(input, OPERAND))),
    }
}

fn number(input: &mut Input<'_>) -> Read<f64> {
    let start = input.checkpoint();
    let fraction = ('.', digit1).void();
    let whole = (digit1, opt('.'), opt(digit1)).void();
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    let number = (alt((whole, fraction)), opt(exponent))
        .take()
        .parse_to::<f64>()
        .verify(|number| number.is_finite());
    if let Some(number) = opt(spaced(number)).parse_next(input)? {
        return Ok(number);
    }
    input.reset(&start);
    let expected = "a number of magnitude below 1.8e308";
    Err(ErrMode::Cut(unexpected(input, expected)))
}

/// A name between `${` and `}`.
fn braced(input: &mut Input<'_>) -> Read<String> {
    if opt("${").parse_next(input)?.is_none() {
        return Err(ErrMode::Cut(unexpected(input, "a metric as `${name}`")));
    }
    let mut name = String::new();
    loop {
        match opt(any).parse_next(input)? {
            Some('}') => break,
            Some('\\') => match opt(any).parse_next(input)? {
                Some('}') => name.push('}'),
                escaped => name.extend(['\\'].into_iter().chain(escaped)),
            },
            Some(character) => name.push(character),
            None => return Err(ErrMode::Cut(unexpected(input, "`}` after a metric's name"))),
        }
    }
    spaces(input)?;
    Ok(name)
}

/// The arguments of a function whose name, read already, began at `byte`.
fn call(input: &mut Input<'_>, name: &str, byte: usize) -> Read<()> {
    let position = input.state.position(byte);
    let function = FUNCTIONS.iter().find(|(function, _)| *function == name);
    let Some(&(name, function)) = function else {
        let name = name.to_owned();
        let error = ExpressionError::UnknownFunction { position, name };
        return Err(ErrMode::Cut(error));
    };
    expect(input, '(', OPERAND)?;
    sum(input)?;
    let mut n_arguments = 1;
    let mut lag = 1;
    while opt(spaced(',')).parse_next(input)?.is_some() {
        n_arguments += 1;
        match function {
            Function::Fold(combine) => {
                sum(input)?;
                push(input, Op::Combine(combine))?;
            }
            Function::Lag if n_arguments == 2 => lag = distance(input)?,
            // There are too many, but how many is known only when they are read.
            _ => sum(input)?,
        }
    }
    let close = match function {
        Function::Lag if n_arguments > 1 => "`)`",
        _ => "an operator, `,` or `)`",
    };
    expect(input, ')', close)?;
    let (is_right, expected) = match function {
        Function::Fold(_) => (n_arguments >= 2, "2 or more arguments"),
        Function::Lag => (n_arguments <= 2, "1 or 2 arguments"),
        Function::Map(_) | Function::Cumulate(_) => (n_arguments == 1, "1 argument"),
    };
    if !is_right {
        return Err(ErrMode::Cut(ExpressionError::Arguments {
            position,
            function: name,
            expected,
            found: n_arguments,
        }));
    }
    match function {
        Function::Map(map) => push(input, Op::Map(map)),
        Function::Cumulate(cumulate) => push(input, Op::Cumulate(cumulate)),
        Function::Fold(_) => Ok(()),
        Function::Lag => {
            input.state.n_lag += lag;
            if input.state.n_lag > Expression::MAX_LAG {
                return Err(ErrMode::Cut(ExpressionError::TooFarBack { position }));
            }
            push(input, Op::Lag(lag))
        }
    }
}

/// How far a lag reaches back.
fn distance(input: &mut Input<'_>) -> Read<usize> {
    let start = input.checkpoint();
    let digits = spaced(digit1).parse_to::<usize>();
    let distance = digits.verify(|n| (1..=Expression::MAX_LAG).contains(n));
    if let Some(distance) = opt(distance).parse_next(input)? {
        return Ok(distance);
    }
    input.reset(&start);
    let expected = "a whole number of points from 1 to 10000";
    Err(ErrMode::Cut(unexpected(input, expected)))
}

fn push(input: &mut Input<'_>, op: Op) -> Read<()> {
    if input.state.program.len() >= Expression::MAX_NODES {
        let position = input.state.position(input.previous_token_end());
        return Err(ErrMode::Cut(ExpressionError::TooLarge { position }));
    }
    input.state.program.push(op);
    Ok(())
}

/// Reads what is nested in something else.
fn nested<'a>(
    input: &mut Input<'a>,
    mut inner: impl FnMut(&mut Input<'a>) -> Read<()>,
) -> Read<()> {
    if input.state.depth >= Expression::MAX_DEPTH {
        let position = input.state.position(input.current_token_start());
        return Err(ErrMode::Cut(ExpressionError::TooDeep { position }));
    }
    input.state.depth += 1;
    inner(input)?;
    input.state.depth -= 1;
    Ok(())
}

fn expect(input: &mut Input<'_>, character: char, expected: &'static str) -> Read<()> {
    match opt(spaced(character)).parse_next(input)? {
        Some(_) => Ok(()),
        None => Err(ErrMode::Cut(unexpected(input, expected))),
    }
}

fn spaces(input: &mut Input<'_>) -> Read<()> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

/// A parser that takes the spaces behind, too.
fn spaced<'a, T>(
    parser: impl Parser<Input<'a>, T, ErrMode<ExpressionError>>,
) -> impl Parser<Input<'a>, T, ErrMode<ExpressionError>> {
    terminated(parser, spaces)
}

/// Says what is at a place instead of what was expected.
fn unexpected(input: &Input<'_>, expected: &'static str) -> ExpressionError {
    const MAX_CHARACTERS: usize = 20;
    let rest: &str = input.input.as_ref();
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '.';
    let n_word = rest.chars().take_while(is_word).count();
    let found = rest.chars().take(n_word.clamp(1, MAX_CHARACTERS));
    let found: String = found.flat_map(char::escape_debug).collect();
    ExpressionError::Unexpected {
        position: input.state.position(input.current_token_start()),
        expected,
        found: match n_word {
            _ if rest.is_empty() => "the end".to_owned(),
            MAX_CHARACTERS.. => format!("`{found}...`"),
            _ => format!("`{found}`"),
        },
    }
}
