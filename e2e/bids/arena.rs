//! What everybody in the run shares: servers, people, auctions, and the log of every operation.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use platform::testing::Dice;
use platform::testing::checker::{Ask, Got, Op, Terms, Verdict};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::faults::FAULT_KINDS;
use crate::fleet::ADMIN;
use crate::web::{Client, Reply};
use crate::words;

/// Of each auction: short, so that a run sees many ends.
const WINDOW_S: i64 = 3;
const EXTENSION_S: i64 = 2;
const EXTENSIONS_MAX: u32 = 5;
const PASSWORD: &str = "correct horse battery";
const SELLERS_MAX: usize = 8;
/// Requests at a time while the run is prepared, and while it is judged.
pub const AT_ONCE: usize = 8;

/// Somebody signed in.
pub struct Account {
    pub id: String,
    pub token: String,
}

/// One auction and what was done to it.
pub struct Lot {
    pub id: String,
    pub terms: Terms,
    pub seller: Account,
    /// The price as somebody was last told; only for choosing the next bid.
    pub price: AtomicI64,
    pub is_over: AtomicBool,
    pub ops: Mutex<Vec<Op>>,
    /// Bids that led, as number and id: what may be retracted.
    pub led: Mutex<Vec<(u64, String)>>,
    /// Bidder and amount of every bid, so that each operation is recognised in the history by its content.
    used: Mutex<HashSet<(usize, i64)>>,
}

/// How often what happened.
#[derive(Default)]
pub struct Counts {
    pub sent: AtomicU64,
    pub acknowledged: AtomicU64,
    pub led: AtomicU64,
    pub refused: AtomicU64,
    pub failed: AtomicU64,
    pub unknown: AtomicU64,
    pub repeated: AtomicU64,
    pub reads: AtomicU64,
    pub controls: AtomicU64,
    pub faults: AtomicU64,
}

pub struct Arena {
    pub client: Client,
    pub bases: Vec<String>,
    pub admin: Account,
    pub bidders: Vec<Account>,
    pub lots: Vec<Lot>,
    pub counts: Counts,
    pub is_over: AtomicBool,
    started: Instant,
    next_op: AtomicU64,
}

/// The wall clock, epoch ms, which the servers on this machine read too.
pub fn now_ms() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the run measures real time")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.ok().and_then(|now| now.as_millis().try_into().ok()).unwrap_or(0)
}

pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn count(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed)
}

/// What chance decides of an auction.
struct Plan {
    duration_s: i64,
    reserve: Option<i64>,
    /// The server that is asked for it.
    base: usize,
}

impl Plan {
    /// Half of them end by the clock while the others go on.
    fn new(number: usize, load_s: i64, bases: usize, dice: &mut Dice) -> Self {
        let duration_s = match number % 2 {
            0 => dice.between(load_s / 3, load_s + 1),
            _ => 3600,
        };
        Self {
            duration_s,
            reserve: dice.once_in(4).then(|| dice.between(10_000, 60_000)),
            base: dice.index(bases),
        }
    }
}

impl Arena {
    /// Signs everybody up and opens the auctions; all servers run.
    pub async fn open(
        client: Client,
        bases: Vec<String>,
        (auctions, bidders): (usize, usize),
        load: Duration,
        dice: &mut Dice,
    ) -> anyhow::Result<Self> {
        let admin = sign_in(&client, &bases[0]).await?;
        let mut arena = Self {
            client,
            admin,
            bidders: Vec::new(),
            lots: Vec::new(),
            counts: Counts::default(),
            is_over: AtomicBool::new(false),
            started: Instant::now(),
            next_op: AtomicU64::new(1),
            bases,
        };
        // Passwords are costly to hash on purpose: several at a time keep every core busy.
        let people = [("bidder", bidders), ("seller", auctions.min(SELLERS_MAX))];
        let registered = people
            .iter()
            .flat_map(|(kind, count)| (0..*count).map(|number| arena.register(kind, number)));
        let registered: Vec<_> = stream::iter(registered).buffered(AT_ONCE).try_collect().await?;
        let mut bidders_and_sellers = registered.into_iter();
        let people = bidders_and_sellers.by_ref().take(bidders).collect();
        let sellers: Vec<Account> = bidders_and_sellers.collect();
        arena.bidders = people;
        let load_s = i64::try_from(load.as_secs())?.max(4);
        let plans: Vec<_> = (0..auctions)
            .map(|number| Plan::new(number, load_s, arena.bases.len(), dice))
            .collect();
        let listed = plans
            .iter()
            .enumerate()
            .map(|(number, plan)| arena.list(&sellers[number % sellers.len()], plan));
        let lots = stream::iter(listed).buffered(AT_ONCE).try_collect().await?;
        arena.lots = lots;
        Ok(arena)
    }

    async fn register(&self, kind: &str, number: usize) -> anyhow::Result<Account> {
        let base = &self.bases[number % self.bases.len()];
        let account = json!({ "email": format!("{kind}{number}@example.com"), "password": PASSWORD, "name": kind });
        let url = format!("{base}/api/auth/register");
        let answer = self.client.post(&url, None, None, &account).await.expect(201)?;
        account_of(&self.client, base, &answer).await
    }

    async fn list(&self, seller: &Account, plan: &Plan) -> anyhow::Result<Lot> {
        let mut listing = json!({
            "title": "A lot under fire",
            "starting_bid": 100,
            "duration": plan.duration_s,
            "bid_increment": 1,
            "anti_snipe": {
                "window_seconds": WINDOW_S,
                "extension_seconds": EXTENSION_S,
                "max_extensions": EXTENSIONS_MAX,
            },
        });
        if let Some(reserve) = plan.reserve {
            listing["reserve_price"] = words::dollars(reserve);
        }
        let url = format!("{}/api/auctions", self.bases[plan.base]);
        let answer = self
            .client
            .post(&url, Some(&seller.token), None, &listing)
            .await
            .expect(201)?;
        Ok(Lot {
            id: answer["auction_id"]
                .as_str()
                .context("an auction without id")?
                .to_owned(),
            terms: Terms {
                seller: seller.id.clone(),
                starting_bid: 10_000,
                increment: 100,
                reserve: plan.reserve,
                buy_now: None,
                is_proxy_allowed: true,
                window_ms: WINDOW_S * 1000,
                extension_ms: EXTENSION_S * 1000,
                extensions_max: EXTENSIONS_MAX,
                starts_at_ms: None,
                ends_at_ms: answer["end_time_ms"].as_i64().context("an auction without end")?,
            },
            seller: Account {
                id: seller.id.clone(),
                token: seller.token.clone(),
            },
            price: AtomicI64::new(9_900),
            is_over: AtomicBool::new(false),
            ops: Mutex::default(),
            led: Mutex::default(),
            used: Mutex::default(),
        })
    }

    /// ns since the run began, on one clock that never goes back.
    pub fn moment(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Seconds since the run began.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// A run in which little happens would prove little: a tenth of the bids answered, and each kind of fault once.
    pub fn is_proof(&self, bids: u64) -> bool {
        let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        number(&self.counts.acknowledged) * 10 > bids && number(&self.counts.faults) >= FAULT_KINDS
    }

    pub fn has_ended(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Logs one exchange with a server.
    pub async fn exchange(&self, lot: &Lot, key: Option<&str>, ask: Ask, reply: impl Future<Output = Reply>) -> Got {
        let id = count(&self.next_op);
        let invoked = self.moment();
        let reply = reply.await;
        let completed = self.moment();
        let got = match (&ask, &reply) {
            (Ask::Read, Reply::Answer(200, auction)) => Got::Seen(words::seen(auction)),
            (Ask::Read, _) => Got::Failed,
            (Ask::Do(_), reply) => words::got(reply, now_ms()),
        };
        self.notice(lot, &got, &reply);
        locked(&lot.ops).push(Op {
            id,
            invoked,
            completed: (got != Got::Unknown).then_some(completed),
            key: key.map(str::to_owned),
            ask,
            got: got.clone(),
        });
        got
    }

    /// Learns price, end and what may be retracted.
    fn notice(&self, lot: &Lot, got: &Got, reply: &Reply) {
        let Reply::Answer(_, body) = reply else { return };
        if let Some(price) = words::cents(&body["current_high_bid"]) {
            lot.price.store(price, Ordering::Relaxed);
        }
        if body["status"] == "closed" {
            lot.is_over.store(true, Ordering::Relaxed);
        }
        let Got::Answer(answer) = got else { return };
        if let (Verdict::Done, Some(seq), Some(id)) = (answer.verdict, answer.seq, body["bid_id"].as_str()) {
            locked(&lot.led).push((seq, id.to_owned()));
        }
    }

    /// True the first time this bidder bids this amount.
    pub fn is_new(&self, lot: &Lot, bidder: usize, amount: i64) -> bool {
        locked(&lot.used).insert((bidder, amount))
    }

    /// A server chosen by chance.
    pub fn base(&self, dice: &mut Dice) -> &str {
        &self.bases[dice.index(self.bases.len())]
    }

    /// Reads an auction, as nobody in particular, until an answer comes.
    pub async fn read(&self, lot: &Lot) -> anyhow::Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let url = format!("{}/api/auctions/{}", self.bases[0], lot.id);
            match self.client.get(&url, None).await {
                Reply::Answer(200, auction) => return Ok(auction),
                reply if Instant::now() > deadline => return reply.expect(200),
                _ => sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

async fn sign_in(client: &Client, base: &str) -> anyhow::Result<Account> {
    let body = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    let url = format!("{base}/api/auth/login");
    let answer = client.post(&url, None, None, &body).await.expect(200)?;
    account_of(client, base, &answer).await
}

async fn account_of(client: &Client, base: &str, signed_in: &Value) -> anyhow::Result<Account> {
    let token = signed_in["access_token"]
        .as_str()
        .context("no access token")?
        .to_owned();
    let me = client
        .get(&format!("{base}/api/auth/me"), Some(&token))
        .await
        .expect(200)?;
    let id = me["user_id"]
        .as_str()
        .or_else(|| me["id"].as_str())
        .context("an account without id")?;
    Ok(Account {
        id: id.to_owned(),
        token,
    })
}
