//! Many watchers in one process: a socket and a small buffer each.

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::room::now_us;
use crate::server::Address;

/// Open watchers.
pub struct Crowd {
    reading: JoinSet<Seen>,
    /// Sockets that nobody reads.
    _stalled: Vec<TcpStream>,
    stop: CancellationToken,
}

/// What one watcher saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// When each `bid_update` arrived.
    pub updates_us: Vec<u64>,
    /// Numbers that were missing between two events.
    pub gaps: i64,
    /// Size of the last `bid_update`.
    pub frame_bytes: usize,
    last: Option<i64>,
}

/// Connections opened at a time; more would overflow the queue of the listener.
const OPENING: usize = 50;

impl Crowd {
    /// Connects `count` watchers, and waits until each was answered, if they read at all.
    pub async fn open(address: &Address, count: usize, reads: bool) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let mut crowd = Self {
            reading: JoinSet::new(),
            _stalled: Vec::new(),
            stop,
        };
        for from in (0..count).step_by(OPENING) {
            let mut opening = JoinSet::new();
            for _ in from..count.min(from + OPENING) {
                opening.spawn(connect(address.clone()));
            }
            while let Some(opened) = opening.join_next().await {
                let stream = opened?.context("a watcher cannot connect")?;
                if reads {
                    crowd.reading.spawn(read(stream, crowd.stop.clone()));
                } else {
                    crowd._stalled.push(stream);
                }
            }
        }
        Ok(crowd)
    }

    /// Ends all and gathers what they saw.
    pub async fn close(self) -> Vec<Seen> {
        self.stop.cancel();
        self.reading.join_all().await
    }
}

/// An open stream whose answer has begun.
async fn connect(address: Address) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", address.port)).await?;
    let request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", address.path);
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; 15];
    stream.read_exact(&mut status).await?;
    anyhow::ensure!(
        status == *b"HTTP/1.1 200 OK",
        "refused: {}",
        String::from_utf8_lossy(&status)
    );
    Ok(stream)
}

async fn read(mut stream: TcpStream, stop: CancellationToken) -> Seen {
    let mut seen = Seen::default();
    let mut text = Vec::with_capacity(4096);
    while let Some(Ok(1..)) = stop.run_until_cancelled(stream.read_buf(&mut text)).await {
        let at_us = now_us();
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            seen.take(text.get(..end).unwrap_or_default(), at_us);
            text.drain(..end + 2);
        }
    }
    seen
}

impl Seen {
    /// Takes one event; what stands before it (headers, the lengths of chunks) is passed over.
    fn take(&mut self, block: &[u8], at_us: u64) {
        let block = String::from_utf8_lossy(block);
        let Some((_, event)) = block.split_once("\nid: ") else {
            return;
        };
        let (id, rest) = event.split_once('\n').unwrap_or_default();
        let Ok(id) = id.parse::<i64>() else { return };
        if let Some(last) = self.last.replace(id) {
            self.gaps += (id - last - 1).abs();
        }
        if rest.starts_with("event: bid_update\n") {
            self.updates_us.push(at_us);
            self.frame_bytes = event.len() + "id: \n\n".len();
        }
    }
}
