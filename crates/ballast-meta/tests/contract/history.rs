//! Generations, chunks, segments, console, leases and problems.

use std::ops::Range;

use ballast_meta::{
    ChunkKey, ConsoleFoldQuery, FoldCandidate, FoldPage, FoldQuery, Meta, NewChunk, NewConsolePart,
    NewProblem, NewSegment, Piece, RunPatch, SegmentKey, Stream,
};
use ballast_model::{GenerationKey, RunKey};
use bytes::Bytes;

use crate::backend::{Database, at, on_each_backend, project, run, write};

on_each_backend!(
    chains_are_replaced_whole,
    chunks_read_back_by_lines,
    batches_are_known_by_lines,
    batches_of_runs_that_ended_are_deleted_in_parts,
    segments_take_the_place_of_chunks,
    console_chunks_keep_the_order_of_insertion,
    console_chunks_override_blocks,
    consoles_are_folded_when_they_have_grown_or_ended,
    writers_have_offsets,
    leases_have_one_holder,
    problems_are_listed_newest_first,
    forks_inherit_what_they_show,
);

async fn one_run(database: &Database) -> RunKey {
    run(&database.meta, project(&database.meta).await.key, "r1")
        .await
        .head
        .key
}

async fn generation(meta: &Meta, run: RunKey, first_line: u64) -> GenerationKey {
    write(meta, move |tx| {
        Box::pin(async move { tx.start_generation(run, Stream::History, first_line).await })
    })
    .await
}

async fn set_chain(meta: &Meta, run: RunKey, pieces: Vec<Piece>) {
    write(meta, move |tx| {
        Box::pin(async move { tx.replace_chain(run, Stream::History, &pieces).await })
    })
    .await;
}

fn chunk(generation: GenerationKey, lines: Range<u64>) -> NewChunk {
    NewChunk {
        generation,
        steps: (lines.start > 0).then_some((lines.start as i64 * -10, i64::MAX)),
        index: Bytes::from(format!("index {lines:?}")),
        body: Bytes::from(vec![lines.start as u8; 1 << 16]),
        lines,
    }
}

async fn insert_chunk(meta: &Meta, chunk: NewChunk) -> ChunkKey {
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_chunk(chunk).await })
    })
    .await
}

async fn chains_are_replaced_whole(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    assert_eq!(
        meta.read()
            .chain(run, Stream::History)
            .await
            .expect("a read"),
        []
    );
    let (a, b) = (
        generation(meta, run, 0).await,
        generation(meta, run, 7).await,
    );
    let first = vec![Piece {
        generation: a,
        end_line: None,
    }];
    let second = vec![
        Piece {
            generation: a,
            end_line: Some(7),
        },
        Piece {
            generation: b,
            end_line: None,
        },
    ];
    for pieces in [first, second, vec![]] {
        set_chain(meta, run, pieces.clone()).await;
        assert_eq!(
            meta.read()
                .chain(run, Stream::History)
                .await
                .expect("a read"),
            pieces
        );
        assert_eq!(
            meta.read()
                .chain(run, Stream::System)
                .await
                .expect("a read"),
            []
        );
    }
}

async fn chunks_read_back_by_lines(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    let (a, b) = (
        generation(meta, run, 0).await,
        generation(meta, run, 0).await,
    );
    let chunks = [
        chunk(a, 20..30),
        chunk(a, 0..10),
        chunk(a, 10..20),
        chunk(b, 0..5),
    ];
    let mut keys = Vec::new();
    for chunk in &chunks {
        keys.push(insert_chunk(meta, chunk.clone()).await);
    }
    let same_line = chunk(a, 10..11);
    let error = meta
        .write(move |tx| Box::pin(async move { tx.insert_chunk(same_line).await }))
        .await
        .expect_err("the line is taken");
    assert!(error.is_conflict(), "{error:?}");

    for (lines, first_lines) in [
        (0..u64::MAX, &[0, 10, 20][..]),
        (9..10, &[0]),
        (10..20, &[10]),
        (5..21, &[0, 10, 20]),
        (30..40, &[]),
    ] {
        let heads = meta
            .read()
            .chunk_heads(&[a], lines.clone())
            .await
            .expect("a read");
        assert_eq!(
            heads
                .iter()
                .map(|head| head.lines.start)
                .collect::<Vec<_>>(),
            first_lines,
            "{lines:?}"
        );
    }
    let heads = meta.read().all_chunks(None, 10).await.expect("a read");
    for ((head, chunk), key) in heads.iter().zip(&chunks).zip(&keys) {
        assert_eq!(
            (head.key, head.generation, &head.lines),
            (*key, chunk.generation, &chunk.lines)
        );
        assert_eq!((head.steps, head.n_bytes), (chunk.steps, 1 << 16));
    }
    let rest = meta
        .read()
        .all_chunks(Some(keys[2]), 10)
        .await
        .expect("a read");
    assert_eq!(
        rest.iter().map(|head| head.key).collect::<Vec<_>>(),
        keys[3..]
    );

    let mut asked = keys.clone();
    asked.push(ChunkKey(1 << 40));
    let mut bodies = meta.read().chunk_bodies(&asked).await.expect("a read");
    bodies.sort_by_key(|(key, _)| *key);
    let expected: Vec<_> = keys
        .iter()
        .copied()
        .zip(chunks.iter().map(|chunk| chunk.body.clone()))
        .collect();
    assert_eq!(bodies, expected);
    let mut indexes = meta.read().chunk_indexes(&keys[..1]).await.expect("a read");
    assert_eq!(indexes.pop(), Some((keys[0], chunks[0].index.clone())));

    let candidates = fold_candidates(meta, 3, u64::MAX, None).await;
    let [candidate] = &candidates[..] else {
        panic!("{candidates:?}")
    };
    assert_eq!(
        (
            candidate.generation,
            candidate.run.as_str(),
            candidate.stream
        ),
        (a, "r1", Stream::History)
    );
    assert_eq!((candidate.n_parts, candidate.n_bytes), (3, 3 << 16));
    let mut after = None;
    for generation in [a, b] {
        let by_bytes = fold_candidates(meta, 100, 1 << 16, after).await;
        assert_eq!(by_bytes[0].generation, generation);
        after = Some((by_bytes[0].n_bytes, generation));
    }
    assert_eq!(fold_candidates(meta, 100, 1 << 16, after).await, []);

    let doomed = keys.clone();
    assert_eq!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_chunks(&doomed).await
        }))
        .await,
        4
    );
    assert_eq!(meta.read().chunk_bodies(&keys).await.expect("a read"), []);
    assert!(
        insert_chunk(meta, chunks[0].clone()).await > keys[3],
        "keys are never used twice"
    );
}

async fn fold_candidates(
    meta: &Meta,
    min_chunks: u64,
    min_bytes: u64,
    after: Option<(u64, GenerationKey)>,
) -> Vec<FoldCandidate> {
    let query = FoldQuery {
        min_chunks,
        min_bytes,
        ended_before: at(0),
    };
    let page = FoldPage { after, limit: 10 };
    let found = meta.read().fold_candidates(&query, page).await;
    found.expect("a read")
}

async fn batches_are_known_by_lines(database: Database) {
    let meta = &database.meta;
    let generation = generation(meta, one_run(&database).await, 0).await;
    write(meta, move |tx| {
        Box::pin(async move { tx.insert_batch(generation, 10, 5, [3; 16]).await })
    })
    .await;
    for (first_line, n_lines, found) in [(10, 5, true), (10, 4, false), (9, 5, false)] {
        let digest = meta
            .read()
            .lookup_batch(generation, first_line, n_lines)
            .await
            .expect("a read");
        assert_eq!(digest, found.then_some([3; 16]));
    }
}

async fn batches_of_runs_that_ended_are_deleted_in_parts(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let mut generations = Vec::new();
    for (name, ended_at) in [("ended", Some(10)), ("later", Some(20)), ("live", None)] {
        let run = run(meta, project, name).await.head.key;
        let generation = generation(meta, run, 0).await;
        let patch = RunPatch {
            ended_at: Some(ended_at.map(at)),
            ..RunPatch::default()
        };
        write(meta, move |tx| {
            Box::pin(async move {
                // Two begin at the same line.
                for (first_line, n_lines) in [(0, 1), (1, 1), (1, 2), (5, 1), (7, 1)] {
                    tx.insert_batch(generation, first_line, n_lines, [0; 16])
                        .await?;
                }
                tx.update_run(run, patch, at(20)).await
            })
        })
        .await;
        generations.push(generation);
    }
    let candidates = async |ended_before, after, limit| {
        let found = meta
            .read()
            .generations_with_old_batches(at(ended_before), after, limit)
            .await;
        found.expect("a read")
    };
    assert_eq!(candidates(10, None, 9).await, []);
    assert_eq!(candidates(11, None, 9).await, generations[..1]);
    assert_eq!(candidates(21, None, 9).await, generations[..2]);
    assert_eq!(candidates(21, None, 1).await, generations[..1]);
    let after = Some(generations[0]);
    assert_eq!(candidates(21, after, 9).await, generations[1..2]);

    let delete = async |generation: GenerationKey, limit| {
        write(meta, move |tx| {
            Box::pin(async move { tx.delete_old_batches(generation, at(11), limit).await })
        })
        .await
    };
    assert_eq!(delete(generations[0], 2).await, 3, "both at line 1");
    assert_eq!(candidates(11, None, 9).await, generations[..1]);
    assert_eq!(delete(generations[0], 5).await, 2);
    assert_eq!(delete(generations[0], 5).await, 0);
    assert_eq!(candidates(11, None, 9).await, []);
    // What goes on, or ended later, keeps all.
    assert_eq!(delete(generations[1], 5).await, 0);
    assert_eq!(delete(generations[2], 5).await, 0);
    for generation in &generations[1..] {
        let kept = meta.read().lookup_batch(*generation, 7, 1).await;
        assert_eq!(kept.expect("a read"), Some([0; 16]));
    }
}

async fn segments_take_the_place_of_chunks(database: Database) {
    let meta = &database.meta;
    let generation = generation(meta, one_run(&database).await, 0).await;
    let keys = [
        insert_chunk(meta, chunk(generation, 0..10)).await,
        insert_chunk(meta, chunk(generation, 10..20)).await,
    ];
    let segment = NewSegment {
        generation,
        lines: 0..20,
        steps: Some((-5, 19)),
        object_key: "history/1".to_owned(),
        n_bytes: 1 << 40,
        checksum: Bytes::from_static(b"sum"),
        index: Bytes::from_static(b"index"),
    };
    let new = segment.clone();
    let key = write(meta, move |tx| {
        Box::pin(async move {
            tx.delete_chunks(&keys).await?;
            tx.insert_segment(new).await
        })
    })
    .await;
    assert_eq!(
        meta.read()
            .chunk_heads(&[generation], 0..u64::MAX)
            .await
            .expect("a read"),
        []
    );
    let stored = meta
        .read()
        .segments(&[generation], 19..20)
        .await
        .expect("a read");
    let [record] = &stored[..] else {
        panic!("{stored:?}")
    };
    assert_eq!(
        (record.key, &record.lines, record.steps),
        (key, &(0..20), segment.steps)
    );
    assert_eq!(
        (&record.object_key, record.n_bytes),
        (&segment.object_key, segment.n_bytes)
    );
    assert_eq!(
        (&record.checksum, &record.index),
        (&segment.checksum, &segment.index)
    );
    assert_eq!(
        meta.read()
            .segments(&[generation], 20..30)
            .await
            .expect("a read"),
        []
    );
    assert_eq!(
        meta.read().all_segments(None, 5).await.expect("a read"),
        stored
    );
    assert_eq!(
        meta.read()
            .all_segments(Some(SegmentKey(key.0)), 5)
            .await
            .expect("a read"),
        []
    );
}

/// A part of `run`'s console with `lines`.
fn part(run: RunKey, lines: Range<u64>, body: &'static str) -> NewConsolePart {
    NewConsolePart {
        run,
        lines,
        n_bytes: body.len() as u64,
        body: Bytes::from(body),
    }
}

/// The bodies of everything that overlaps `lines`, in the order in which they override each other.
async fn console(meta: &Meta, run: RunKey, lines: Range<u64>) -> Vec<Bytes> {
    let parts = meta.read().console_parts(run, lines).await;
    let parts = parts.expect("a read").into_iter();
    parts.map(|part| part.body).collect()
}

async fn console_chunks_keep_the_order_of_insertion(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    let mut keys = Vec::new();
    for (lines, body) in [(5..10, "b"), (0..5, "a"), (4..6, "over")] {
        let chunk = part(run, lines, body);
        let write = write(meta, move |tx| {
            Box::pin(async move { tx.insert_console_chunk(chunk).await })
        });
        keys.push(write.await);
    }
    assert_eq!(console(meta, run, 0..u64::MAX).await, ["b", "a", "over"]);
    assert_eq!(console(meta, run, 0..4).await, ["a"]);
    assert_eq!(console(meta, run, 6..7).await, ["b"]);
    let oldest = meta.read().oldest_console_chunks(run, 2).await;
    let oldest = oldest.expect("a read");
    let heads: Vec<_> = oldest
        .iter()
        .map(|head| (head.key, head.lines.clone(), head.n_bytes))
        .collect();
    assert_eq!(heads, [(keys[0], 5..10, 1), (keys[1], 0..5, 1)]);
    let bodies = meta.read().console_chunk_bodies(&keys[2..]).await;
    assert_eq!(bodies.expect("a read"), [(keys[2], Bytes::from("over"))]);

    let first = keys[0];
    let deleted = write(meta, move |tx| {
        Box::pin(async move { tx.delete_console_chunks(&[first, first]).await })
    });
    assert_eq!(deleted.await, 1);
    assert_eq!(console(meta, run, 0..u64::MAX).await, ["a", "over"]);
    write(meta, move |tx| {
        Box::pin(async move { tx.clear_console(run).await })
    })
    .await;
    assert_eq!(console(meta, run, 0..u64::MAX).await, [""; 0]);
}

async fn console_chunks_override_blocks(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    let chunk = part(run, 8..12, "late");
    let blocks = [part(run, 10..20, "second"), part(run, 0..10, "first")];
    let keys = write(meta, move |tx| {
        Box::pin(async move {
            tx.insert_console_chunk(chunk).await?;
            let mut keys = Vec::new();
            for block in blocks {
                keys.push(tx.insert_console_block(block).await?);
            }
            Ok(keys)
        })
    })
    .await;
    let second_first = [keys[0], keys[1]];
    let mut all = console(meta, run, 0..u64::MAX).await;
    assert_eq!(all.pop().as_deref(), Some(&b"late"[..]));
    all.sort();
    assert_eq!(all, ["first", "second"]);
    assert_eq!(console(meta, run, 12..13).await, ["second"]);
    let heads = meta.read().console_blocks(run, 0..u64::MAX).await;
    let heads: Vec<_> = heads
        .expect("a read")
        .into_iter()
        .map(|head| (head.key, head.lines, head.n_bytes))
        .collect();
    assert_eq!(heads, [(keys[1], 0..10, 5), (keys[0], 10..20, 6)]);
    let bodies = meta.read().console_block_bodies(&keys[1..]).await;
    assert_eq!(bodies.expect("a read"), [(keys[1], Bytes::from("first"))]);
    let deleted = write(meta, move |tx| {
        Box::pin(async move { tx.delete_console_blocks(&second_first).await })
    });
    assert_eq!(deleted.await, 2);
    assert_eq!(console(meta, run, 0..u64::MAX).await, ["late"]);
}

async fn consoles_are_folded_when_they_have_grown_or_ended(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await.key;
    let mut runs = Vec::new();
    for (name, n_chunks, ended) in [("few", 1, false), ("many", 3, false), ("ended", 1, true)] {
        let run = run(meta, project, name).await.head.key;
        for index in 0..n_chunks {
            let chunk = part(run, index * 10..index * 10 + 10, "x");
            write(meta, move |tx| {
                Box::pin(async move { tx.insert_console_chunk(chunk).await })
            })
            .await;
        }
        if ended {
            let patch = RunPatch {
                ended_at: Some(Some(at(10))),
                ..RunPatch::default()
            };
            write(meta, move |tx| {
                Box::pin(async move { tx.update_run(run, patch, at(10)).await })
            })
            .await;
        }
        runs.push(run);
    }
    let never = ConsoleFoldQuery {
        min_chunks: 100,
        min_lines: 1000,
        ended_before: at(0),
        limit: 10,
    };
    let many = ConsoleFoldQuery {
        min_chunks: 3,
        ..never
    };
    let long = ConsoleFoldQuery {
        min_lines: 30,
        ..never
    };
    let ended = ConsoleFoldQuery {
        ended_before: at(11),
        ..never
    };
    let all = ConsoleFoldQuery {
        min_chunks: 1,
        limit: 1,
        ..never
    };
    for (query, expected) in [
        (never, &[][..]),
        (many, &runs[1..2]),
        (long, &runs[1..2]),
        (ended, &runs[2..]),
        (all, &runs[1..2]),
    ] {
        let found = meta.read().console_fold_candidates(&query).await;
        assert_eq!(found.expect("a read"), expected, "{query:?}");
    }
}

async fn writers_have_offsets(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    for (writer, line) in [("w1", 5), ("w2", 1), ("w1", 9)] {
        write(meta, move |tx| {
            Box::pin(async move {
                tx.set_writer_offset(run, Stream::Console, writer, line)
                    .await
            })
        })
        .await;
    }
    for (stream, writer, line) in [
        (Stream::Console, "w1", Some(9)),
        (Stream::Console, "w2", Some(1)),
        (Stream::History, "w1", None),
    ] {
        assert_eq!(
            meta.read()
                .writer_offset(run, stream, writer)
                .await
                .expect("a read"),
            line
        );
    }
    write(meta, move |tx| {
        Box::pin(async move { tx.clear_writer_offsets(run, Stream::Console).await })
    })
    .await;
    assert_eq!(
        meta.read()
            .writer_offset(run, Stream::Console, "w1")
            .await
            .expect("a read"),
        None
    );
}

async fn leases_have_one_holder(database: Database) {
    let meta = &database.meta;
    for (holder, now, until, taken) in [
        ("a", 0, 10, true),
        ("b", 5, 15, false),
        ("a", 5, 20, true),
        ("b", 19, 29, false),
        ("b", 20, 30, true),
        ("a", 21, 31, false),
    ] {
        let has = write(meta, move |tx| {
            Box::pin(async move { tx.try_lease("fold", holder, at(now), at(until)).await })
        })
        .await;
        assert_eq!(has, taken, "{holder} at {now}");
    }
    for (holder, taken) in [("a", false), ("b", true)] {
        let has = write(meta, move |tx| {
            Box::pin(async move {
                tx.release_lease("fold", holder).await?;
                tx.try_lease("fold", "c", at(22), at(23)).await
            })
        })
        .await;
        assert_eq!(has, taken);
    }
}

async fn problems_are_listed_newest_first(database: Database) {
    let meta = &database.meta;
    let run = one_run(&database).await;
    let problem = |line| NewProblem {
        run,
        stream: Stream::System,
        line,
        reason: "not JSON".to_owned(),
        excerpt: "{\u{fffd}".to_owned(),
        at: at(1),
    };
    for line in 0..3 {
        let problem = problem(line);
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_problem(problem).await })
        })
        .await;
    }
    assert_eq!(
        meta.read().list_problems(run, 2).await.expect("a read"),
        [problem(2), problem(1)]
    );
}

async fn forks_inherit_what_they_show(database: Database) {
    let meta = &database.meta;
    let project = project(meta).await;
    let parent = run(meta, project.key, "parent").await.head.key;
    let fork = run(meta, project.key, "fork").await.head.key;
    let (shown, hidden) = (
        generation(meta, parent, 0).await,
        generation(meta, parent, 5).await,
    );
    let own = generation(meta, fork, 5).await;
    let of_parent = vec![
        Piece {
            generation: shown,
            end_line: Some(8),
        },
        Piece {
            generation: hidden,
            end_line: None,
        },
    ];
    set_chain(meta, parent, of_parent).await;
    let of_fork = vec![
        Piece {
            generation: shown,
            end_line: Some(5),
        },
        Piece {
            generation: own,
            end_line: None,
        },
    ];
    set_chain(meta, fork, of_fork.clone()).await;
    insert_chunk(meta, chunk(shown, 0..5)).await;
    insert_chunk(meta, chunk(hidden, 5..10)).await;
    for (generation, object_key) in [(shown, "shown"), (hidden, "hidden")] {
        let segment = NewSegment {
            generation,
            lines: 10..20,
            steps: None,
            object_key: object_key.to_owned(),
            n_bytes: 1,
            checksum: Bytes::new(),
            index: Bytes::new(),
        };
        write(meta, move |tx| {
            Box::pin(async move { tx.insert_segment(segment).await })
        })
        .await;
    }
    assert_eq!(
        meta.read().run_object_keys(parent).await.expect("a read"),
        ["hidden"]
    );
    assert_eq!(
        meta.read()
            .project_object_keys(project.key)
            .await
            .expect("a read"),
        ["hidden", "shown"]
    );
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_run_rows(parent).await
        }))
        .await
    );
    assert_eq!(
        meta.read()
            .chain(fork, Stream::History)
            .await
            .expect("a read"),
        of_fork
    );
    assert_eq!(
        meta.read()
            .chunk_heads(&[shown], 0..10)
            .await
            .expect("a read")
            .len(),
        1
    );
    assert_eq!(
        meta.read()
            .chunk_heads(&[hidden], 0..10)
            .await
            .expect("a read"),
        []
    );
    assert_eq!(
        meta.read().run_object_keys(fork).await.expect("a read"),
        ["shown"]
    );
    assert!(
        write(meta, move |tx| Box::pin(async move {
            tx.delete_run_rows(fork).await
        }))
        .await
    );
    assert_eq!(meta.read().all_chunks(None, 10).await.expect("a read"), []);
}
