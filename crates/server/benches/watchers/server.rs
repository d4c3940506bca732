//! The servers: Rostrum's own event streams over its own listener with a real bidding desk behind them, and a floor that
//! does nothing but write the same number of bytes to everybody.

use std::process::Stdio;

use anyhow::Context as _;
use bytes::Bytes;
use metrics_exporter_prometheus::PrometheusBuilder;
use platform::auctions::bidding::{self, NewBid};
use platform::auctions::{NewAuction, NewTerms};
use platform::testing::{Database, account, auction, ticking_environment};
use platform::{Currency, Money, Platform};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::room::now_us;

/// Which server.
#[derive(Clone, Copy)]
pub enum Kind {
    /// The real one.
    Rostrum,
    /// The least that could be done.
    Floor,
}

/// A server process that places a bid for every line it reads.
pub struct Server {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// Where its events are.
    pub address: Address,
}

/// Where events are.
#[derive(Clone)]
pub struct Address {
    /// On loopback.
    pub port: u16,
    /// With its query.
    pub path: String,
}

/// When a bid was made and answered, microseconds since the epoch.
pub struct Bid {
    /// Before it was placed.
    pub before_us: u64,
    /// When it was on disk and answered.
    pub after_us: u64,
}

/// People who take turns in bidding.
const BIDDERS: usize = 10;
/// The listener's: watchers, stalled ones and room.
const CONNECTIONS_MAX: usize = 10_000;

impl Kind {
    /// In the report and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rostrum => "rostrum",
            Self::Floor => "floor",
        }
    }
}

impl Server {
    /// Starts this program again as a server.
    pub async fn start(kind: Kind, frame_bytes: usize) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", kind.name(), "--frame-bytes", &frame_bytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().context("no input")?;
        let mut answers = BufReader::new(child.stdout.take().context("no output")?).lines();
        let ready = answers.next_line().await?.context("the server did not start")?;
        let (port, path) = ready.split_once(' ').context("no address")?;
        let address = Address {
            port: port.parse()?,
            path: path.to_owned(),
        };
        Ok(Self {
            child,
            orders,
            answers,
            address,
        })
    }

    /// Places a bid, or what the floor takes for one.
    pub async fn bid(&mut self) -> anyhow::Result<Bid> {
        self.orders.write_all(b"bid\n").await?;
        let answer = self.answers.next_line().await?.context("the server died")?;
        let (before, after) = answer.split_once(' ').context("no times")?;
        Ok(Bid {
            before_us: before.parse()?,
            after_us: after.parse()?,
        })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

/// Waits for the next order; false when the other process is gone.
async fn ordered() -> anyhow::Result<bool> {
    let read = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
    Ok(read.await?? > 0)
}

/// What the server process does.
pub async fn serve(kind: &str, frame_bytes: usize) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    match kind {
        "floor" => floor(listener, frame_bytes).await,
        _ => rostrum(listener).await,
    }
}

#[expect(clippy::print_stdout, reason = "the answers to the other process")]
async fn rostrum(listener: TcpListener) -> anyhow::Result<()> {
    let database = Database::sqlite();
    let platform = Platform::open(database.config(), ticking_environment())
        .await
        .map_err(told)?;
    let usd = Currency::new("USD").context("no currency")?;
    let input = NewAuction {
        title: "A watch".into(),
        description: None,
        duration_s: 3600,
        category: None,
        starting_bid: Money {
            minor: 100,
            currency: usd,
        },
        seller_name: None,
        condition: None,
        image_url: None,
        images: Vec::new(),
        terms: NewTerms::default(),
    };
    let auction_id = auction(&platform.context(account("seller")), input)
        .await
        .map_err(told)?;
    let config = api::Config {
        streams_per_address_max: CONNECTIONS_MAX,
        ..api::Config::default()
    };
    let router = api::router(
        platform.clone(),
        config,
        PrometheusBuilder::new().build_recorder().handle(),
    );
    let options = engine::http::Options {
        connections_max: CONNECTIONS_MAX,
        ..engine::http::Options::default()
    };
    println!(
        "{} /api/events?topic=auction:{auction_id}",
        listener.local_addr()?.port()
    );
    let stop = CancellationToken::new();
    let serving = tokio::spawn(engine::http::serve(listener, router, options, stop.clone()));
    let running = tokio::spawn({
        let (platform, stop) = (platform.clone(), stop.clone());
        async move { platform.run(stop).await }
    });
    let mut placed = 0;
    while ordered().await? {
        placed += 1;
        let ctx = platform.context(account(&format!("bidder-{}", placed % BIDDERS)));
        let bid = NewBid {
            auction_id: auction_id.clone(),
            amount: Money {
                minor: i64::try_from(placed)? * 100,
                currency: usd,
            },
            max_amount: None,
            is_confirmed: true,
            idempotency_key: None,
        };
        let before_us = now_us();
        let answer = bidding::place_bid(&ctx, bid).await.map_err(told)?;
        anyhow::ensure!(answer.is_highest(), "{}", answer.message);
        println!("{before_us} {}", now_us());
    }
    stop.cancel();
    serving.await?;
    running.await?;
    Ok(())
}

fn told(error: platform::Error) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

#[expect(clippy::print_stdout, reason = "the answers to the other process")]
async fn floor(listener: TcpListener, frame_bytes: usize) -> anyhow::Result<()> {
    let (events, _) = broadcast::channel::<Bytes>(1024);
    println!("{} /", listener.local_addr()?.port());
    let sender = events.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(give(stream, sender.subscribe()));
        }
    });
    let mut placed = 0;
    while ordered().await? {
        placed += 1;
        let before_us = now_us();
        let head = format!("id: {placed}\nevent: bid_update\ndata: ");
        let filling = "x".repeat(frame_bytes.saturating_sub(head.len() + 2));
        let frame = format!("{head}{filling}\n\n");
        let _ = events.send(format!("{:x}\r\n{frame}\r\n", frame.len()).into());
        println!("{before_us} {}", now_us());
    }
    Ok(())
}

/// One watcher of the floor.
async fn give(mut stream: TcpStream, mut events: broadcast::Receiver<Bytes>) -> std::io::Result<()> {
    let mut request = [0; 1024];
    if stream.read(&mut request).await? == 0 {
        return Ok(());
    }
    stream.set_nodelay(true)?;
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head).await?;
    while let Ok(frame) = events.recv().await {
        stream.write_all(&frame).await?;
    }
    Ok(())
}
