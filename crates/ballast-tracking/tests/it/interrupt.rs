//! Futures that die or stand still on the way.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures::future::poll_fn;

/// When a future dies that waits for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// At once: what it waits for may happen yet, or not.
    Waiting,
    /// When it has happened, before the future learns of it.
    Answered,
}

/// Polls `future` until it waits for the `nth` time, counted from 1, and drops it there. Returns its output if it
/// never waits that often.
pub(crate) async fn killed<F: Future>(future: F, nth: usize, death: Death) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut n_waits = 0;
    poll_fn(|context| {
        if n_waits == nth {
            return Poll::Ready(None);
        }
        match poll(future.as_mut(), context, &mut n_waits) {
            Poll::Pending if n_waits == nth && death == Death::Waiting => Poll::Ready(None),
            polled => polled.map(Some),
        }
    })
    .await
}

/// Polls `future` until it waits for the `nth` time, counted from 1; lets `meanwhile` come to its end; then goes on with
/// `future`. Returns its output, and whether it waited that often.
pub(crate) async fn held_up<F: Future>(
    future: F,
    nth: usize,
    meanwhile: impl Future<Output = ()>,
) -> (F::Output, bool) {
    let mut future = pin!(future);
    let mut n_waits = 0;
    let early = poll_fn(
        |context| match poll(future.as_mut(), context, &mut n_waits) {
            Poll::Pending if n_waits == nth => Poll::Ready(None),
            polled => polled.map(Some),
        },
    );
    if let Some(output) = early.await {
        return (output, false);
    }
    meanwhile.await;
    (future.await, true)
}

fn poll<F: Future>(
    future: Pin<&mut F>,
    context: &mut Context<'_>,
    n_waits: &mut usize,
) -> Poll<F::Output> {
    let polled = future.poll(context);
    *n_waits += usize::from(polled.is_pending());
    polled
}
