//! The messaging WebSocket of the Amazon IVS Chat API: any frame a client may send.

use ivs::fuzzing::{CHAT_FRAME_SIZE_MAX, chat_answer};
use serde_json::Value;

/// Every member a frame of each type has, and no other.
const MEMBERS: [(&str, &[&str]); 3] = [
    (
        "MESSAGE",
        &["Attributes", "Content", "Id", "RequestId", "SendTime", "Sender", "Type"],
    ),
    (
        "EVENT",
        &["Attributes", "EventName", "Id", "RequestId", "SendTime", "Type"],
    ),
    ("ERROR", &["ErrorCode", "ErrorMessage", "Id", "RequestId", "Type"]),
];
/// JSON writes a control character as six bytes.
const BYTES_PER_BYTE: usize = 6;
/// Names of members, identity and time.
const BYTES_MORE: usize = 400;

/// One text frame. Whatever it is, the answer is a frame of the protocol, not much larger, that does not speak for others.
pub fn chat_frame(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let answer = chat_answer(text);
    let given = text.len().min(CHAT_FRAME_SIZE_MAX);
    assert!(
        answer.len() <= given * BYTES_PER_BYTE + BYTES_MORE,
        "{} bytes",
        answer.len()
    );
    let frame: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    let (_, members) = MEMBERS
        .iter()
        .find(|(name, _)| frame["Type"] == *name)
        .expect("an answer has a known type");
    let found: Vec<&str> = frame
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(&found, members);
    let values = frame["Attributes"].as_object().into_iter().flatten();
    assert!(
        values.into_iter().all(|(_, value)| value.is_string()),
        "clients throw on other values"
    );
    if frame["Type"] == "ERROR" {
        assert!(
            ["400", "413"].contains(&frame["ErrorCode"].to_string().as_str()),
            "{answer}"
        );
        return;
    }
    assert!(text.len() <= CHAT_FRAME_SIZE_MAX, "a frame over the limit was taken");
    assert_ne!(frame["Content"], "", "an empty message was taken");
    if frame["Type"] == "MESSAGE" {
        assert_eq!(frame["Sender"]["UserId"], "user", "the sender is the token's");
    }
}
