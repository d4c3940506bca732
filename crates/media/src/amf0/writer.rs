//! Writes values.

use bytes::{BufMut, Bytes, BytesMut};

use super::Value;

/// Appends values to one message.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: BytesMut,
}

impl Writer {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a number.
    pub fn number(mut self, number: f64) -> Self {
        self.bytes.put_u8(0);
        self.bytes.put_f64(number);
        self
    }

    /// Appends a string.
    pub fn string(mut self, text: &str) -> Self {
        if u16::try_from(text.len()).is_ok() {
            self.bytes.put_u8(2);
            self.name(text);
        } else {
            self.bytes.put_u8(12);
            self.bytes.put_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
            self.bytes.put_slice(text.as_bytes());
        }
        self
    }

    /// Appends null.
    pub fn null(mut self) -> Self {
        self.bytes.put_u8(5);
        self
    }

    /// Appends an object with these properties, in order.
    pub fn object(mut self, properties: &[(&str, Value)]) -> Self {
        self.bytes.put_u8(3);
        self.properties(properties.iter().map(|(name, value)| (*name, value)));
        self
    }

    /// Appends an ECMA array, the form `onMetaData` uses.
    pub fn ecma_array(mut self, properties: &[(&str, Value)]) -> Self {
        self.bytes.put_u8(8);
        self.bytes.put_u32(u32::try_from(properties.len()).unwrap_or(0));
        self.properties(properties.iter().map(|(name, value)| (*name, value)));
        self
    }

    /// Appends any value.
    pub fn value(mut self, value: &Value) -> Self {
        self.put(value);
        self
    }

    /// The encoded message.
    pub fn finish(self) -> Bytes {
        self.bytes.freeze()
    }

    fn put(&mut self, value: &Value) {
        match value {
            Value::Number(number) => *self = std::mem::take(self).number(*number),
            Value::Boolean(is_true) => self.bytes.put_slice(&[1, u8::from(*is_true)]),
            Value::String(text) => *self = std::mem::take(self).string(text),
            Value::Object(properties) => {
                self.bytes.put_u8(3);
                self.properties(properties.iter().map(|(name, value)| (name.as_str(), value)));
            }
            Value::Null => self.bytes.put_u8(5),
            Value::Undefined => self.bytes.put_u8(6),
            Value::Array(values) => {
                self.bytes.put_u8(10);
                self.bytes.put_u32(u32::try_from(values.len()).unwrap_or(0));
                for value in values {
                    self.put(value);
                }
            }
            Value::Date(millis) => {
                self.bytes.put_u8(11);
                self.bytes.put_f64(*millis);
                self.bytes.put_u16(0);
            }
        }
    }

    fn properties<'a>(&mut self, properties: impl Iterator<Item = (&'a str, &'a Value)>) {
        for (name, value) in properties {
            self.name(name);
            self.put(value);
        }
        self.bytes.put_slice(&[0, 0, 9]);
    }

    /// Names are at most 65 535 bytes; a longer one is cut, which no caller of ours needs.
    fn name(&mut self, name: &str) {
        let name = name.as_bytes();
        let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        self.bytes.put_u16(length);
        self.bytes
            .put_slice(name.get(..usize::from(length)).unwrap_or_default());
    }
}
