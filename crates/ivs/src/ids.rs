//! Identifiers in the shapes AWS gives them, from random bytes that are passed in.

use engine::Environment;

/// `A-Z a-z 0-9`: 62 symbols, 5.95 bits each.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The part of an ARN after the resource type: 12 symbols, as AWS has them.
pub fn resource(env: &Environment) -> String {
    alphanumeric(env, 12)
}

/// `st-` and 23 symbols: 26 characters, as the service model demands.
pub fn stream(env: &Environment) -> String {
    format!("st-{}", alphanumeric(env, 23))
}

/// `sk_{region}_{12}_{30}`: the last part carries 178 bits, so keys cannot be guessed.
pub fn stream_key(env: &Environment, region: &str) -> String {
    format!("sk_{region}_{}_{}", alphanumeric(env, 12), alphanumeric(env, 30))
}

/// A chat token: 48 symbols, 285 bits, all of them allowed in a WebSocket subprotocol (RFC 6455 §4.1).
pub fn chat_token(env: &Environment) -> String {
    alphanumeric(env, 48)
}

/// A version 4 UUID (RFC 9562 §5.4) in its usual text form.
pub fn uuid(env: &Environment) -> String {
    let mut bytes = [0u8; 16];
    (env.random)(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn alphanumeric(env: &Environment, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut random = [0u8; 64];
    while text.len() < length {
        (env.random)(&mut random);
        // Bytes from 248 up would make the first symbols likelier than the rest.
        let symbols = random
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| ALPHABET[usize::from(*byte % 62)]);
        text.extend(symbols.take(length - text.len()).map(char::from));
    }
    text
}
