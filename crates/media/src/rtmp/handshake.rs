//! The handshake: version byte, then two 1536-byte messages each way (RTMP 1.0 §5.2).
//!
//! Flash and several encoders expect the undocumented digest form: an HMAC-SHA256 hidden in the first message at one of
//! two places, answered with one made from ours. A client that sends none gets the plain form, an echo.

use aws_lc_rs::hmac;
use bytes::{BufMut, Bytes, BytesMut};

use super::Error;

/// The only version in use; 6 is RTMPE.
const VERSION: u8 = 3;
/// Length of C1, C2, S1 and S2.
pub(crate) const MESSAGE_BYTES: usize = 1_536;
const DIGEST_BYTES: usize = 32;
/// Where the two schemes keep the four bytes whose sum, modulo 728, leads to the digest.
const SCHEME_OFFSETS: [usize; 2] = [8, 772];

const CLIENT_TEXT: &[u8] = b"Genuine Adobe Flash Player 001";
const SERVER_TEXT: &[u8] = b"Genuine Adobe Flash Media Server 001";
/// Follows either text in the key of the second message's digest.
const SECRET: [u8; 32] = [
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d,
    0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
];

/// The server's side.
#[derive(Debug)]
pub(crate) struct Handshake {
    state: State,
    random: Box<[u8; 1528]>,
}

#[derive(Debug)]
enum State {
    Version,
    /// C1 so far; it grows with bytes received.
    First(Vec<u8>),
    /// Bytes of C2 still to come. Its content says nothing we rely on: clients send echoes, digests or zeros.
    Second(usize),
    Done,
}

impl Handshake {
    pub(crate) fn new(random: [u8; 1528]) -> Self {
        Self {
            state: State::Version,
            random: Box::new(random),
        }
    }

    /// Bytes held.
    pub(crate) fn buffered_bytes(&self) -> usize {
        match &self.state {
            State::First(first) => first.capacity(),
            State::Version | State::Second(_) | State::Done => 0,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Takes what belongs to the handshake from the front of `input` and appends the answer to `out`.
    pub(crate) fn read(&mut self, input: &mut &[u8], out: &mut BytesMut) -> Result<(), Error> {
        while !input.is_empty() {
            match &mut self.state {
                State::Version => {
                    let (version, rest) = input.split_first().unwrap_or((&VERSION, &[]));
                    if *version != VERSION {
                        return Err(Error::Version(*version));
                    }
                    *input = rest;
                    self.state = State::First(Vec::new());
                }
                State::First(first) => {
                    first.extend_from_slice(take(input, MESSAGE_BYTES - first.len()));
                    if let Ok(first) = <[u8; MESSAGE_BYTES]>::try_from(first.as_slice()) {
                        answer(&first, &self.random, out);
                        self.state = State::Second(MESSAGE_BYTES);
                    }
                }
                State::Second(missing) => {
                    *missing -= take(input, *missing).len();
                    if *missing == 0 {
                        self.state = State::Done;
                    }
                }
                State::Done => return Ok(()),
            }
        }
        Ok(())
    }
}

/// S0, S1 and S2 for this C1.
fn answer(first: &[u8; MESSAGE_BYTES], random: &[u8; 1528], out: &mut BytesMut) {
    out.put_u8(VERSION);
    // Time and version: zero says "plain" in S1; the digest form wants a Flash Media Server version.
    let Some((scheme, client_digest)) = find_digest(first) else {
        out.put_bytes(0, 8);
        out.put_slice(random);
        out.put_slice(first);
        return;
    };
    let mut own = [0; MESSAGE_BYTES];
    own[4..8].copy_from_slice(&[3, 5, 1, 1]);
    own[8..].copy_from_slice(random);
    sign(&mut own, scheme, SERVER_TEXT);
    out.put_slice(&own);
    let key = hmac_sha256(&[SERVER_TEXT, &SECRET[..]].concat(), &[&client_digest]);
    let filler = &random[..MESSAGE_BYTES - DIGEST_BYTES];
    out.put_slice(filler);
    out.put_slice(&hmac_sha256(&key, &[filler]));
}

/// The scheme and digest of a signed C1; `None` for a plain one.
fn find_digest(first: &[u8; MESSAGE_BYTES]) -> Option<(usize, [u8; DIGEST_BYTES])> {
    (0..SCHEME_OFFSETS.len()).find_map(|scheme| {
        let at = digest_at(first, scheme);
        let sent = first[at..].first_chunk::<DIGEST_BYTES>()?;
        (*sent == digest(first, at, CLIENT_TEXT)).then_some((scheme, *sent))
    })
}

fn digest_at(message: &[u8; MESSAGE_BYTES], scheme: usize) -> usize {
    let pointer = SCHEME_OFFSETS[scheme];
    let sum: usize = message[pointer..pointer + 4]
        .iter()
        .map(|byte| usize::from(*byte))
        .sum();
    pointer + 4 + sum % 728
}

/// The digest covers the message without the place of the digest.
fn digest(message: &[u8; MESSAGE_BYTES], at: usize, key: &[u8]) -> [u8; DIGEST_BYTES] {
    hmac_sha256(key, &[&message[..at], &message[at + DIGEST_BYTES..]])
}

fn sign(message: &mut [u8; MESSAGE_BYTES], scheme: usize, key: &[u8]) {
    let at = digest_at(message, scheme);
    let signature = digest(message, at, key);
    message[at..at + DIGEST_BYTES].copy_from_slice(&signature);
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(context.sign().as_ref());
    digest
}

fn take<'a>(input: &mut &'a [u8], at_most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(at_most.min(input.len()));
    *input = rest;
    taken
}

/// C0, C1 and C2 of a client that does not look at the answer, for the test publisher.
///
/// C1 is plain, or signed by `scheme` 0 or 1.
pub(crate) fn client_opening(scheme: Option<usize>) -> Bytes {
    let mut first = [0; MESSAGE_BYTES];
    for (index, byte) in first.iter_mut().enumerate().skip(8) {
        *byte = index.to_le_bytes()[0].wrapping_mul(31);
    }
    if let Some(scheme) = scheme {
        first[4..8].copy_from_slice(&[0x80, 0, 7, 2]);
        sign(&mut first, scheme.min(1), CLIENT_TEXT);
    }
    let mut out = BytesMut::with_capacity(1 + 2 * MESSAGE_BYTES);
    out.put_u8(VERSION);
    out.put_slice(&first);
    out.put_bytes(0, MESSAGE_BYTES);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(opening: &[u8], split: usize) -> (Result<(), Error>, Bytes, bool) {
        let mut handshake = Handshake::new([9; 1528]);
        let mut out = BytesMut::new();
        for mut piece in opening.chunks(split) {
            if let Err(error) = handshake.read(&mut piece, &mut out) {
                return (Err(error), out.freeze(), false);
            }
            assert!(piece.is_empty());
            assert!(handshake.buffered_bytes() <= 2 * MESSAGE_BYTES);
        }
        (Ok(()), out.freeze(), handshake.is_done())
    }

    #[test]
    fn a_plain_client_gets_an_echo() {
        let opening = client_opening(None);
        for split in [1, 7, 1_536, 4_096] {
            let (result, answer, is_done) = run(&opening, split);
            assert!(result.is_ok() && is_done);
            assert_eq!(answer.len(), 1 + 2 * MESSAGE_BYTES);
            assert_eq!(answer[0], VERSION);
            assert_eq!(answer[1 + MESSAGE_BYTES..], opening[1..=MESSAGE_BYTES]);
        }
    }

    #[test]
    fn a_signed_client_gets_a_signed_answer_in_its_own_scheme() {
        for scheme in [0, 1] {
            let opening = client_opening(Some(scheme));
            let (result, answer, is_done) = run(&opening, 1_000);
            assert!(result.is_ok() && is_done);
            let first: [u8; MESSAGE_BYTES] = opening[1..=MESSAGE_BYTES].try_into().unwrap();
            let (found, client_digest) = find_digest(&first).unwrap();
            assert_eq!(found, scheme);
            let own: [u8; MESSAGE_BYTES] = answer[1..=MESSAGE_BYTES].try_into().unwrap();
            let at = digest_at(&own, scheme);
            assert_eq!(own[at..at + DIGEST_BYTES], digest(&own, at, SERVER_TEXT));
            let second = &answer[1 + MESSAGE_BYTES..];
            let key = hmac_sha256(&[SERVER_TEXT, &SECRET[..]].concat(), &[&client_digest]);
            assert_eq!(second[1_504..], hmac_sha256(&key, &[&second[..1_504]]));
        }
    }

    #[test]
    fn another_version_is_refused_at_its_first_byte() {
        for version in [0, 6, 22, b'G'] {
            let (result, answer, _) = run(&[version], 1);
            assert_eq!(result, Err(Error::Version(version)));
            assert!(answer.is_empty());
        }
    }

    #[test]
    fn bytes_after_the_handshake_are_left_for_the_chunks() {
        let mut bytes = client_opening(None).to_vec();
        bytes.extend_from_slice(b"chunks");
        let mut rest = &bytes[..];
        Handshake::new([9; 1528]).read(&mut rest, &mut BytesMut::new()).unwrap();
        assert_eq!(rest, b"chunks");
    }
}
