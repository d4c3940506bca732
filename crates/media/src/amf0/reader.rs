//! Reads values, depth first, within the limits of the module.

use super::{BYTES_MAX, DEPTH_MAX, NODES_MAX, Value};

/// Why a value cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes end inside a value.
    #[error("amf0 value at byte {at} is cut short")]
    Truncated {
        /// Offset from the start of the message.
        at: usize,
    },
    /// A marker that AMF0 does not define, or the switch to AMF3.
    #[error("amf0 marker {marker:#04x} at byte {at} is not supported")]
    Marker {
        /// The marker byte.
        marker: u8,
        /// Offset from the start of the message.
        at: usize,
    },
    /// Longer than [`BYTES_MAX`].
    #[error("amf0 message of {0} bytes: the limit is {BYTES_MAX}")]
    TooLong(usize),
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("amf0 values nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// More values than [`NODES_MAX`].
    #[error("amf0 message holds more than {NODES_MAX} values")]
    TooManyNodes,
}

/// A cursor over the values of one message.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first value of `bytes`.
    ///
    /// # Errors
    /// [`Error::TooLong`] before anything is looked at.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() > BYTES_MAX {
            return Err(Error::TooLong(bytes.len()));
        }
        Ok(Self { bytes, at: 0, nodes: 0 })
    }

    /// The next value; `None` at the end.
    ///
    /// # Errors
    /// [`Error`]; the reader must not be used after one.
    pub fn read(&mut self) -> Result<Option<Value>, Error> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        self.value(0).map(Some)
    }

    /// All values up to the end.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_all(&mut self) -> Result<Vec<Value>, Error> {
        let mut values = Vec::new();
        while let Some(value) = self.read()? {
            values.push(value);
        }
        Ok(values)
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(Error::TooManyNodes);
        }
        if depth > DEPTH_MAX {
            return Err(Error::TooDeep);
        }
        let at = self.at;
        let [marker] = self.take::<1>()?;
        match marker {
            0 => Ok(Value::Number(self.number()?)),
            1 => Ok(Value::Boolean(self.take::<1>()? != [0])),
            2 => Ok(Value::String(self.short_text()?)),
            3 => self.properties(depth),
            5 => Ok(Value::Null),
            6 | 13 => Ok(Value::Undefined),
            7 => self.take::<2>().map(|_| Value::Undefined),
            // The count of an ECMA array is a hint that encoders get wrong; the end marker decides.
            8 => self.take::<4>().and_then(|_| self.properties(depth)),
            10 => self.array(depth),
            11 => {
                let millis = self.number()?;
                self.take::<2>()?;
                Ok(Value::Date(millis))
            }
            12 | 15 => {
                let length = u32::from_be_bytes(self.take()?);
                self.text(usize::try_from(length).unwrap_or(usize::MAX))
                    .map(Value::String)
            }
            16 => self.short_text().and_then(|_| self.properties(depth)),
            _ => Err(Error::Marker { marker, at }),
        }
    }

    fn properties(&mut self, depth: usize) -> Result<Value, Error> {
        let mut properties = Vec::new();
        loop {
            // FFmpeg and some hardware leave the end marker of the last ECMA array out.
            if self.at == self.bytes.len() {
                return Ok(Value::Object(properties));
            }
            let name = self.short_text()?;
            if name.is_empty() && self.bytes.get(self.at) == Some(&9) {
                self.at += 1;
                return Ok(Value::Object(properties));
            }
            properties.push((name, self.value(depth + 1)?));
        }
    }

    /// The count is checked by reading: each value takes at least a byte and counts as a node.
    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        let count = u32::from_be_bytes(self.take()?);
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(values))
    }

    fn number(&mut self) -> Result<f64, Error> {
        Ok(f64::from_be_bytes(self.take()?))
    }

    fn short_text(&mut self) -> Result<String, Error> {
        let length = u16::from_be_bytes(self.take()?);
        self.text(usize::from(length))
    }

    fn text(&mut self, length: usize) -> Result<String, Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let text = rest.get(..length).ok_or(Error::Truncated { at: self.at })?;
        self.at += length;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.first_chunk::<N>().ok_or(Error::Truncated { at: self.at })?;
        self.at += N;
        Ok(*taken)
    }
}
