//! AMF0, the value format of RTMP commands and FLV script data (Adobe "Action Message Format AMF 0", 2007).
//!
//! Read with hard limits: a value costs its sender more bytes than it costs us memory.

mod reader;
mod writer;

pub use reader::{Error, Reader};
pub use writer::Writer;

/// Objects and arrays inside one another. Encoders nest two deep; the reader recurses this far at most.
pub const DEPTH_MAX: usize = 32;
/// Values in one message, each property counted. `onMetaData` has about twenty.
pub const NODES_MAX: usize = 4_096;
/// Bytes of one encoded message. A `connect` with every known property is under 1 KiB.
pub const BYTES_MAX: usize = 64 * 1024;

/// One AMF0 value. Property order is kept; a repeated name stays repeated and the first one is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Marker 0.
    Number(f64),
    /// Marker 1.
    Boolean(bool),
    /// Markers 2 and 12; XML documents (15) read as strings too. Invalid UTF-8 is replaced.
    String(String),
    /// Markers 3, 8 (ECMA array) and 16 (typed object, its class name dropped).
    Object(Vec<(String, Value)>),
    /// Marker 5.
    Null,
    /// Marker 6; references (7) and unsupported values (13) read as undefined.
    Undefined,
    /// Marker 10.
    Array(Vec<Value>),
    /// Marker 11: milliseconds since the Unix epoch; the time zone is reserved and dropped.
    Date(f64),
}

impl Value {
    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The first property of that name, if this is an object that has it.
    pub fn property(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(properties) => properties.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
