//! SQL of lots: the state after the newest entry.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::PER_STATEMENT;
use crate::Error;
use crate::auctions::EndReason;
use crate::auctions::rules::{End, Hash, Id, Leader, Lot, Phase, Standing, Terms, Winner};
use crate::db::{Db, Params, Row, insert_rows, list, padded};

/// The columns of a lot that [`read_lot`] reads; a macro so that statements stay literals.
macro_rules! lot_columns {
    () => {
        "l.phase, l.price, l.leader_id, l.leader_max, l.top, l.bid_count, l.ends_at_ms as lot_ends_at_ms, \
         l.paused_remaining_ms, l.late_extensions, l.ended_at_ms as lot_ended_at_ms, l.end_reason as lot_end_reason, \
         l.winner_id as lot_winner_id, l.winning_bid as lot_winning_bid, l.seq, l.at_ms, l.hash"
    };
}
pub(in crate::auctions) use lot_columns;

/// The lots of `terms`, which are in the order of the auctions' ids, held against other writers until the transaction
/// ends.
pub(in crate::auctions) async fn lock(
    db: &Db,
    connection: &mut AnyConnection,
    terms: &[&Terms],
) -> Result<HashMap<Id, Lot>, Error> {
    let mut lots = HashMap::with_capacity(terms.len());
    for terms in terms.chunks(PER_STATEMENT) {
        let text = format!(
            "select l.auction_id, {} from lots l where l.auction_id in {} order by l.auction_id{}",
            lot_columns!(),
            list(connection, terms.len()),
            db.for_update()
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for terms in padded(terms) {
            query = query.bind(&*terms.auction_id);
        }
        let rows = query.fetch_all(&mut *connection).await?;
        for row in &rows {
            let auction_id: &str = row.try_get("auction_id")?;
            if let Ok(at) = terms.binary_search_by(|terms| (*terms.auction_id).cmp(auction_id)) {
                lots.insert(terms[at].auction_id.clone(), read_lot(row, terms[at])?);
            }
        }
    }
    Ok(lots)
}

/// Reads the columns of [`lot_columns`].
pub(in crate::auctions) fn read_lot(row: &AnyRow, terms: &Terms) -> Result<Lot, Error> {
    let damaged = |what: &str| Error::internal(format_args!("the lot of {} has a damaged {what}", terms.auction_id));
    let phase: &str = row.try_get("phase")?;
    let hash: Option<&str> = row.try_get("hash")?;
    let top: Vec<(String, i64, i64, i64)> =
        serde_json::from_str(row.try_get::<&str, _>("top")?).map_err(|_| damaged("top"))?;
    let start = Lot::new(terms);
    Ok(Lot {
        phase: Phase::parse(phase).ok_or_else(|| damaged("phase"))?,
        price: row.try_get("price")?,
        leader: pair(row, "leader_id", "leader_max")?.map(|(bidder, max)| Leader { bidder, max }),
        top: top
            .into_iter()
            .map(|(bidder, amount, seq, at_ms)| Standing {
                bidder: bidder.into(),
                amount,
                seq,
                at_ms,
            })
            .collect(),
        bid_count: row.try_get("bid_count")?,
        ends_at_ms: row.try_get("lot_ends_at_ms")?,
        paused_remaining_ms: row.try_get("paused_remaining_ms")?,
        anti_snipe_count: row.try_get("late_extensions")?,
        ended: read_end(row, &damaged)?,
        seq: row.try_get("seq")?,
        at_ms: row.try_get("at_ms")?,
        hash: match hash {
            None => start.hash,
            Some(text) => Hash::from_hex(text).ok_or_else(|| damaged("hash"))?,
        },
    })
}

fn read_end(row: &AnyRow, damaged: &dyn Fn(&str) -> Error) -> Result<Option<End>, Error> {
    let (at_ms, reason): (Option<i64>, Option<&str>) =
        (row.try_get("lot_ended_at_ms")?, row.try_get("lot_end_reason")?);
    let (Some(at_ms), Some(reason)) = (at_ms, reason) else {
        return Ok(None);
    };
    let winner = pair(row, "lot_winner_id", "lot_winning_bid")?;
    Ok(Some(End {
        at_ms,
        reason: EndReason::parse(reason).ok_or_else(|| damaged("end reason"))?,
        winner: winner.map(|(bidder, price)| Winner { bidder, price }),
    }))
}

/// An account and an amount that are both there or both not.
fn pair(row: &AnyRow, id: &str, amount: &str) -> Result<Option<(Id, i64)>, Error> {
    let id: Option<&str> = row.try_get(id)?;
    Ok(id.map(Id::from).zip(row.try_get(amount)?))
}

/// A lot to write.
pub(in crate::auctions) struct LotRow<'a> {
    auction_id: &'a str,
    lot: &'a Lot,
    top: String,
    hash: Option<String>,
}

impl<'a> LotRow<'a> {
    pub(in crate::auctions) fn new(auction_id: &'a str, lot: &'a Lot) -> Result<Self, Error> {
        let top: Vec<_> = lot
            .top
            .iter()
            .map(|standing| (&*standing.bidder, standing.amount, standing.seq, standing.at_ms))
            .collect();
        Ok(Self {
            auction_id,
            lot,
            top: serde_json::to_string(&top).map_err(Error::internal)?,
            hash: (lot.seq > 0).then(|| lot.hash.to_hex()),
        })
    }
}

impl Row for LotRow<'_> {
    const COLUMNS: usize = 17;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        let lot = self.lot;
        let (leader, ended) = (lot.leader.as_ref(), lot.ended.as_ref());
        let winner = ended.and_then(|end| end.winner.as_ref());
        query
            .bind(self.auction_id)
            .bind(lot.phase.as_str())
            .bind(lot.price)
            .bind(leader.map(|leader| &*leader.bidder))
            .bind(leader.map(|leader| leader.max))
            .bind(&*self.top)
            .bind(lot.bid_count)
            .bind(lot.ends_at_ms)
            .bind(lot.paused_remaining_ms)
            .bind(lot.anti_snipe_count)
            .bind(ended.map(|end| end.at_ms))
            .bind(ended.map(|end| end.reason.as_str()))
            .bind(winner.map(|winner| &*winner.bidder))
            .bind(winner.map(|winner| winner.price))
            .bind(lot.seq)
            .bind(lot.at_ms)
            .bind(self.hash.as_deref())
    }
}

/// Writes lots, new or changed.
pub(in crate::auctions) async fn put_lots(connection: &mut AnyConnection, lots: &[LotRow<'_>]) -> Result<(), Error> {
    insert_rows(
        connection,
        "insert into lots (auction_id, phase, price, leader_id, leader_max, top, bid_count, ends_at_ms, \
         paused_remaining_ms, late_extensions, ended_at_ms, end_reason, winner_id, winning_bid, seq, at_ms, hash) values",
        lots,
        "on conflict (auction_id) do update set phase = excluded.phase, price = excluded.price, \
         leader_id = excluded.leader_id, leader_max = excluded.leader_max, top = excluded.top, \
         bid_count = excluded.bid_count, ends_at_ms = excluded.ends_at_ms, \
         paused_remaining_ms = excluded.paused_remaining_ms, late_extensions = excluded.late_extensions, \
         ended_at_ms = excluded.ended_at_ms, end_reason = excluded.end_reason, winner_id = excluded.winner_id, \
         winning_bid = excluded.winning_bid, seq = excluded.seq, at_ms = excluded.at_ms, hash = excluded.hash",
    )
    .await?;
    Ok(())
}
