//! Curves as an Arrow IPC stream.

mod groups;
mod runs;

use std::collections::HashMap;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamEncoder;
use ballast_tracking::history::RunFault;
use bytes::Bytes;
use futures::{Stream, stream};

use super::run_error::RunErrorBody;
use crate::error::ApiError;

pub(super) use groups::encode_groups;
pub(super) use runs::encode_series;

/// The content type of an Arrow IPC stream.
pub(super) const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";

/// Columns of curves that are encoded at once: some 600 KB.
const COLUMNS_PER_BATCH: usize = 8192;

/// Encodes batches as they are sent; what is sent is freed.
///
/// # Errors
/// [`ErrorCode::InternalError`](crate::error::ErrorCode::InternalError) if the schema cannot be encoded.
fn encode<B>(
    schema: &SchemaRef,
    batches: B,
) -> Result<impl Stream<Item = Result<Bytes, ArrowError>> + use<B>, ApiError>
where
    B: Iterator<Item = Result<RecordBatch, ArrowError>>,
{
    let encoder = StreamEncoder::try_new(schema).map_err(ApiError::internal)?;
    Ok(stream::unfold(Some((encoder, batches)), async |state| {
        let (mut encoder, mut batches) = state?;
        let part = match batches.next() {
            Some(batch) => batch.and_then(|batch| encoder.encode(&batch)),
            None => return Some((encoder.finish().map(joined), None)),
        };
        let next = part.is_ok().then_some((encoder, batches));
        Some((part.map(joined), next))
    }))
}

fn joined(buffers: Vec<Buffer>) -> Bytes {
    let length = buffers.iter().map(Buffer::len).sum();
    let mut bytes = Vec::with_capacity(length);
    for buffer in buffers {
        bytes.extend_from_slice(&buffer);
    }
    Bytes::from(bytes)
}

/// What a schema says of its curves, by run or group and then by quantity: how many points each stands for, and, if that
/// was asked for, whether it is smoothed; and which runs are left out.
fn metadata(
    points: &[Vec<u64>],
    smoothed: Option<Vec<Vec<bool>>>,
    faults: &[RunFault],
) -> HashMap<String, String> {
    let points = serde_json::to_string(points).expect("lists of numbers are JSON");
    let smoothed = smoothed.map(|smoothed| {
        let smoothed = serde_json::to_string(&smoothed).expect("lists of booleans are JSON");
        ("smoothed".to_owned(), smoothed)
    });
    let errors: Vec<RunErrorBody> = faults.iter().map(RunErrorBody::from).collect();
    let errors = (!errors.is_empty()).then(|| {
        let errors = serde_json::to_string(&errors).expect("texts are JSON");
        ("errors".to_owned(), errors)
    });
    std::iter::once(("points".to_owned(), points))
        .chain(smoothed)
        .chain(errors)
        .collect()
}
