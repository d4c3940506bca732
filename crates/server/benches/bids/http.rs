//! The same through HTTP: the real server in its own process, bidders with keep-alive connections in another.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use platform::testing::Database;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::callers::{self, Figures};
use crate::report::{HttpRow, Table};

/// The first argument of the process that bids.
pub const CLIENT_ROLE: &str = "http-client";
/// Connections that bid at the same time.
const CONNECTIONS: usize = 512;
/// Auctions of the wide load, each with a channel of its own on the embedded engine.
const LOTS: usize = 1_000;
/// Accounts that bid in turn; a password is hashed for each.
const BIDDERS: usize = 8;
const SECONDS: u64 = 6;
/// An answer's head is shorter.
const HEAD_BYTES_MAX: usize = 8_192;

/// `rostrum serve` on free ports.
struct Server {
    child: Child,
    /// `host:port`
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures both databases, one hot auction and many.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    for name in ["SQLite", "PostgreSQL"] {
        let database = match name {
            "SQLite" => None,
            _ => Some(Database::durable_postgres().await),
        };
        let folder = tempfile::tempdir()?;
        let server = start(folder.path(), database.as_ref().map(|database| database.url.as_str()))?;
        let seller = register(&server.address, "seller").await?;
        let mut bidders = Vec::new();
        for number in 0..BIDDERS {
            bidders.push(register(&server.address, &format!("bidder-{number}")).await?);
        }
        for lots in [1, LOTS] {
            let mut ids = Vec::new();
            for number in 0..lots {
                let listing = json!({"title": format!("Lot {number}"), "starting_bid": 1, "duration": 86_400});
                let answer = call(&server.address, "/api/auctions", Some(&seller), &listing).await?;
                ids.push(answer["auction_id"].clone());
            }
            let orders = json!({ "auctions": ids, "tokens": bidders });
            let file = folder.path().join("orders.json");
            std::fs::write(&file, orders.to_string())?;
            table.push_http(HttpRow {
                database: name,
                lots,
                connections: CONNECTIONS,
                figures: run_client(&server.address, &file)?,
            });
            eprintln!("{name}, {lots} auctions: measured through HTTP");
        }
    }
    Ok(())
}

fn start(folder: &std::path::Path, database_url: Option<&str>) -> anyhow::Result<Server> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rostrum"));
    command
        .args(["serve", "--dev"])
        .current_dir(folder)
        .env("ROSTRUM_DATA_DIR", folder)
        .env("ROSTRUM_AUCTIONS_BIDS_PER_SECOND", "0")
        .env("ROSTRUM_LOG", "warn")
        .stdout(Stdio::piped());
    for listener in ["HTTP", "IVS", "RTMP", "RTMPS"] {
        command.env(format!("ROSTRUM_{listener}_ADDR"), "127.0.0.1:0");
    }
    if let Some(url) = database_url {
        command.env("ROSTRUM_DATABASE_URL", url);
    }
    let mut child = command.spawn()?;
    let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut server = Server {
        child,
        address: String::new(),
    };
    for line in lines.map_while(Result::ok) {
        let word = line.split_whitespace().last().unwrap_or_default();
        if let Some(address) = word.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/ui/")) {
            server.address = address.replace("localhost", "127.0.0.1");
        }
        if line.contains("rostrum demo") {
            break;
        }
    }
    anyhow::ensure!(!server.address.is_empty(), "rostrum did not start");
    Ok(server)
}

async fn register(address: &str, name: &str) -> anyhow::Result<String> {
    let account = json!({
        "email": format!("{name}@example.com"), "password": "correct horse battery", "name": name,
    });
    let answer = call(address, "/api/auth/register", None, &account).await?;
    Ok(answer["access_token"].as_str().context("no token")?.to_owned())
}

async fn call(address: &str, path: &str, token: Option<&str>, body: &Value) -> anyhow::Result<Value> {
    let mut connection = Connection::open(address).await?;
    let (status, answer) = connection.post(path, token, &body.to_string()).await?;
    anyhow::ensure!(
        status < 300,
        "{path} answered {status}: {}",
        String::from_utf8_lossy(&answer)
    );
    Ok(serde_json::from_slice(&answer)?)
}

fn run_client(address: &str, orders: &std::path::Path) -> anyhow::Result<Figures> {
    let output = Command::new(std::env::current_exe()?)
        .args([CLIENT_ROLE, address, &SECONDS.to_string()])
        .arg(orders)
        .stderr(Stdio::inherit())
        .output()?;
    let answer: Value = serde_json::from_slice(&output.stdout).context("the bidding process failed")?;
    let number = |name: &str| answer[name].as_f64().unwrap_or(0.0);
    Ok(Figures {
        per_second: number("per_second"),
        p50: Duration::from_secs_f64(number("p50_s")),
        p99: Duration::from_secs_f64(number("p99_s")),
        batch: 1.0,
        cpu_per_bid: Duration::ZERO,
    })
}

/// The process that bids: prints its figures as JSON.
pub async fn client(address: &str, seconds: u64, orders: &str) -> anyhow::Result<()> {
    let orders: Value = serde_json::from_slice(&std::fs::read(orders)?)?;
    let texts = |name: &str| -> Vec<String> {
        let list = orders[name].as_array().cloned().unwrap_or_default();
        list.iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let (auctions, tokens) = (texts("auctions"), texts("tokens"));
    let offers: Vec<AtomicI64> = auctions.iter().map(|_| AtomicI64::new(1)).collect();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(tokio::sync::Mutex::new(Connection::open(address).await?));
    }
    let turn = AtomicI64::new(0);
    let shared = Arc::new((auctions, tokens, offers, connections, turn));
    let figures = callers::run(CONNECTIONS, Duration::from_secs(seconds), move |caller| {
        let shared = shared.clone();
        async move {
            let (auctions, tokens, offers, connections, turn) = &*shared;
            let lot = usize::try_from(turn.fetch_add(1, Ordering::Relaxed))? % auctions.len();
            let offer = offers[lot].fetch_add(1, Ordering::Relaxed);
            let token = &tokens[usize::try_from(offer)? % tokens.len()];
            let body = format!(
                r#"{{"auction_id":"{}","amount":{offer},"confirm":true}}"#,
                auctions[lot]
            );
            let mut connection = connections[caller].lock().await;
            let (status, answer) = connection.post("/api/bids", Some(token), &body).await?;
            // A bid that another overtook is answered 400; it is in the history all the same.
            let is_judged = status == 200 || status == 400;
            anyhow::ensure!(
                is_judged,
                "a bid was answered {status}: {}",
                String::from_utf8_lossy(&answer)
            );
            Ok(())
        }
    })
    .await?;
    let report = json!({
        "per_second": figures.per_second, "p50_s": figures.p50.as_secs_f64(), "p99_s": figures.p99.as_secs_f64(),
    });
    std::io::stdout().write_all(report.to_string().as_bytes())?;
    Ok(())
}

/// One keep-alive connection: enough HTTP/1.1 for our own answers, and little work beside the server's.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    async fn post(&mut self, path: &str, token: Option<&str>, body: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        let token = token
            .map(|token| format!("authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{token}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            anyhow::ensure!(
                self.buffer.len() < HEAD_BYTES_MAX,
                "an answer without an end of its head"
            );
            self.read().await?;
        };
        let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
        let status = text.get(9..12).context("no status")?.parse()?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without a length")?.trim().parse()?;
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        Ok((status, self.buffer[head..head + length].to_vec()))
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let count = self.stream.read_buf(&mut self.buffer).await?;
        anyhow::ensure!(count > 0, "the server closed the connection");
        Ok(())
    }
}
