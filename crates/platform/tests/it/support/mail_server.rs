//! A small mail server over a real socket, whose moods depend on whom a mail is for.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What it offers and wants.
#[derive(Clone, Copy, Default)]
pub struct Manners {
    /// Credentials it insists on, as `AUTH PLAIN` carries them.
    pub password: Option<&'static str>,
}

/// A mail that arrived whole.
#[derive(Clone, Debug)]
pub struct Received {
    pub to: String,
    pub data: String,
}

#[derive(Default)]
struct Seen {
    received: Vec<Received>,
    connections: usize,
    refused_once: HashSet<String>,
}

pub struct MailServer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    // Aborted when dropped.
    _tasks: JoinSet<()>,
}

impl MailServer {
    pub async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut tasks = JoinSet::new();
        let shared = seen.clone();
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let session = Session::new(socket, manners, shared.clone());
                sessions.spawn(async move {
                    // A client may leave at any time.
                    let _ = session.serve().await;
                });
            }
        });
        Self {
            address,
            seen,
            _tasks: tasks,
        }
    }

    /// Mails so far, in order of arrival.
    pub fn received(&self) -> Vec<Received> {
        self.seen.lock().unwrap().received.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    manners: Manners,
    seen: Arc<Mutex<Seen>>,
    is_known: bool,
    to: String,
}

impl Session {
    fn new(socket: TcpStream, manners: Manners, seen: Arc<Mutex<Seen>>) -> Self {
        Self {
            stream: BufReader::new(socket),
            manners,
            seen,
            is_known: manners.password.is_none(),
            to: String::new(),
        }
    }

    async fn serve(mut self) -> std::io::Result<()> {
        self.say("220 test ready").await?;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" if self.manners.password.is_some() => self.say("250-test\r\n250 AUTH PLAIN").await?,
                "EHLO" => self.say("250-test\r\n250 8BITMIME").await?,
                "AUTH" => self.check(line).await?,
                "MAIL" if !self.is_known => self.say("530 5.7.0 Authentication required").await?,
                "MAIL" => self.say("250 ok").await?,
                "RCPT" => self.recipient(line).await?,
                "DATA" => {
                    if !self.take().await? {
                        return Ok(());
                    }
                }
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(());
                }
                _ => self.say("250 ok").await?,
            }
        }
    }

    async fn check(&mut self, line: &str) -> std::io::Result<()> {
        self.is_known = self.manners.password == line.strip_prefix("AUTH PLAIN ");
        let answer = if self.is_known {
            "235 welcome"
        } else {
            "535 5.7.8 wrong"
        };
        self.say(answer).await
    }

    /// `busy` is told to come again once, `nobody` is unknown.
    async fn recipient(&mut self, line: &str) -> std::io::Result<()> {
        self.to = line
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
            .map_or_else(String::new, |(address, _)| address.to_owned());
        let answer = match self.to.as_str() {
            "nobody@example.com" => "550 5.1.1 nobody@example.com is unknown here",
            "busy@example.com" if self.first_time() => "451 4.7.1 greylisted, come again",
            _ => "250 ok",
        };
        self.say(answer).await
    }

    /// Takes a mail; for `cut` the connection breaks once before the answer, with the mail taken. False when it broke.
    async fn take(&mut self) -> std::io::Result<bool> {
        self.say("354 go ahead").await?;
        let mut data = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            if line == ".\r\n" {
                break;
            }
            data.push_str(&line);
        }
        let received = Received {
            to: self.to.clone(),
            data,
        };
        self.seen.lock().unwrap().received.push(received);
        if self.to == "cut@example.com" && self.first_time() {
            return Ok(false);
        }
        self.say("250 taken").await?;
        Ok(true)
    }

    fn first_time(&self) -> bool {
        self.seen.lock().unwrap().refused_once.insert(self.to.clone())
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }
}
