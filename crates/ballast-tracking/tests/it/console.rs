//! A console reads as a terminal would show it, however it came and wherever it lies.

use std::ops::Range;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ballast_model::{RunKey, RunPath};
use ballast_tracking::console::{
    ConsoleLine, ConsoleLines, ConsolePage, ConsoleRequest, ConsoleSearch,
};
use ballast_tracking::history::Append;
use futures::TryStreamExt as _;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::support::World;

/// Lines that are printed while others are folded.
const N_LINES: usize = 300;
/// How many lines more than a block at line 0 has make it a new start.
const REWRITTEN_LINES: usize = 64;
/// No block has more lines.
const BLOCK_LINES: u64 = 4096;
/// How long a fold holds its lease, which one that was given up leaves taken.
const LEASE: Duration = Duration::from_mins(2);

impl World {
    async fn print(&self, run: &RunPath, offset: usize, texts: &[String]) {
        let lines = texts.iter().map(|text| ConsoleLine {
            text: text.clone(),
            ..ConsoleLine::default()
        });
        let console = ConsoleLines {
            offset: offset as u64,
            lines: lines.collect(),
        };
        let append = Append {
            console: Some(console),
            ..Append::default()
        };
        let appended = self.tracking.append(&self.ada, run, append).await;
        appended.expect("lines are stored");
    }

    async fn page(&self, run: &RunPath, request: &ConsoleRequest) -> ConsolePage {
        let page = self.tracking.console_lines(&self.ada, run, request).await;
        page.expect("lines are read")
    }

    async fn texts(&self, run: &RunPath, lines: Range<usize>) -> Vec<String> {
        let request = ConsoleRequest {
            from: lines.start as u64,
            limit: lines.len(),
            ..ConsoleRequest::default()
        };
        let page = self.page(run, &request).await;
        page.items.into_iter().map(|line| line.line.text).collect()
    }

    async fn whole_text(&self, run: &RunPath) -> String {
        let text = self.tracking.console_text(&self.ada, run).await;
        let parts: Vec<_> = text
            .expect("lines are read")
            .try_collect()
            .await
            .expect("lines are read");
        String::from_utf8(parts.concat()).expect("UTF-8")
    }

    /// How many chunks and blocks a console lies in. Blocks must have their lines for themselves.
    async fn parts(&self, run: RunKey) -> (usize, usize) {
        let db = self.meta.read();
        let blocks = db.console_blocks(run, 0..u64::MAX).await.expect("a read");
        for block in &blocks {
            assert!(
                block.lines.end - block.lines.start <= BLOCK_LINES,
                "{block:?}"
            );
        }
        for two in blocks.windows(2) {
            assert!(two[0].lines.end <= two[1].lines.start, "{two:?}");
        }
        let chunks = db.oldest_console_chunks(run, 10_000).await;
        (chunks.expect("a read").len(), blocks.len())
    }

    async fn key(&self, run: &RunPath) -> RunKey {
        let run = self.tracking.get_run(&self.ada, run).await;
        run.expect("there").key
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn numbered(lines: Range<usize>) -> Vec<String> {
    lines.map(|line| format!("line {line}")).collect()
}

/// What happens to a console.
#[derive(Debug, Clone)]
enum Event {
    /// Lines are printed, the first of them over one of the last.
    Print { back: usize, n_lines: usize },
    /// Lines come late, or leave a gap.
    Stray {
        at: Index,
        ahead: usize,
        n_lines: usize,
    },
    /// The script starts over.
    StartOver { n_lines: usize },
    /// Chunks are folded, unless the fold is given up after so many steps.
    Fold { steps: Option<usize> },
}

fn event() -> impl Strategy<Value = Event> {
    let n_lines = prop_oneof![6 => 1..6_usize, 2 => 50..200_usize, 1 => 3000..5000_usize];
    let back = prop_oneof![2 => Just(0), 2 => 1..4_usize, 1 => 0..REWRITTEN_LINES];
    let ahead = prop_oneof![8 => Just(0), 1 => 1..100_usize];
    prop_oneof![
        8 => (back, n_lines).prop_map(|(back, n_lines)| Event::Print { back, n_lines }),
        3 => (any::<Index>(), ahead, 1..100_usize)
            .prop_map(|(at, ahead, n_lines)| Event::Stray { at, ahead, n_lines }),
        1 => (1..20_usize).prop_map(|n_lines| Event::StartOver { n_lines }),
        4 => prop::option::weighted(0.7, 0..60_usize).prop_map(|steps| Event::Fold { steps }),
    ]
}

/// What a terminal shows.
#[derive(Debug, Default)]
struct Terminal(Vec<String>);

impl Terminal {
    fn print(&mut self, offset: usize, texts: &[String]) {
        let end = offset + texts.len();
        if offset == 0 && self.0.len() > end + REWRITTEN_LINES {
            self.0.clear();
        }
        if self.0.len() < end {
            self.0.resize(end, String::new());
        }
        self.0[offset..end].clone_from_slice(texts);
    }

    fn search(&self, needle: &str) -> Vec<u64> {
        let lines = (0..).zip(&self.0);
        lines
            .filter(|(_, text)| text.contains(needle))
            .map(|(number, _)| number)
            .collect()
    }
}

/// Drives `future` for so many steps, then drops it.
async fn give_up_after<T>(steps: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut taken = 0;
    std::future::poll_fn(move |context| {
        if taken == steps {
            return Poll::Ready(None);
        }
        taken += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn play(world: &World, run: &RunPath, events: Vec<Event>, page: (Index, usize)) {
    let mut terminal = Terminal::default();
    for (number, event) in events.into_iter().enumerate() {
        let total = terminal.0.len();
        let (offset, n_lines) = match event {
            Event::Print { back, n_lines } => (total.saturating_sub(back), n_lines),
            Event::Stray { at, ahead, n_lines } => (at.index(total + 1) + ahead, n_lines),
            Event::StartOver { n_lines } => (0, n_lines),
            Event::Fold { steps } => {
                world.clock.advance(LEASE);
                let fold = world.tracking.fold_all_consoles();
                let folded = give_up_after(steps.unwrap_or(usize::MAX), fold).await;
                folded.transpose().expect("folded");
                continue;
            }
        };
        let texts: Vec<_> = (offset..offset + n_lines)
            .map(|line| format!("{line} of event {number}"))
            .collect();
        world.print(run, offset, &texts).await;
        terminal.print(offset, &texts);
    }
    check(world, run, &terminal, &page).await;
    world.clock.advance(LEASE);
    world.tracking.fold_all_consoles().await.expect("folded");
    let (n_chunks, _) = world.parts(world.key(run).await).await;
    assert_eq!(n_chunks, 0);
    check(world, run, &terminal, &page).await;
}

async fn check(world: &World, run: &RunPath, terminal: &Terminal, page: &(Index, usize)) {
    let total = terminal.0.len();
    let first = page.0.index(total + 1);
    let shown = first..total.min(first + page.1);
    assert_eq!(
        world.texts(run, first..first + page.1).await,
        terminal.0[shown]
    );
    let mut expected = terminal.0.join("\n");
    expected.push_str(if total == 0 { "" } else { "\n" });
    assert_eq!(world.whole_text(run).await, expected);
    for (needle, limit) in [("7 of", 3), ("of event 1", 5000), ("of EVENT 0", 10)] {
        let mut request = ConsoleRequest {
            limit,
            search: Some(ConsoleSearch::Text(needle.to_owned())),
            ..ConsoleRequest::default()
        };
        let matches = terminal.search(&needle.to_lowercase());
        for tail in [false, true] {
            request.tail = tail;
            let found = world.page(run, &request).await;
            let numbers: Vec<_> = found.items.iter().map(|line| line.number).collect();
            let n_shown = matches.len().min(limit);
            let shown = if tail {
                &matches[matches.len() - n_shown..]
            } else {
                &matches[..n_shown]
            };
            assert_eq!(numbers, shown, "{needle:?}");
            assert_eq!(found.n_matches, Some(matches.len() as u64), "{needle:?}");
        }
    }
}

#[test]
fn a_console_reads_as_a_terminal_shows_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let world = runtime.block_on(World::new());
    let config = Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let cases = std::cell::Cell::new(0);
    let consoles = (
        prop::collection::vec(event(), 1..24),
        (any::<Index>(), 1..5000_usize),
    );
    TestRunner::new(config)
        .run(&consoles, |(events, page)| {
            cases.set(cases.get() + 1);
            runtime.block_on(async {
                let run = world.start(&format!("run-{}", cases.get())).await;
                play(&world, &run, events, page).await;
            });
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[tokio::test]
async fn rewritten_lines_vanish() {
    let world = World::new().await;
    let run = world.start("a").await;
    let key = world.key(&run).await;
    for percent in 0..=100 {
        let bars = [format!("{percent:3} %"), "inner".to_owned()];
        world.print(&run, 0, &bars).await;
    }
    assert_eq!(world.parts(key).await, (101, 0));
    assert_eq!(world.tracking.fold_consoles().await.expect("looked at"), 0);
    for percent in 0..=100 {
        let bars = ["100 %".to_owned(), format!("inner {percent}")];
        world.print(&run, 0, &bars).await;
    }
    assert_eq!(world.tracking.fold_consoles().await.expect("folded"), 1);
    assert_eq!(world.parts(key).await, (0, 1));
    let parts = world.meta.read().console_parts(key, 0..u64::MAX).await;
    let parts = parts.expect("a read");
    assert!(parts.len() == 1 && parts[0].body.len() < 200, "{parts:?}");
    assert_eq!(world.whole_text(&run).await, "100 %\ninner 100\n");
}

#[tokio::test]
async fn ended_runs_are_folded_after_a_while() {
    let world = World::new().await;
    let run = world.start("a").await;
    world.print(&run, 0, &strings(&["one"])).await;
    let end = Append {
        exit_code: Some(0),
        ..Append::default()
    };
    let ended = world.tracking.append(&world.ada, &run, end).await;
    ended.expect("stored");
    assert_eq!(world.tracking.fold_consoles().await.expect("looked at"), 0);
    world.advance(60 * 60);
    assert_eq!(world.tracking.fold_consoles().await.expect("folded"), 1);
    assert_eq!(
        world.tracking.fold_consoles().await.expect("nothing left"),
        0
    );
    assert_eq!(world.texts(&run, 0..10).await, ["one"]);
}

#[tokio::test]
async fn a_search_that_found_enough_says_where_to_go_on() {
    let world = World::new().await;
    let run = world.start("a").await;
    for offset in (0..120_000).step_by(40_000) {
        world
            .print(&run, offset, &numbered(offset..offset + 40_000))
            .await;
    }
    world.tracking.fold_all_consoles().await.expect("folded");
    let mut request = ConsoleRequest {
        limit: 10,
        search: Some(ConsoleSearch::Pattern("^line [0-9]+$".to_owned())),
        ..ConsoleRequest::default()
    };
    let found = world.page(&run, &request).await;
    let next_from = found.next_from.expect("it stopped");
    assert_eq!(found.n_matches, Some(next_from));
    assert!((100_000..120_000).contains(&next_from), "{next_from}");
    assert_eq!(found.items.len(), 10);
    request.from = next_from;
    let rest = world.page(&run, &request).await;
    assert_eq!(
        (rest.n_matches, rest.next_from),
        (Some(120_000 - next_from), None)
    );
    assert_eq!(rest.items[0].number, next_from);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_during_a_fold_see_every_line() {
    let world = World::new().await;
    let run = world.start("a").await;
    let write_and_fold = async {
        for line in 0..N_LINES {
            // The line before is printed again, so that blocks have chunks over them.
            let first = line.saturating_sub(1);
            world.print(&run, first, &numbered(first..line + 1)).await;
            if line % 20 == 19 {
                let folded = world.tracking.fold_all_consoles().await;
                assert_eq!(folded.expect("folded"), 1);
            }
        }
    };
    let read = async {
        loop {
            let texts = world.texts(&run, 0..N_LINES).await;
            assert_eq!(texts, numbered(0..texts.len()));
            if texts.len() == N_LINES {
                break;
            }
        }
    };
    tokio::join!(write_and_fold, read);
}
