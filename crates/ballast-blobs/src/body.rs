//! Reading an announced body in pieces of a chosen size.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};

use crate::BlobError;
use crate::error::Source;
use crate::types::Expect;

/// Chunks below this size are copied together, so that a body of tiny chunks costs its own size and no more.
const SMALL_CHUNK_BYTES: usize = 4096;

/// A body being read: refuses what is too long or too short as soon as it shows.
pub(crate) struct Body<'a, S> {
    key: &'a str,
    expect: Expect,
    stream: Pin<&'a mut S>,
    /// What was read beyond the last piece.
    rest: Bytes,
    received: u64,
    ended: bool,
}

/// The next bytes of a body.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) chunks: Vec<Bytes>,
    /// Whether the body ends with this piece, which may then be shorter than asked for, or empty.
    pub(crate) last: bool,
}

impl Piece {
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

impl<'a, S, E> Body<'a, S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Source>,
{
    pub(crate) fn new(
        key: &'a str,
        stream: Pin<&'a mut S>,
        expect: Expect,
    ) -> Result<Self, BlobError> {
        let body = Self {
            key,
            expect,
            stream,
            rest: Bytes::new(),
            received: 0,
            ended: false,
        };
        match expect.content_length {
            Some(announced) if announced > expect.max_bytes => Err(body.too_large()),
            _ => Ok(body),
        }
    }

    /// The next `size_bytes` bytes, or what is left.
    pub(crate) async fn next_piece(&mut self, size_bytes: usize) -> Result<Piece, BlobError> {
        let mut piece = Piece::default();
        let mut small = BytesMut::new();
        let mut missing = size_bytes;
        while missing > 0 {
            let Some(mut chunk) = self.next_chunk().await? else {
                piece.last = true;
                break;
            };
            if chunk.len() > missing {
                self.rest = chunk.split_off(missing);
            }
            missing -= chunk.len();
            if chunk.len() < SMALL_CHUNK_BYTES {
                small.extend_from_slice(&chunk);
            } else {
                flush(&mut small, &mut piece.chunks);
                piece.chunks.push(chunk);
            }
        }
        flush(&mut small, &mut piece.chunks);
        Ok(piece)
    }

    /// The next chunk that is not empty; `None` at the end of a body of the announced size.
    async fn next_chunk(&mut self) -> Result<Option<Bytes>, BlobError> {
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        while !self.ended {
            match self.stream.next().await {
                None => self.ended = true,
                Some(Err(error)) => {
                    self.ended = true;
                    return Err(BlobError::Body {
                        key: self.key.to_owned(),
                        source: error.into(),
                    });
                }
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    self.received += chunk.len() as u64;
                    self.check_not_longer()?;
                    return Ok(Some(chunk));
                }
            }
        }
        match self.expect.content_length {
            Some(announced) if announced != self.received => Err(self.mismatch(announced)),
            _ => Ok(None),
        }
    }

    fn check_not_longer(&self) -> Result<(), BlobError> {
        if self.received > self.expect.max_bytes {
            return Err(self.too_large());
        }
        match self.expect.content_length {
            Some(announced) if self.received > announced => Err(self.mismatch(announced)),
            _ => Ok(()),
        }
    }

    fn too_large(&self) -> BlobError {
        BlobError::TooLarge {
            key: self.key.to_owned(),
            limit: self.expect.max_bytes,
        }
    }

    fn mismatch(&self, expected: u64) -> BlobError {
        BlobError::LengthMismatch {
            key: self.key.to_owned(),
            expected,
            received: self.received,
        }
    }
}

fn flush(small: &mut BytesMut, chunks: &mut Vec<Bytes>) {
    if !small.is_empty() {
        chunks.push(small.split().freeze());
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    fn chunks(sizes: &[usize]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        let chunks: Vec<_> = sizes
            .iter()
            .map(|&size| Ok(Bytes::from(vec![7; size])))
            .collect();
        stream::iter(chunks)
    }

    #[tokio::test]
    async fn pieces_have_the_asked_size_whatever_the_chunks() {
        let mut stream = std::pin::pin!(chunks(&[3, 0, 5000, 1, 1, 6000]));
        let mut body = Body::new("k", stream.as_mut(), Expect::at_most(20_000)).expect("a body");
        let mut sizes = Vec::new();
        loop {
            let piece = body.next_piece(4000).await.expect("a piece");
            sizes.push(piece.chunks.iter().map(Bytes::len).sum::<usize>());
            if piece.last {
                break;
            }
        }
        assert_eq!(sizes, [4000, 4000, 3005]);
    }

    #[tokio::test]
    async fn tiny_chunks_are_joined() {
        let mut stream = std::pin::pin!(chunks(&[1; 1000]));
        let mut body = Body::new("k", stream.as_mut(), Expect::at_most(20_000)).expect("a body");
        let piece = body.next_piece(10_000).await.expect("a piece");
        assert_eq!(piece.chunks.len(), 1);
        assert!(piece.last);
    }

    #[tokio::test]
    async fn a_body_that_ends_on_a_border_has_an_empty_last_piece() {
        let mut stream = std::pin::pin!(chunks(&[4000]));
        let mut body = Body::new("k", stream.as_mut(), Expect::at_most(4000)).expect("a body");
        assert!(!body.next_piece(4000).await.expect("a piece").last);
        let piece = body.next_piece(4000).await.expect("a piece");
        assert!(piece.last && piece.is_empty());
    }

    #[tokio::test]
    async fn an_announced_size_beyond_the_limit_is_refused_unread() {
        let mut stream = std::pin::pin!(chunks(&[1]));
        let expect = Expect {
            content_length: Some(11),
            ..Expect::at_most(10)
        };
        let refused = Body::new("k", stream.as_mut(), expect).err();
        assert!(matches!(
            refused,
            Some(BlobError::TooLarge { limit: 10, .. })
        ));
    }
}
