//! A time stamp inside the picture stream: an SEI message that every server passes through.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Marks our `user_data_unregistered` message (H.264 §D.2.7). No zero bytes, so no emulation prevention is needed.
const MARK: [u8; 16] = *b"rostrum-age-mark";
/// Microseconds as hexadecimal digits: no zero bytes either.
const DIGITS: usize = 12;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn now_us() -> u64 {
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// An SEI NAL unit with the present moment and a 4-byte length in front.
pub fn nal_unit() -> Vec<u8> {
    let payload_bytes = MARK.len() + DIGITS;
    let mut unit = vec![0x06, 0x05, u8::try_from(payload_bytes).unwrap_or(u8::MAX)];
    unit.extend_from_slice(&MARK);
    unit.extend_from_slice(format!("{:0DIGITS$x}", now_us()).as_bytes());
    unit.push(0x80);
    let mut prefixed = u32::try_from(unit.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    prefixed.append(&mut unit);
    prefixed
}

/// Finds stamps in bytes that arrive in pieces.
#[derive(Default)]
pub struct Scanner {
    tail: Vec<u8>,
}

impl Scanner {
    /// Ages of the stamps that are complete with these bytes.
    pub fn scan(&mut self, bytes: &[u8]) -> Vec<Duration> {
        let now = now_us();
        self.tail.extend_from_slice(bytes);
        let mut ages = Vec::new();
        let mut from = 0;
        while let Some(found) = find(&self.tail[from..]) {
            let digits = from + found + MARK.len();
            let Some(text) = self.tail.get(digits..digits + DIGITS) else {
                break;
            };
            let sent = std::str::from_utf8(text)
                .ok()
                .and_then(|text| u64::from_str_radix(text, 16).ok());
            ages.extend(sent.map(|sent| Duration::from_micros(now.saturating_sub(sent))));
            from = digits + DIGITS;
        }
        let keep = (MARK.len() + DIGITS).min(self.tail.len() - from);
        let done = self.tail.len() - keep;
        self.tail.drain(..done.max(from));
        ages
    }
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}
