//! One transaction of a worker: locks, judges, writes, commits, then answers.

use std::collections::HashMap;
use std::time::Duration;

use super::desk::{Batch, Waiting, unknown_outcome};
use super::keys::KEPT_MS;
use super::store::{self, EntryRow, LotRow, NewKey, Used};
use super::{effects, news};
use crate::auctions::outcome::plan_outbid;
use crate::auctions::rules::{Answer, Command, Entry, Judged, Lot, Reason, Stamped, Terms, Verdict, judge};
use crate::db::Tx;
use crate::{Caller, Context, Error, Platform, audit};

/// How often a round of one auction is tried before those who wait are told that it failed.
const ATTEMPTS: u32 = 4;
/// Pause before the second attempt; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(5);

/// One answer per command, in the order of the batches.
type Answers = Vec<Vec<Result<Answer, Error>>>;

/// Why a round was not committed.
struct Failed {
    error: Error,
    /// The commit itself failed, so nobody knows whether it happened.
    is_unknown: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            error,
            is_unknown: false,
        }
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

/// Judges `batches` in one transaction and answers everybody after its commit. When that fails for a reason that may be
/// one auction's alone, each gets a transaction of its own.
pub(super) async fn carry_out(platform: &Platform, batches: Vec<Batch>) {
    let failed = match attempt(platform, &batches).await {
        Ok(answers) => return tell(batches, answers),
        Err(failed) => failed,
    };
    if failed.is_unknown {
        return refuse(batches, &failed);
    }
    for batch in batches {
        carry_out_alone(platform, batch).await;
    }
}

async fn carry_out_alone(platform: &Platform, batch: Batch) {
    let batch = [batch];
    let mut pause = PAUSE;
    for attempts in 1..=ATTEMPTS {
        match attempt(platform, &batch).await {
            Ok(answers) => return tell(batch.into(), answers),
            Err(failed) if failed.is_unknown || attempts == ATTEMPTS || !failed.error.is_transient() => {
                return refuse(batch.into(), &failed);
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause *= 2;
    }
}

/// Everybody of a failed round gets the same error; whether a bid with a key was taken is found by sending it again.
fn refuse(batches: Vec<Batch>, failed: &Failed) {
    let error = if failed.is_unknown {
        unknown_outcome().with_detail(&failed.error)
    } else {
        failed.error.clone()
    };
    tracing::warn!(%error, "a round of bids was not committed");
    for waiting in batches.into_iter().flat_map(|batch| batch.waiting) {
        // Whoever waited may have gone.
        let _ = waiting.reply.send(Err(error.clone()));
    }
}

fn tell(batches: Vec<Batch>, answers: Answers) {
    let waiting = batches.into_iter().flat_map(|batch| batch.waiting);
    for (waiting, answer) in waiting.zip(answers.into_iter().flatten()) {
        let _ = waiting.reply.send(answer);
    }
}

/// Where the answer to a command comes from.
enum Source {
    /// The nth command of those that are judged.
    Judged(usize),
    /// The entry that the key led to, or the words that come without one.
    Stored(Result<Answer, Error>),
}

/// What one auction came to.
pub(super) struct Outcome {
    terms: std::sync::Arc<Terms>,
    before: Lot,
    judged: Judged,
    sources: Vec<Source>,
}

async fn attempt(platform: &Platform, batches: &[Batch]) -> Result<Answers, Failed> {
    let ctx = platform.context(Caller::System);
    let mut tx = platform.db().begin().await?;
    let terms: Vec<&Terms> = batches.iter().map(|batch| &*batch.terms).collect();
    let mut lots = store::lock(platform.db(), tx.conn(), &terms).await?;
    let used = used_keys(&mut tx, batches).await?;
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        let lot = lots
            .remove(&batch.terms.auction_id)
            .ok_or_else(|| Error::internal(format_args!("auction {} has no lot", batch.terms.auction_id)))?;
        outcomes.push(judge_batch(&mut tx, batch, lot, &used).await?);
    }
    if write(&ctx, &mut tx, batches, &outcomes).await? {
        ctx.platform.failpoint().reached("bids.before_commit");
        tx.commit().await.map_err(|error| Failed {
            error,
            is_unknown: true,
        })?;
        ctx.platform.failpoint().reached("bids.after_commit");
        outcomes.iter().for_each(|outcome| effects::after_commit(&ctx, outcome));
    } else {
        tx.rollback().await?;
    }
    Ok(outcomes.into_iter().map(answers).collect())
}

async fn used_keys(tx: &mut Tx, batches: &[Batch]) -> Result<HashMap<String, Used>, Error> {
    let waiting = batches.iter().flat_map(|batch| &batch.waiting);
    let mut ids: Vec<&str> = waiting
        .filter_map(|waiting| waiting.key.as_ref())
        .map(|key| key.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    store::used_keys(tx.conn(), &ids).await
}

/// Judges the commands of one auction, except those whose key was used already.
async fn judge_batch(tx: &mut Tx, batch: &Batch, before: Lot, used: &HashMap<String, Used>) -> Result<Outcome, Error> {
    let mut commands: Vec<Stamped> = Vec::with_capacity(batch.waiting.len());
    let mut sources = Vec::with_capacity(batch.waiting.len());
    let mut in_batch: HashMap<&str, (&str, usize)> = HashMap::new();
    for waiting in &batch.waiting {
        let key = waiting.key.as_ref();
        let known = key.and_then(|key| used.get(&key.id).map(|used| (key, used)));
        let twin = key.and_then(|key| in_batch.get(key.id.as_str()).map(|twin| (key, *twin)));
        let source = match (known, twin) {
            (Some((key, used)), _) if key.request == used.request => {
                Source::Stored(stored(tx, &batch.terms, &before, used, waiting).await?)
            }
            (None, Some((key, (request, at)))) if key.request == request => Source::Judged(at),
            (Some(_), _) | (_, Some(_)) => {
                Source::Stored(Err(Error::conflict("Idempotency-Key was used with another body")))
            }
            (None, None) => {
                if let Some(key) = key {
                    in_batch.insert(&key.id, (&key.request, commands.len()));
                }
                commands.push(waiting.stamped.clone());
                Source::Judged(commands.len() - 1)
            }
        };
        sources.push(source);
    }
    let is_retraction = |stamped: &Stamped| matches!(stamped.command, Command::Retract { .. });
    let past = match commands.iter().any(is_retraction) {
        true => store::accepted_bids(tx.conn(), &batch.terms.auction_id).await?,
        false => Vec::new(),
    };
    let judged = judge(&batch.terms, before.clone(), &past, commands);
    Ok(Outcome {
        terms: batch.terms.clone(),
        before,
        judged,
        sources,
    })
}

/// The answer of the first time, read from the history.
async fn stored(
    tx: &mut Tx,
    terms: &Terms,
    lot: &Lot,
    used: &Used,
    waiting: &Waiting,
) -> Result<Result<Answer, Error>, Error> {
    if used.seq == 0 {
        return Ok(Ok(Answer::too_late(terms, lot)));
    }
    let entries = store::entries(tx.conn(), &used.auction_id, used.seq - 1, 1).await?;
    let entry = entries
        .first()
        .filter(|entry| entry.seq == used.seq)
        .ok_or_else(|| Error::internal(format_args!("auction {} lacks entry {}", used.auction_id, used.seq)))?;
    let own_max = match waiting.stamped.command.bidder() {
        Some(bidder) if entry.leader.as_ref() == Some(bidder) => {
            store::own_max(tx.conn(), &used.auction_id, bidder, used.seq).await?
        }
        _ => None,
    };
    Ok(Ok(Answer::of_entry(terms, entry, own_max)))
}

/// Writes what the round changed; false when that is nothing.
async fn write(ctx: &Context, tx: &mut Tx, batches: &[Batch], outcomes: &[Outcome]) -> Result<bool, Error> {
    let (mut entries, mut lots) = (Vec::new(), Vec::new());
    for outcome in outcomes.iter().filter(|outcome| !outcome.judged.entries.is_empty()) {
        let auction_id = &*outcome.terms.auction_id;
        for entry in &outcome.judged.entries {
            entries.push(EntryRow::new(auction_id, entry)?);
        }
        lots.push(LotRow::new(auction_id, &outcome.judged.lot)?);
    }
    let mut keys = new_keys(ctx, batches, outcomes);
    if entries.is_empty() && keys.is_empty() {
        return Ok(false);
    }
    let rows = async {
        store::insert_entries(tx.conn(), &entries).await?;
        store::put_lots(tx.conn(), &lots).await?;
        store::insert_keys(tx.conn(), &mut keys).await
    };
    // The events are written while the database takes the rows.
    let news = async {
        let updates = outcomes.iter().map(|outcome| news::bid_update(ctx, outcome));
        updates.collect::<Result<Vec<_>, _>>()
    };
    let (done, news) = futures_util::join!(rows, news);
    done?;
    let mut tell_outbid = Vec::new();
    for ((batch, outcome), update) in batches.iter().zip(outcomes).zip(news?) {
        if let Some((topic, draft)) = update {
            tx.publish_all(&topic, [draft]);
        }
        tell_outbid.extend(effects::apply(ctx, tx, outcome).await?);
        audit_lines(tx, batch, outcome).await?;
    }
    plan_outbid(tx, &tell_outbid).await?;
    metrics::counter!("rostrum_bid_entries_total").increment(entries.len() as u64);
    metrics::counter!("rostrum_bid_commits_total").increment(1);
    Ok(true)
}

/// The keys of commands that were judged now. A bid that came too late is remembered as that, until the end is written:
/// then every answer is the same anyway.
fn new_keys<'a>(ctx: &Context, batches: &'a [Batch], outcomes: &'a [Outcome]) -> Vec<NewKey<'a>> {
    let mut keys = Vec::new();
    for (batch, outcome) in batches.iter().zip(outcomes) {
        let mut next = 0;
        for (waiting, source) in batch.waiting.iter().zip(&outcome.sources) {
            let Source::Judged(at) = source else { continue };
            // A twin in the same batch points back and has its key written already.
            if *at != next {
                continue;
            }
            next += 1;
            let answer = &outcome.judged.answers[*at];
            if let Some(key) = &waiting.key
                && (answer.seq.is_some() || !outcome.before.phase.is_over())
            {
                keys.push(NewKey {
                    key,
                    auction_id: &outcome.terms.auction_id,
                    seq: answer.seq.unwrap_or(0),
                    expires_at_ms: ctx.now_ms + KEPT_MS,
                });
            }
        }
    }
    keys
}

async fn audit_lines(tx: &mut Tx, batch: &Batch, outcome: &Outcome) -> Result<(), Error> {
    for (waiting, source) in batch.waiting.iter().zip(&outcome.sources) {
        let (Some((actor, action)), Source::Judged(at)) = (&waiting.audit, source) else {
            continue;
        };
        if outcome.judged.answers[*at].verdict == Verdict::Done {
            tx.audit(audit::Entry {
                actor,
                action,
                target: &crate::auctions::topic(&outcome.terms.auction_id),
                detail: waiting.stamped.command.reason(),
            })
            .await?;
        }
    }
    Ok(())
}

fn answers(outcome: Outcome) -> Vec<Result<Answer, Error>> {
    let judged = outcome.judged.answers;
    let answer = |source| match source {
        Source::Judged(at) => Ok(Answer::clone(&judged[at])),
        Source::Stored(answer) => answer,
    };
    outcome.sources.into_iter().map(answer).collect()
}

impl Outcome {
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(super) fn before(&self) -> &Lot {
        &self.before
    }

    pub(super) fn judged(&self) -> &Judged {
        &self.judged
    }
}

impl Answer {
    /// What a bid is told that came at or after the end.
    fn too_late(terms: &Terms, lot: &Lot) -> Self {
        Self {
            verdict: Verdict::Rejected(Reason::Closed),
            seq: None,
            price: lot.price,
            bid_count: lot.bid_count,
            ends_at_ms: lot.ends_at_ms,
            next_minimum: lot.next_minimum(terms),
            late_extension_ms: 0,
            own_max: None,
        }
    }

    /// What the command of `entry` was told.
    fn of_entry(terms: &Terms, entry: &Entry, own_max: Option<i64>) -> Self {
        let next = |price: i64| price.saturating_add(terms.increment);
        Self {
            verdict: entry.verdict,
            seq: Some(entry.seq),
            price: entry.price,
            bid_count: entry.bid_count,
            ends_at_ms: entry.ends_at_ms,
            next_minimum: entry.price.map_or(terms.starting_bid, next),
            late_extension_ms: entry.late_extension_ms,
            own_max,
        }
    }
}

impl Command {
    /// The words that somebody gave with it.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::Withdraw { reason, .. } | Self::Retract { reason, .. } => Some(reason),
            _ => None,
        }
    }
}
