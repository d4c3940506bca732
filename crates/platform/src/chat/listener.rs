//! Hearing what is said: one connection to every room that somebody may be in.
//!
//! A room is listened to while a token for it may be in use. One process does, by a lease in the room's row that it renews;
//! when it dies, the lease ends and another takes over, or the same after its restart. What is heard is written down once,
//! by the provider's id of the message, and told to watchers in the same commit.
//!
//! **When full**: a process listens to [`ROOMS_MAX`] rooms; further ones are not kept, and talk in them goes on. A room whose
//! messages cannot be stored is read no further until they can; the provider then ends the connection, and it begins anew.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::model::{HOST_ID, Line};
use super::socket::{News, Socket};
use super::store::{self, Claimed, Heard};
use super::{NEWS, rooms};
use crate::db::{Backend, Tx};
use crate::video::{Bearer, Owner, ProviderErrorKind};
use crate::{Error, Platform};

/// Rooms that one process listens to, each with a connection and some buffers, about 100 KiB.
pub const ROOMS_MAX: i64 = 500;
/// Lines kept of a room.
pub const LINES_KEPT: i64 = 500;
/// How long a dead process's rooms wait for another, and how often leases are renewed.
const LEASE_MS: i64 = 15_000;
const BEAT: Duration = Duration::from_secs(4);
/// How often the other side is asked for a sign of life.
const PING_PERIOD: Duration = Duration::from_secs(30);
/// Pauses between two attempts to connect double from the first to the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_LONGEST: Duration = Duration::from_secs(15);
/// Messages in one commit and event at most: 16 of 500 characters, escaped, are below the 64 KiB of an event.
const BATCH_MAX: usize = 16;
/// The longest session that the provider allows; the listener then connects again.
const SESSION_MINUTES: i32 = 180;
/// How the listener is called in the room. It cannot speak.
const LISTENER_ID: &str = "rostrum";
/// How long goodbyes may take at shutdown.
const DRAIN: Duration = Duration::from_secs(2);
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Listens until `shutdown`, then gives the rooms back for others to take at once.
pub(crate) async fn run(platform: &Platform, shutdown: CancellationToken) {
    let mut ears = Ears {
        platform: platform.clone(),
        stops: HashMap::new(),
        tasks: JoinSet::new(),
    };
    // Nobody else can have this file open: leases in it are of the dead.
    if platform.db().backend() == Backend::Sqlite {
        ears.release(None).await;
    }
    while !shutdown.is_cancelled() {
        match ears.claim().await {
            Ok(rooms) => ears.attend(rooms, &shutdown),
            Err(error) => tracing::warn!(%error, "cannot look for chat rooms; trying again"),
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = platform.chat().wake.notified() => {}
            Some(_) = ears.tasks.join_next(), if !ears.tasks.is_empty() => {}
            () = tokio::time::sleep(BEAT) => {}
        }
    }
    let goodbyes = async { while ears.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, goodbyes).await.is_err() {
        tracing::warn!("some chat rooms were left without a goodbye");
    }
    let listener = platform.chat().listener.clone();
    ears.release(Some(&listener)).await;
}

struct Ears {
    platform: Platform,
    /// Rooms by auction, and what stops their ears.
    stops: HashMap<String, (String, CancellationToken)>,
    tasks: JoinSet<()>,
}

impl Ears {
    async fn claim(&self) -> Result<Vec<Claimed>, Error> {
        let now_ms = self.platform.environment().now_ms();
        let listener = &self.platform.chat().listener;
        let mut tx = self.platform.db().begin().await?;
        let rooms = store::claim(tx.conn(), listener, (now_ms, now_ms + LEASE_MS), ROOMS_MAX).await?;
        tx.commit().await?;
        Ok(rooms)
    }

    /// Begins to listen where we do not yet, and stops where we shall not any more.
    fn attend(&mut self, rooms: Vec<Claimed>, shutdown: &CancellationToken) {
        self.stops.retain(|auction_id, (arn, stop)| {
            // An auction whose room was lost has another one now.
            let is_ours = rooms
                .iter()
                .any(|claimed| claimed.auction_id == *auction_id && claimed.room.arn == *arn);
            if !is_ours {
                stop.cancel();
            }
            is_ours && !stop.is_cancelled()
        });
        for claimed in rooms {
            if self.stops.contains_key(&claimed.auction_id) {
                continue;
            }
            let stop = shutdown.child_token();
            let known = (claimed.room.arn.clone(), stop.clone());
            self.stops.insert(claimed.auction_id.clone(), known);
            let ear = Ear {
                platform: self.platform.clone(),
                claimed,
                stop: stop.clone(),
            };
            self.tasks.spawn(async move {
                ear.listen().await;
                // The next look may begin anew.
                stop.cancel();
            });
        }
        metrics::gauge!("rostrum_chat_rooms_heard").set(f64::from(u32::try_from(self.stops.len()).unwrap_or(u32::MAX)));
    }

    async fn release(&self, listener: Option<&str>) {
        let released = async {
            let mut tx = self.platform.db().begin().await?;
            store::release_leases(tx.conn(), listener).await?;
            tx.commit().await
        };
        if let Err(error) = released.await {
            tracing::warn!(%error, "chat rooms are free only when their leases end");
        }
    }
}

/// Listens to one room.
struct Ear {
    platform: Platform,
    claimed: Claimed,
    stop: CancellationToken,
}

/// Why listening ended.
enum Over {
    /// The room, or our right to it, is gone; or we shall stop.
    Done,
    /// Something that may pass; with whether anything was heard before.
    Failed { cause: String, was_connected: bool },
}

impl Ear {
    async fn listen(&self) {
        let mut pause = PAUSE_FIRST;
        loop {
            let over = tokio::select! {
                () = self.stop.cancelled() => Ok(Over::Done),
                over = self.attend() => over,
            };
            // Whoever enters meanwhile waits for us.
            let _ = self.set_heard_until(0).await;
            let (cause, was_connected) = match over {
                Ok(Over::Done) => return,
                Ok(Over::Failed { cause, was_connected }) => (cause, was_connected),
                Err(error) => (error.to_string(), false),
            };
            if was_connected {
                pause = PAUSE_FIRST;
            }
            let auction_id = &self.claimed.auction_id;
            tracing::warn!(auction.id = auction_id, "the chat is not heard for a moment: {cause}");
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }

    async fn attend(&self) -> Result<Over, Error> {
        let room = &self.claimed.room;
        let bearer = Bearer {
            user_id: LISTENER_ID.to_owned(),
            attributes: HashMap::new(),
            capabilities: Vec::new(),
            session_minutes: SESSION_MINUTES,
        };
        let failed = |cause: String, was_connected| Ok(Over::Failed { cause, was_connected });
        let token = match self.platform.video().create_chat_token(&room.arn, bearer).await {
            Ok(token) => token.token,
            Err(error) if error.kind == ProviderErrorKind::NotFound => {
                rooms::replace_lost(&self.platform, &self.claimed.auction_id, room).await?;
                return failed(error.to_string(), false);
            }
            Err(error) => return failed(error.to_string(), false),
        };
        let config = self.platform.config();
        let url = config.chat_listen_url.as_ref().unwrap_or(&config.chat_url);
        let mut socket = match Socket::connect(url, &token).await {
            Ok(socket) => socket,
            Err(cause) => return failed(cause, false),
        };
        let over = self.hear(&mut socket).await;
        socket.close().await;
        over
    }

    async fn hear(&self, socket: &mut Socket) -> Result<Over, Error> {
        let mut beat = tokio::time::interval(BEAT);
        let mut pings = tokio::time::interval_at(tokio::time::Instant::now() + PING_PERIOD, PING_PERIOD);
        let failed = |cause: String| {
            Ok(Over::Failed {
                cause,
                was_connected: true,
            })
        };
        loop {
            let now_ms = self.platform.environment().now_ms();
            tokio::select! {
                _ = beat.tick() => {
                    if !self.set_heard_until(now_ms + LEASE_MS).await? {
                        return Ok(Over::Done);
                    }
                }
                _ = pings.tick() => {
                    if let Err(cause) = socket.ping().await {
                        return failed(cause);
                    }
                }
                news = socket.next(BATCH_MAX, now_ms) => match news {
                    Err(cause) => return failed(cause),
                    Ok(news) if news.is_empty() => {}
                    Ok(news) => if !self.keep(&news).await {
                        return Ok(Over::Done);
                    }
                },
            }
        }
    }

    async fn set_heard_until(&self, until_ms: i64) -> Result<bool, Error> {
        let listener = &self.platform.chat().listener;
        let mut tx = self.platform.db().begin().await?;
        let is_ours = store::heard_until(tx.conn(), &self.claimed.auction_id, listener, until_ms).await?;
        tx.commit().await?;
        Ok(is_ours)
    }

    /// Keeps what was heard, however often it takes; false when the room is another's by now.
    async fn keep(&self, news: &[News]) -> bool {
        loop {
            match self.store(news).await {
                Ok(None) => return false,
                Ok(Some(offenders)) => {
                    self.show_out(offenders).await;
                    return true;
                }
                Err(error) => tracing::warn!(%error, "chat messages cannot be stored; trying again"),
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
    }

    /// Writes down and tells; returns what was said by those who may not speak, or `None` when the room is another's.
    async fn store(&self, news: &[News]) -> Result<Option<Vec<Heard>>, Error> {
        let auction_id = &self.claimed.auction_id;
        let now_ms = self.platform.environment().now_ms();
        let mut tx = self.platform.db().begin().await?;
        let Some(mut seq) = store::lock_lines(tx.conn(), auction_id, &self.platform.chat().listener).await? else {
            return Ok(None);
        };
        let restricted = store::restricted(&mut *tx.conn(), auction_id, now_ms, i64::MAX).await?;
        let (mut said, mut deleted, mut offenders) = (Vec::new(), Vec::new(), Vec::new());
        for one in news {
            match one {
                News::Said(heard) if restricted.iter().any(|member| member.user_id == heard.user_id) => {
                    offenders.push(heard.clone());
                }
                News::Said(heard) => {
                    if store::insert_line(tx.conn(), auction_id, seq + 1, heard).await? {
                        seq += 1;
                        said.push(line(auction_id, heard));
                    }
                }
                News::Deleted { message_id } => {
                    if store::delete_line(tx.conn(), auction_id, message_id).await? {
                        said.retain(|line| line.message_id != *message_id);
                        deleted.push(message_id.as_str());
                    }
                }
            }
        }
        if !said.is_empty() || !deleted.is_empty() {
            store::end_lines(tx.conn(), auction_id, seq, seq - LINES_KEPT).await?;
            publish(&mut tx, auction_id, &said, &deleted)?;
        }
        tx.commit().await?;
        Ok(Some(offenders))
    }

    /// A token that was made before a measure may open a connection after it: whoever speaks nevertheless is unsaid and shown
    /// out.
    async fn show_out(&self, offenders: Vec<Heard>) {
        let (video, arn) = (self.platform.video(), &self.claimed.room.arn);
        for heard in offenders {
            let deleted = video.delete_message(arn, &heard.message_id, None).await;
            let ended = video.disconnect_user(arn, &heard.user_id, None).await;
            if let Err(error) = deleted.and(ended) {
                tracing::warn!(%error, "somebody who may not speak could not be shown out");
            }
        }
    }
}

/// Tells watchers what was said and what was taken back.
pub(super) fn publish(tx: &mut Tx, auction_id: &str, said: &[Line], deleted: &[&str]) -> Result<(), Error> {
    let now_ms = tx.now_ms();
    let payload = json!({
        "auction_id": auction_id,
        "messages": said,
        "deleted": deleted,
        "server_time": rfc3339(now_ms),
        "server_time_ms": now_ms,
    });
    tx.publish(&Owner::auction(auction_id).topic(), NEWS, &payload)
}

fn line(auction_id: &str, heard: &Heard) -> Line {
    Line {
        message_id: heard.message_id.clone(),
        auction_id: auction_id.to_owned(),
        user_id: heard.user_id.clone(),
        username: heard.username.clone(),
        message: heard.text.clone(),
        timestamp: heard.sent_at_ms,
        kind: "chat",
        is_host: heard.user_id == HOST_ID,
        is_deleted: false,
    }
}

pub(super) fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.to_string())
}
