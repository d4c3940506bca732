//! An encoder's connection, from its first byte to its last: drives `media::rtmp::Session` with a socket and a clock.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use media::rtmp::{self, Input, Output, Session};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::gate::Pass;
use super::{Ingest, Remote};
use crate::feed::Producer;
use crate::{EndReason, PublishDenied, PublishRequest, StreamKey};

/// From accept (TLS handshake included) to an accepted publish. Encoders on bad lines need two seconds.
pub(crate) const PUBLISH_DEADLINE: Duration = Duration::from_secs(10);
/// A publisher that sends no byte for this long is gone. Encoders send audio even when the picture stands still.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(30);
/// An encoder that does not read its answers within this is not one.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// The policy answers from memory or one row.
const POLICY_DEADLINE: Duration = Duration::from_secs(5);
/// Every refusal takes this long: a guesser gets few tries per connection slot, and cannot tell reasons by their time.
const REFUSAL_DELAY: Duration = Duration::from_millis(500);
/// After the last answer the peer may still be sending; closing at once would reset the connection and lose the answer.
const LINGER: Duration = Duration::from_secs(1);
/// Read buffer before publish: handshake and commands. Half-open connections must stay small.
const BUFFER_HALF_OPEN: usize = 4 * 1024;
/// Read buffer of a publisher: a keyframe in a few reads.
const BUFFER_PUBLISHING: usize = 32 * 1024;
/// Sustained bit rate of one encoder. Amazon IVS takes 8.5 Mbit/s; this leaves room for 4K and stops a flood.
pub(crate) const INGEST_BITRATE_MAX_BPS: u64 = 60_000_000;
/// What a frame counts for besides its bytes: about the work it makes. Without it a flood of tiny frames would keep a
/// processor busy within the bit rate; with it 3,600 frames a second are the most there can be.
const FRAME_COST_BYTES: u64 = 2_048;
/// The bit rate is averaged over this, so that what piled up behind a bad line may come at once.
const BITRATE_PERIOD: Duration = Duration::from_secs(10);
/// Longest live period of one connection, as at Amazon IVS.
const STREAM_DURATION_MAX: Duration = Duration::from_secs(48 * 60 * 60);

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error("the encoder closed the connection")]
    Hungup,
    #[error("the encoder ended the stream")]
    Unpublished,
    #[error("the session is over")]
    Finished,
    #[error("another connection took over, or the stream was ended")]
    Superseded,
    #[error("the encoder does not read its answers")]
    WriteStalled,
    #[error("more than {INGEST_BITRATE_MAX_BPS} bits per second, {FRAME_COST_BYTES} bytes added per frame")]
    TooFast,
    #[error("the stream has lasted {STREAM_DURATION_MAX:?}, the longest allowed")]
    TooLong,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Protocol(#[from] rtmp::Error),
}

/// One encoder.
pub(super) struct Connection<'a, I> {
    ingest: &'a Arc<Ingest>,
    io: I,
    session: Session,
    remote: Remote,
    pass: Pass,
    accepted_at: Instant,
    /// When the session wants to be woken, on its own clock.
    wait_until: Option<Duration>,
    producer: Option<Producer>,
    /// Cancelled when this connection must go: evicted while half-open, superseded while publishing.
    stop: CancellationToken,
    period: Period,
}

/// Bytes and frames of the running [`BITRATE_PERIOD`], as bytes.
struct Period {
    since: Instant,
    bytes: u64,
}

impl<'a, I: AsyncRead + AsyncWrite + Unpin + Send> Connection<'a, I> {
    /// Serves what `open` yields until either side ends it.
    pub(super) async fn serve(
        ingest: &'a Arc<Ingest>,
        open: impl Future<Output = io::Result<I>> + Send,
        remote: Remote,
        pass: Pass,
    ) {
        let accepted_at = Instant::now();
        let stop = pass.evicted.clone();
        let opened = stop.run_until_cancelled(timeout_at(accepted_at + PUBLISH_DEADLINE, open));
        let Some(Ok(Ok(io))) = opened.await else {
            tracing::debug!(addr = %remote.addr, "an ingest connection did not open");
            return;
        };
        let mut connection = Self {
            ingest,
            io,
            session: Session::new(session_config(), ingest.environment.random()),
            remote,
            pass,
            accepted_at,
            wait_until: None,
            producer: None,
            stop,
            period: Period {
                since: accepted_at,
                bytes: 0,
            },
        };
        let shutdown = ingest.shutdown.clone();
        if let Some(Err(closed)) = shutdown.run_until_cancelled(connection.drive()).await {
            connection.finish(closed).await;
        }
    }

    /// Reads until something ends the connection; never returns `Ok`.
    async fn drive(&mut self) -> Result<(), Closed> {
        let mut buffer = vec![0; BUFFER_HALF_OPEN];
        // Starts the session's clock: a peer that never sends a byte is on it, too.
        self.session.handle_input(self.now(), Input::Timeout)?;
        self.flush().await?;
        loop {
            // The session asks to be woken for its own deadlines: publish in time, then never fall silent.
            let wake_at = self.accepted_at + self.wait_until.unwrap_or(PUBLISH_DEADLINE);
            let stop = self.stop.clone();
            let read = tokio::select! {
                () = stop.cancelled() => return Err(Closed::Superseded),
                read = timeout_at(wake_at, self.io.read(&mut buffer)) => read,
            };
            match read {
                Ok(Ok(0)) => return Err(Closed::Hungup),
                Ok(Ok(count)) => {
                    self.count(count)?;
                    self.session
                        .handle_input(self.now(), Input::Bytes(buffer.get(..count).unwrap_or_default()))?;
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(_elapsed) => self.session.handle_input(self.now(), Input::Timeout)?,
            }
            self.flush().await?;
            if self.producer.is_some() && buffer.len() < BUFFER_PUBLISHING {
                buffer = vec![0; BUFFER_PUBLISHING];
            }
        }
    }

    /// Acts on everything the session has to say.
    async fn flush(&mut self) -> Result<(), Closed> {
        let mut is_written = false;
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(bytes) => {
                    self.write(bytes).await?;
                    is_written = true;
                }
                Output::Event(event) => self.event(event).await?,
                Output::WaitUntil(until) => self.wait_until = Some(until),
                Output::Close => return Err(Closed::Finished),
            }
        }
        if is_written {
            timeout(WRITE_DEADLINE, self.io.flush())
                .await
                .map_err(|_| Closed::WriteStalled)??;
        }
        Ok(())
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Closed> {
        timeout(WRITE_DEADLINE, self.io.write_all(&bytes))
            .await
            .map_err(|_| Closed::WriteStalled)??;
        Ok(())
    }

    async fn event(&mut self, event: rtmp::Event) -> Result<(), Closed> {
        if let rtmp::Event::PublishRequested { app, key } = event {
            return self.authorise(app, StreamKey(key)).await;
        }
        // Media only follows an accepted publish; without a producer there is nobody to give it to.
        let Some(producer) = &self.producer else { return Ok(()) };
        match event {
            rtmp::Event::Frame(frame) => {
                self.period.bytes = self.period.bytes.saturating_add(FRAME_COST_BYTES);
                self.ingest.metrics.ingest_frames.increment(1);
                producer.frame(frame)
            }
            rtmp::Event::Config(config) => producer.config(config),
            rtmp::Event::Metadata(metadata) => producer.metadata(metadata),
            rtmp::Event::Unpublished => return Err(Closed::Unpublished),
            rtmp::Event::PublishRequested { .. } => Ok(()),
        }
        .map_err(|_superseded| Closed::Superseded)
    }

    /// Asks the policy and answers the encoder. Nothing was answered before.
    async fn authorise(&mut self, app: String, key: StreamKey) -> Result<(), Closed> {
        let Remote {
            addr: remote,
            is_encrypted,
        } = self.remote;
        let request = PublishRequest {
            app,
            key,
            remote,
            is_encrypted,
        };
        let asked = timeout(POLICY_DEADLINE, self.ingest.policy.authorize_publish(request)).await;
        let refusal = match asked.unwrap_or(Err(PublishDenied::Unavailable)) {
            Err(denied) => denied.to_string(),
            Ok(_) if !self.pass.published() => return Err(Closed::Superseded),
            Ok(grant) => match self.ingest.registry.publish(grant) {
                Err(refused) => refused.to_string(),
                Ok(producer) => return self.accept(producer),
            },
        };
        self.ingest.metrics.publishes_denied.increment(1);
        self.ingest.refusals.report(remote, &refusal);
        sleep(REFUSAL_DELAY).await;
        self.session
            .handle_input(self.now(), Input::RejectPublish { description: &refusal })?;
        Ok(())
    }

    fn accept(&mut self, producer: Producer) -> Result<(), Closed> {
        let feed = producer.feed();
        tracing::info!(
            feed = feed.name, stream.id = feed.stream_id, remote = %self.remote.addr,
            is_encrypted = self.remote.is_encrypted, "an encoder publishes stream {}", feed.stream_id
        );
        self.stop = producer.superseded().clone();
        self.producer = Some(producer);
        self.session.handle_input(self.now(), Input::AcceptPublish)?;
        Ok(())
    }

    /// Keeps within the limits of a publisher.
    fn count(&mut self, count: usize) -> Result<(), Closed> {
        let bytes = u64::try_from(count).unwrap_or(u64::MAX);
        self.ingest.metrics.ingest_bytes.increment(bytes);
        let now = Instant::now();
        if now.saturating_duration_since(self.period.since) > BITRATE_PERIOD {
            self.period = Period { since: now, bytes: 0 };
        }
        self.period.bytes = self.period.bytes.saturating_add(bytes);
        if self.period.bytes > INGEST_BITRATE_MAX_BPS / 8 * BITRATE_PERIOD.as_secs() {
            return Err(Closed::TooFast);
        }
        if now.saturating_duration_since(self.accepted_at) > STREAM_DURATION_MAX {
            return Err(Closed::TooLong);
        }
        Ok(())
    }

    /// Says what is left to say, tells the feed, and closes.
    async fn finish(&mut self, closed: Closed) {
        let reason = match closed {
            Closed::Unpublished => Some(EndReason::Unpublished),
            // Silence is a lost connection, not a broken encoder.
            Closed::Protocol(rtmp::Error::Idle(_)) => None,
            Closed::Protocol(_) | Closed::TooFast | Closed::TooLong => Some(EndReason::Failed),
            // Dropping the producer starts the reconnect window.
            _ => None,
        };
        match &self.producer {
            Some(producer) => {
                let feed = producer.feed();
                let (name, stream) = (&feed.name, &feed.stream_id);
                tracing::info!(
                    feed = name,
                    stream.id = stream,
                    "the encoder of stream {stream} is gone: {closed}"
                );
            }
            None => tracing::debug!(addr = %self.remote.addr, "an ingest connection ended: {closed}"),
        }
        let was_publishing = self.producer.is_some();
        match (self.producer.take(), reason) {
            (Some(producer), Some(reason)) => producer.end(reason),
            (producer, _) => drop(producer),
        }
        // Who was evicted or said nothing is owed no answer, and must not hold memory while it does not come.
        if was_publishing || matches!(closed, Closed::Finished | Closed::Protocol(_)) {
            let shutdown = self.ingest.shutdown.clone();
            let _ = shutdown.run_until_cancelled(timeout(LINGER, self.goodbye())).await;
        }
    }

    /// Sends what the session still had queued and waits for the peer to close its side.
    async fn goodbye(&mut self) -> io::Result<()> {
        while let Some(output) = self.session.poll_output() {
            if let Output::Send(bytes) = output {
                self.io.write_all(&bytes).await?;
            }
        }
        self.io.shutdown().await?;
        let mut ignored = [0; 1024];
        while self.io.read(&mut ignored).await? > 0 {}
        Ok(())
    }

    /// The session's clock.
    fn now(&self) -> Duration {
        self.accepted_at.elapsed()
    }
}

fn session_config() -> rtmp::Config {
    rtmp::Config {
        publish_within: PUBLISH_DEADLINE,
        idle_max: IDLE_MAX,
        ..rtmp::Config::default()
    }
}
