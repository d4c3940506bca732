//! Response bodies made of shared buffers: nothing is copied per viewer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::window::Buffers;

/// The bytes `[start, end)` of a part or segment.
pub(super) struct MediaBody {
    buffers: Buffers,
    next: usize,
    skip: usize,
    remaining: usize,
}

impl MediaBody {
    /// All of it.
    pub(super) fn whole(buffers: Buffers) -> Self {
        let size = size(&buffers);
        Self::new(buffers, 0, size)
    }

    /// The range must lie within the resource; what lies outside is left out.
    pub(super) fn new(buffers: Buffers, start: usize, end: usize) -> Self {
        Self {
            buffers,
            next: 0,
            skip: start,
            remaining: end.saturating_sub(start),
        }
    }
}

/// Bytes of a resource.
pub(super) fn size(buffers: &[Bytes]) -> usize {
    buffers.iter().map(Bytes::len).sum()
}

impl Body for MediaBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.remaining > 0 {
            let Some(part) = self.buffers.get(self.next).cloned() else {
                break;
            };
            self.next += 1;
            let start = self.skip.min(part.len());
            self.skip -= start;
            let end = part.len().min(start + self.remaining);
            if start < end {
                self.remaining -= end - start;
                return Poll::Ready(Some(Ok(Frame::data(part.slice(start..end)))));
            }
        }
        self.remaining = 0;
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.remaining).unwrap_or(u64::MAX))
    }
}

/// Reads a `Range` header against a resource of `size` bytes, as `[start, end)` (RFC 9110 §14.1.2). `None` for what is not
/// a single range of bytes: the whole resource is then a right answer. `Err` when nothing lies in the range.
pub(super) fn range(header: &str, size: usize) -> Option<Result<(usize, usize), ()>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse::<usize>().ok())?
    };
    let (start, end) = match (first, last) {
        ("", last) => (size.saturating_sub(number(last)?), size),
        (first, "") => (number(first)?, size),
        (first, last) => (number(first)?, number(last)?.saturating_add(1).min(size)),
    };
    Some(if start < end { Ok((start, end)) } else { Err(()) })
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn any_range_of_a_segment_is_cut_from_its_parts() {
        let parts = vec![
            Bytes::from_static(b"abc"),
            Bytes::from_static(b"de"),
            Bytes::from_static(b"fghi"),
        ];
        let segment = Buffers::from(parts);
        for start in 0..9 {
            for end in start..=9 {
                let body = MediaBody::new(segment.clone(), start, end);
                assert_eq!(body.size_hint().exact(), Some(u64::try_from(end - start).unwrap()));
                assert_eq!(body.collect().await.unwrap().to_bytes(), &b"abcdefghi"[start..end]);
            }
        }
    }

    #[test]
    fn ranges_are_read_as_http_means_them() {
        for (header, range_of_10) in [
            ("bytes=0-", Some(Ok((0, 10)))),
            ("bytes=2-4", Some(Ok((2, 5)))),
            ("bytes=2-400", Some(Ok((2, 10)))),
            ("bytes=-3", Some(Ok((7, 10)))),
            ("bytes=-30", Some(Ok((0, 10)))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=4-2", Some(Err(()))),
            ("bytes=0-1,3-4", None),
            ("bytes=x-", None),
            ("items=0-1", None),
        ] {
            assert_eq!(range(header, 10), range_of_10, "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_range_never_reaches_beyond_the_resource(header in "(bytes=)?[0-9]{0,22}-?[0-9]{0,22}", size in 0_usize..100) {
            if let Some(Ok((start, end))) = range(&header, size) {
                proptest::prop_assert!(start < end && end <= size);
            }
        }
    }
}
