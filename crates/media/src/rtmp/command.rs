//! Commands and their answers (RTMP 1.0 §7.2): AMF0 name, transaction id, command object, arguments.

use bytes::Bytes;

use super::message::{Kind, Message};
use crate::amf0::{self, Value, Writer};

/// A command as a client sent it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Command {
    pub name: String,
    /// 0 means that no answer is expected, which some encoders use throughout.
    pub transaction: f64,
    pub object: Value,
    pub arguments: Vec<Value>,
}

impl Command {
    /// Reads a payload; missing parts read as empty, zero and null.
    pub(crate) fn read(payload: &[u8], is_amf3: bool) -> Result<Self, amf0::Error> {
        let mut values = read_values(payload, is_amf3)?.into_iter();
        let name = match values.next() {
            Some(Value::String(name)) => name,
            _ => String::new(),
        };
        let transaction = values.next().and_then(|value| value.as_number()).unwrap_or(0.0);
        let object = values.next().unwrap_or(Value::Null);
        Ok(Self {
            name,
            transaction,
            object,
            arguments: values.collect(),
        })
    }

    /// The text of an argument, counted from 0 after the command object.
    pub(crate) fn text(&self, index: usize) -> Option<&str> {
        self.arguments.get(index).and_then(Value::as_str)
    }
}

/// The values of a command or data message. AMF3 messages of encoders are AMF0 behind one zero byte.
pub(crate) fn read_values(payload: &[u8], is_amf3: bool) -> Result<Vec<Value>, amf0::Error> {
    let payload = match payload {
        [0, rest @ ..] if is_amf3 => rest,
        all => all,
    };
    amf0::Reader::new(payload)?.read_all()
}

/// A command message of either side.
pub(crate) fn message(stream_id: u32, payload: Bytes) -> Message {
    Message {
        kind: Kind::Command { is_amf3: false },
        stream_id,
        timestamp: 0,
        payload,
    }
}

/// `_result` of `connect`. `four_ccs` are named only to a client that named its own.
pub(crate) fn connect_result(transaction: f64, four_ccs: &[&str]) -> Message {
    let mut properties = vec![
        ("fmsVer", Value::String("FMS/3,5,7,7009".to_owned())),
        ("capabilities", Value::Number(31.0)),
    ];
    if !four_ccs.is_empty() {
        let list = four_ccs
            .iter()
            .map(|four_cc| Value::String((*four_cc).to_owned()))
            .collect();
        properties.push(("fourCcList", Value::Array(list)));
        properties.push(("capsEx", Value::Number(0.0)));
    }
    let mut information = status("status", "NetConnection.Connect.Success", "Connection succeeded.");
    information.push(("objectEncoding", Value::Number(0.0)));
    message(
        0,
        Writer::new()
            .string("_result")
            .number(transaction)
            .object(&properties)
            .object(&information)
            .finish(),
    )
}

/// `_result` of `createStream`.
pub(crate) fn create_stream_result(transaction: f64, stream_id: u32) -> Message {
    message(
        0,
        Writer::new()
            .string("_result")
            .number(transaction)
            .null()
            .number(f64::from(stream_id))
            .finish(),
    )
}

/// `_result` without a value, for commands that only want to be heard.
pub(crate) fn empty_result(transaction: f64) -> Message {
    message(
        0,
        Writer::new()
            .string("_result")
            .number(transaction)
            .null()
            .value(&Value::Undefined)
            .finish(),
    )
}

/// `onStatus` of a message stream; `level` is `status` or `error`.
pub(crate) fn on_status(stream_id: u32, level: &str, code: &str, description: &str) -> Message {
    let information = status(level, code, description);
    message(
        stream_id,
        Writer::new()
            .string("onStatus")
            .number(0.0)
            .null()
            .object(&information)
            .finish(),
    )
}

fn status(level: &str, code: &str, description: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("level", Value::String(level.to_owned())),
        ("code", Value::String(code.to_owned())),
        ("description", Value::String(description.to_owned())),
    ]
}
