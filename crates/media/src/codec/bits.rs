//! Reads bit fields, most significant bit first, and never past the end.

/// A cursor over the bits of a slice.
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bits not read yet.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() * 8 - self.position
    }

    /// One bit; `None` at the end.
    pub(crate) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// `width` bits, at most 32, as a number; `None` when fewer are left.
    pub(crate) fn u32(&mut self, width: u32) -> Option<u32> {
        if self.remaining() < width as usize {
            return None;
        }
        let mut value = 0;
        for _ in 0..width {
            value = value << 1 | u32::from(self.bit()?);
        }
        Some(value)
    }

    /// `width` bits, at most 8.
    pub(crate) fn u8(&mut self, width: u32) -> Option<u8> {
        self.u32(width).and_then(|value| u8::try_from(value).ok())
    }

    /// Moves on by `width` bits; `None` when fewer are left.
    pub(crate) fn skip(&mut self, width: u32) -> Option<()> {
        (self.remaining() >= width as usize).then(|| self.position += width as usize)
    }

    /// Moves on to the next byte boundary.
    pub(crate) fn align(&mut self) {
        self.position = self.position.next_multiple_of(8);
    }
}
