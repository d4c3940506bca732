//! One direction of a connection: reads, lets bytes wait as long as the line says, writes.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use crate::Line;
use crate::shaper::{PACKET_BYTES, Shaper};

/// Bytes that wait in one direction; the sender is not read while there are more. At 200 ms this carries 20 Mbit/s.
pub const QUEUE_BYTES_MAX: usize = 512 * 1024;

/// What a connection is like at the moment; the pumps watch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) line: Line,
    pub(crate) is_silent: bool,
    /// Upstream stops when it has written so many bytes, until the next phase.
    pub(crate) gate: u64,
}

impl Default for Phase {
    fn default() -> Self {
        Self {
            line: Line::default(),
            is_silent: false,
            gate: u64::MAX,
        }
    }
}

/// How far a direction has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    written: AtomicU64,
    moved: Notify,
}

impl Progress {
    /// Bytes handed over.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Waits until so many bytes were handed over.
    pub(crate) async fn reached(&self, bytes: u64) {
        loop {
            let moved = self.moved.notified();
            if self.written() >= bytes {
                return;
            }
            moved.await;
        }
    }

    fn add(&self, bytes: usize) {
        self.written
            .fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::AcqRel);
        // One waiter: the connection's own driver. A permit is kept when it does not wait at the moment.
        self.moved.notify_one();
    }
}

/// One direction.
pub(crate) struct Pump<'a> {
    pub(crate) shaper: Shaper,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) progress: &'a Progress,
    /// Whether [`Phase::gate`] is about this direction.
    pub(crate) is_upstream: bool,
    /// When the connection began.
    pub(crate) began: Instant,
    pub(crate) queue: Queue,
}

impl Pump<'_> {
    /// Carries bytes until the reader has ended and everything has arrived; then ends the writer too.
    pub(crate) async fn run(
        mut self,
        mut reader: impl AsyncRead + Unpin,
        mut writer: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        let mut has_ended = false;
        loop {
            let phase = *self.phase.borrow_and_update();
            self.shaper.set_line(phase.line);
            if has_ended && self.queue.is_empty() {
                return writer.shutdown().await;
            }
            let may_read = !has_ended && !phase.is_silent && self.queue.bytes < QUEUE_BYTES_MAX;
            let allowed = self.allowed(&phase);
            let head = self.queue.head().filter(|_| allowed > 0).map(|(at, bytes)| {
                let length = bytes.len().min(usize::try_from(allowed).unwrap_or(usize::MAX));
                (self.began + at, bytes.slice(..length))
            });
            tokio::select! {
                changed = self.phase.changed() => if changed.is_err() { return Ok(()) },
                read = reader.read(&mut buffer), if may_read => match read? {
                    0 => has_ended = true,
                    count => self.take_in(buffer.get(..count).unwrap_or_default()),
                },
                written = deliver(&mut writer, head) => {
                    let count = written?;
                    self.queue.advance(count);
                    self.progress.add(count);
                }
            }
        }
    }

    /// How many bytes may be written before the phase changes.
    fn allowed(&self, phase: &Phase) -> u64 {
        if phase.is_silent {
            0
        } else if self.is_upstream {
            phase.gate.saturating_sub(self.progress.written())
        } else {
            u64::MAX
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        let now = self.began.elapsed();
        self.queue.push(&mut self.shaper, now, bytes);
    }
}

/// Writes some of `head` when its time has come; never ends without one. Nothing is written when it is dropped early.
async fn deliver(writer: &mut (impl AsyncWrite + Unpin), head: Option<(Instant, Bytes)>) -> io::Result<usize> {
    let Some((at, bytes)) = head else {
        return std::future::pending().await;
    };
    sleep_until(at).await;
    match writer.write(&bytes).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        count => Ok(count),
    }
}

/// Bytes on the line, with the time each piece arrives.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pieces: VecDeque<(Duration, Bytes)>,
    bytes: usize,
    /// Bytes of the packet that was judged last.
    in_packet: usize,
    /// What that packet waits beyond the time its bytes take to send.
    extra: Duration,
    last_at: Duration,
}

impl Queue {
    /// Puts bytes on the line. Fates belong to packets of the stream, however it was cut into reads.
    fn push(&mut self, shaper: &mut Shaper, now: Duration, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = PACKET_BYTES - self.in_packet;
            let (piece, rest) = bytes.split_at(bytes.len().min(room));
            let sent_at = if self.in_packet == 0 {
                self.judge(shaper, now, piece.len())
            } else {
                shaper.occupy(now, piece.len())
            };
            // TCP hands over in order: who is behind a late packet waits for it.
            self.last_at = self.last_at.max(sent_at + self.extra);
            self.pieces.push_back((self.last_at, Bytes::copy_from_slice(piece)));
            self.bytes += piece.len();
            self.in_packet = (self.in_packet + piece.len()) % PACKET_BYTES;
            bytes = rest;
        }
    }

    fn judge(&mut self, shaper: &mut Shaper, now: Duration, bytes: usize) -> Duration {
        let fate = shaper.judge(now, bytes);
        let sent_at = shaper.occupy(now, 0);
        let stall = if fate.is_lost {
            shaper.line().retransmission
        } else {
            Duration::ZERO
        };
        self.extra = fate.at.saturating_sub(sent_at) + stall;
        sent_at
    }

    fn head(&self) -> Option<(Duration, Bytes)> {
        self.pieces.front().cloned()
    }

    fn advance(&mut self, count: usize) {
        let Some((_, head)) = self.pieces.front_mut() else {
            return;
        };
        head.advance(count.min(head.len()));
        self.bytes = self.bytes.saturating_sub(count);
        if head.is_empty() {
            self.pieces.pop_front();
        }
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

#[cfg(test)]
mod tests;
