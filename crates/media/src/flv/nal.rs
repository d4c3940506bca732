//! NAL units of one H.264 access unit: checks their lengths and rewrites them to four bytes when needed.

use bytes::{BufMut, Bytes, BytesMut};

use super::Error;

/// An access unit whose lengths add up.
pub(super) struct AccessUnit {
    pub payload: Bytes,
    pub has_idr: bool,
}

const IDR_SLICE: u8 = 5;

/// Checks `body`, NAL units each behind a length of `length_size` bytes.
///
/// Shape of the result: 4-byte lengths, no empty NAL units; `None` when nothing is left. A body that is already in that
/// shape is returned as it is, without a copy.
pub(super) fn normalise(body: &Bytes, length_size: u8) -> Result<Option<AccessUnit>, Error> {
    let mut has_idr = false;
    let mut units = 0usize;
    let mut empty_units = 0usize;
    for unit in Units::new(body, length_size) {
        match unit?.first() {
            Some(header) => has_idr |= header & 0x1f == IDR_SLICE,
            None => empty_units += 1,
        }
        units += 1;
    }
    if units == empty_units {
        return Ok(None);
    }
    if length_size == 4 && empty_units == 0 {
        return Ok(Some(AccessUnit {
            payload: body.clone(),
            has_idr,
        }));
    }
    let mut payload = BytesMut::with_capacity(body.len() + units * (4 - usize::from(length_size)));
    for unit in Units::new(body, length_size) {
        let unit = unit?;
        if !unit.is_empty() {
            payload.put_u32(u32::try_from(unit.len()).map_err(|_| Error::NalLengths)?);
            payload.put_slice(unit);
        }
    }
    Ok(Some(AccessUnit {
        payload: payload.freeze(),
        has_idr,
    }))
}

struct Units<'a> {
    rest: &'a [u8],
    length_size: usize,
}

impl<'a> Units<'a> {
    fn new(body: &'a [u8], length_size: u8) -> Self {
        Self {
            rest: body,
            length_size: usize::from(length_size),
        }
    }

    fn split(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (prefix, rest) = self.rest.split_at_checked(self.length_size)?;
        let length = prefix
            .iter()
            .fold(0usize, |length, byte| length << 8 | usize::from(*byte));
        rest.split_at_checked(length)
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Result<&'a [u8], Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((unit, rest)) = self.split() else {
            self.rest = &[];
            return Some(Err(Error::NalLengths));
        };
        self.rest = rest;
        Some(Ok(unit))
    }
}
