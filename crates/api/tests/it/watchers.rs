//! Hundreds of watchers of one auction over real sockets: those that come and go, and those that stop reading.

use std::net::SocketAddr;
use std::time::Duration;

use platform::auctions::bidding::{self, NewBid};
use platform::auctions::{NewAuction, NewTerms};
use platform::events::{Draft, Watched, last_seq, present, subscribe};
use platform::testing::{self, Dice};
use platform::{Caller, Currency, Money, Role};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::events::Reader;
use crate::server::TestServer;

const WATCHERS: u64 = 270;
const STALLED: u64 = 30;
const BIDS: i64 = 60;
/// Large events between the bids, so that sockets which nobody reads fill up.
const LARGE: usize = 16;
const LARGE_BYTES: usize = 32 * 1024;
/// Twenty seconds until a stalled connection is cut, and a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What was sent before the cut is in our system's buffers: no more is coming.
const SILENCE: Duration = Duration::from_secs(1);
/// Seen by nobody but those concerned: part of every account's id, the maximum and the reserve.
const SECRETS: [&str; 3] = ["canary", "987654", "995123"];

/// A watcher that keeps what it was told, across connections.
struct Watcher {
    server: SocketAddr,
    topic: String,
    /// Numbers and kinds.
    told: Vec<(i64, String)>,
    connections: usize,
}

impl Watcher {
    fn last(&self) -> i64 {
        self.told.last().map_or(1, |(seq, _)| *seq)
    }

    /// Connects to hear what came after the last event.
    async fn connect(&mut self) -> TcpStream {
        self.connections += 1;
        let socket = TcpSocket::new_v4().unwrap();
        // The system's buffers take what a small window leaves over.
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(self.server).await.unwrap();
        let (topic, after) = (&self.topic, self.last());
        let request = format!("GET /api/events?topic={topic}&after={after} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Reads until number `until` or the end of the connection, at most `count` events.
    async fn read(&mut self, mut stream: TcpStream, until: i64, count: usize) {
        let enough = self.told.len() + count;
        // A system that gave a connection up need not tell the other side: pages go by silence, too.
        let patience = if until == i64::MAX { SILENCE } else { PATIENCE };
        let mut text = String::new();
        let mut bytes = [0; 16 * 1024];
        while self.last() < until && self.told.len() < enough {
            let read = match timeout(patience, stream.read(&mut bytes)).await {
                Ok(Ok(read @ 1..)) => read,
                Ok(_) => return,
                Err(_) => {
                    assert_eq!(until, i64::MAX, "no event in time after {}", self.last());
                    return;
                }
            };
            text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
            while let Some((block, rest)) = text.split_once("\n\n") {
                self.take(block);
                text = rest.to_owned();
            }
        }
    }

    fn take(&mut self, block: &str) {
        for secret in SECRETS {
            assert!(!block.contains(secret), "{secret} in {block}");
        }
        let Some((_, event)) = block.split_once("\nid: ") else {
            return;
        };
        let mut lines = event.lines();
        let seq = lines.next().unwrap().parse().unwrap();
        let kind = lines.next().unwrap().strip_prefix("event: ").unwrap();
        assert_eq!(seq, self.last() + 1, "neither a gap nor a repetition");
        self.told.push((seq, kind.to_owned()));
    }

    /// Follows until number `until`, leaving and coming back every few events.
    async fn come_and_go(mut self, until: i64, mut dice: Dice) -> Self {
        while self.last() < until {
            let stream = self.connect().await;
            let count = dice.index(12) + 1;
            self.read(stream, until, count).await;
        }
        self
    }

    /// Asks for events and does not read them until it was cut off; then catches up.
    async fn stall(mut self, until: i64, is_cut: CancellationToken) -> Self {
        let stream = self.connect().await;
        is_cut.cancelled().await;
        self.read(stream, i64::MAX, usize::MAX).await;
        assert!(
            self.last() < until,
            "not everything fits the buffers of a stalled watcher"
        );
        self.come_and_go(until, Dice::new(1)).await
    }
}

fn usd(cents: i64) -> Money {
    Money {
        minor: cents,
        currency: Currency::new("USD").unwrap(),
    }
}

async fn auction(server: &TestServer) -> String {
    let input = NewAuction {
        title: "A watch".into(),
        description: None,
        duration_s: 300,
        category: None,
        starting_bid: usd(100),
        seller_name: None,
        condition: None,
        image_url: None,
        images: Vec::new(),
        terms: NewTerms {
            reserve_price: Some(usd(99_512_300)),
            ..NewTerms::default()
        },
    };
    let seller = server.platform.context(testing::account("canary-seller"));
    testing::auction(&seller, input).await.unwrap()
}

async fn bid(server: &TestServer, auction_id: &str, bidder: &str, cents: i64, max_cents: Option<i64>) {
    let ctx = server.platform.context(testing::account(bidder));
    let bid = NewBid {
        auction_id: auction_id.to_owned(),
        amount: usd(cents),
        max_amount: max_cents.map(usd),
        is_confirmed: true,
        idempotency_key: None,
    };
    bidding::place_bid(&ctx, bid).await.unwrap();
}

/// Bids of ten people, large events between them, and at last one who leads with a secret maximum.
async fn let_bids_flow(server: &TestServer, auction_id: &str, topic: &str) {
    for at in 1..=BIDS {
        bid(server, auction_id, &format!("canary-{}", at % 10), at * 100, None).await;
        if usize::try_from(at).unwrap() <= LARGE {
            let mut tx = server.platform.db().begin().await.unwrap();
            let filling = "x".repeat(LARGE_BYTES);
            let large = Draft::new("video_update", &json!({ "filling": filling })).unwrap();
            tx.publish_all(topic, [large]);
            tx.commit().await.unwrap();
        }
    }
    bid(server, auction_id, "canary-rich", BIDS * 100 + 100, Some(98_765_400)).await;
    bid(server, auction_id, "canary-1", BIDS * 100 + 300, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_watchers_miss_nothing_and_those_who_stall_are_cut_off() {
    let config = api::Config {
        streams_per_address_max: 1000,
        ..api::Config::default()
    };
    let server = TestServer::start_with(config).await;
    let auction_id = auction(&server).await;
    let topic = format!("auction:{auction_id}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let options = engine::http::Options::default();
    let serving = tokio::spawn(engine::http::serve(listener, server.router(), options, stop.clone()));
    // So that everybody can come back with a number.
    bid(&server, &auction_id, "canary-0", 100, None).await;
    let watcher = || Watcher {
        server: address,
        topic: topic.clone(),
        told: Vec::new(),
        connections: 0,
    };
    let is_cut = CancellationToken::new();
    let ctx = server.platform.context(Caller::Anonymous);
    // Numbers are counted beforehand: who has the last one is done.
    let until = 1 + BIDS + i64::try_from(LARGE).unwrap() + 2;
    let stalled: Vec<_> = (0..STALLED)
        .map(|_| tokio::spawn(watcher().stall(until, is_cut.clone())))
        .collect();
    let are_present = async |count: i64| {
        let agreed = async {
            while present(&ctx, &topic) != count {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, agreed)
            .await
            .expect("everybody who is there to be counted");
    };
    are_present(STALLED.cast_signed()).await;
    let healthy: Vec<_> = (0..WATCHERS)
        .map(|at| tokio::spawn(watcher().come_and_go(until, Dice::new(at))))
        .collect();
    let_bids_flow(&server, &auction_id, &topic).await;
    let last = last_seq(server.platform.db().read(), &topic).await.unwrap();
    assert_eq!(last, until);
    let mut watch = subscribe(&ctx, &topic, 1).await.unwrap().unwrap();
    let mut log = Vec::new();
    while log.last().is_none_or(|(seq, _)| *seq < last) {
        match watch.next().await.unwrap() {
            Watched::Event(event) => log.push((event.seq, event.kind.clone())),
            lagged => panic!("{lagged:?}"),
        }
    }
    let mut connections = 0;
    for watcher in healthy {
        let watcher = timeout(PATIENCE, watcher).await.expect("all events in time").unwrap();
        assert_eq!(watcher.told, log);
        connections += watcher.connections;
    }
    assert!(connections > 1000, "only {connections} connections");
    are_present(0).await;
    is_cut.cancel();
    for watcher in stalled {
        let watcher = timeout(PATIENCE, watcher).await.expect("all events in time").unwrap();
        assert_eq!(watcher.told, log);
    }
    stop.cancel();
    timeout(PATIENCE, serving).await.expect("the listener to end").unwrap();
}

#[tokio::test]
async fn a_signed_in_reader_reads_no_secret_either() {
    let server = TestServer::start().await;
    let auction_id = auction(&server).await;
    let topic = format!("auction:{auction_id}");
    let token = server.sign_in("reader", &[Role::Member]).await;
    let mut reader = Reader::open(server.get(&format!("/api/events?topic={topic}")).bearer(&token)).await;
    let first = reader.next().await.unwrap();
    assert_eq!(first.event, "snapshot");
    bid(&server, &auction_id, "canary-rich", 100, Some(98_765_400)).await;
    bid(&server, &auction_id, "canary-1", 300, None).await;
    for message in [first, reader.next().await.unwrap(), reader.next().await.unwrap()] {
        let text = format!("{:?}", message.data);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
