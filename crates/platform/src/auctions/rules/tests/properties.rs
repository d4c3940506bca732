//! Random auctions.

use proptest::prelude::*;

use super::*;

/// Something to ask, in small numbers so that ties and raises are frequent.
fn command() -> impl Strategy<Value = Command> {
    let bidder = prop::sample::select(vec!["ann", "bob", "cid", "dan", "seller"]);
    let bids = (bidder.clone(), 1_i64..60, prop::option::of(0_i64..40), any::<bool>()).prop_map(
        |(bidder, amount, above, is_confirmed)| {
            Command::Bid(Bid {
                bidder: bidder.into(),
                amount: amount * 5,
                max_amount: above.map(|above| (amount + above) * 5),
                is_confirmed,
            })
        },
    );
    prop_oneof![
        40 => bids,
        1 => bidder.prop_map(|buyer| Command::BuyNow { buyer: buyer.into() }),
        1 => Just(Command::Pause { by: seller() }),
        2 => Just(Command::Resume { by: seller() }),
        1 => (0_i64..90_000).prop_map(|by_ms| Command::Extend { by: seller(), by_ms }),
        1 => Just(Command::Close { by: By::System }),
        1 => (1_i64..30).prop_map(|seq| Command::Retract { by: admin(), seq, reason: "r".into() }),
        1 => Just(Command::Open),
    ]
}

fn stamped() -> impl Strategy<Value = Vec<Stamped>> {
    let step = (-5_000_i64..40_000, command());
    prop::collection::vec(step, 1..60).prop_map(|steps| {
        let mut now_ms = END_MS - 300_000;
        let stamp = |(step_ms, command)| {
            now_ms += step_ms;
            at(now_ms, command)
        };
        steps.into_iter().map(stamp).collect()
    })
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let reserve = prop::option::of(1_i64..50);
    let buy_now = prop::option::of(60_i64..70);
    (1_i64..8, reserve, buy_now, any::<bool>(), 0_i64..4).prop_map(
        |(increment, reserve, buy_now, is_scheduled, extensions_max)| Terms {
            starting_bid: 20,
            increment: increment * 2,
            reserve: reserve.map(|reserve| 20 + reserve * 5),
            buy_now: buy_now.map(|price| price * 5),
            starts_at_ms: is_scheduled.then_some(END_MS - 280_000),
            anti_snipe: AntiSnipe {
                extensions_max,
                ..AntiSnipe::DEFAULT
            },
            ..terms()
        },
    )
}

/// The highest maximum and its earliest holder among accepted bids, by a rule of its own.
fn best(bids: &[PastBid]) -> Option<(Id, i64)> {
    let mut best: Option<(Id, i64)> = None;
    for bid in bids {
        if best.as_ref().is_none_or(|(_, max)| bid.max > *max) {
            best = Some((bid.bidder.clone(), bid.max));
        }
    }
    best
}

fn check(terms: &Terms, commands: &[Stamped]) -> Result<(), TestCaseError> {
    let mut lot = Lot::new(terms);
    let mut entries: Vec<Entry> = Vec::new();
    for command in commands {
        let before = lot.clone();
        let judged = judge(terms, lot, &past(&entries), vec![command.clone()]);
        lot = judged.lot;
        entries.extend(judged.entries);
        let is_retraction = matches!(command.command, Command::Retract { .. });
        prop_assert!(is_retraction || lot.price >= before.price, "the price fell");
        prop_assert!(lot.ends_at_ms >= before.ends_at_ms);
        prop_assert!(lot.at_ms >= before.at_ms);
        prop_assert!(
            before.ended.is_none() || lot == before,
            "something changed after the end"
        );
        if judged.answers[0].verdict.makes_entry() {
            prop_assert_eq!(lot.seq, before.seq + 1);
        } else {
            prop_assert_eq!(&lot, &before);
        }
        let bids = past(&entries);
        prop_assert_eq!(lot.bid_count, i64::try_from(bids.len()).unwrap());
        if lot
            .ended
            .as_ref()
            .is_some_and(|end| end.reason == crate::auctions::EndReason::BuyNow)
        {
            continue;
        }
        let leader = lot.leader.clone().map(|leader| (leader.bidder, leader.max));
        prop_assert_eq!(&leader, &best(&bids), "not the earliest holder of the highest maximum");
        let Some((leader, max)) = leader else {
            prop_assert_eq!(lot.price, None);
            continue;
        };
        let price = lot.price.unwrap();
        let others = bids.iter().filter(|bid| bid.bidder != leader).map(|bid| bid.max);
        prop_assert!(price <= max);
        prop_assert!(price >= others.max().unwrap_or(0).min(max));
        prop_assert!(price >= terms.reserve.filter(|reserve| max >= *reserve).unwrap_or(0));
        prop_assert_eq!((&lot.top[0].bidder, lot.top[0].amount), (&leader, price));
    }
    prop_assert_eq!(verify(terms, &entries), Ok(lot.clone()));

    let whole = judge(terms, Lot::new(terms), &[], commands.to_vec());
    prop_assert_eq!(&whole.entries, &entries, "a batch differs from its commands one by one");
    prop_assert_eq!(whole.lot, lot);
    Ok(())
}

/// One field changed, as somebody with access to the database could; the number of the field wraps around.
fn tamper(entry: &mut Entry, field: usize) {
    match field % 9 {
        0 => entry.seq += 1,
        1 => entry.at_ms += 1,
        2 => entry.price = Some(entry.price.unwrap_or(0) + 1),
        3 => entry.leader = Some("mallory".into()),
        4 => entry.bid_count += 1,
        5 => entry.ends_at_ms += 1,
        6 => entry.late_extension_ms += 1,
        7 => entry.hash.0[field % 32] ^= 1,
        _ => {
            entry.verdict = match entry.verdict {
                Verdict::Leading => Verdict::Beaten,
                _ => Verdict::Leading,
            }
        }
    }
}

fn tamper_with_command(entry: &mut Entry) {
    match &mut entry.command {
        Command::Bid(bid) => bid.amount += 1,
        Command::BuyNow { buyer } => *buyer = "mallory".into(),
        Command::Pause { by } | Command::Resume { by } | Command::Close { by } | Command::Extend { by, .. } => {
            *by = By::Admin("mallory".into());
        }
        Command::Withdraw { reason, .. } | Command::Retract { reason, .. } => reason.push('!'),
        Command::Open => {
            entry.command = Command::BuyNow {
                buyer: "mallory".into(),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn leader_price_and_clock_keep_their_promises(terms in any_terms(), commands in stamped()) {
        check(&terms, &commands)?;
    }

    #[test]
    fn any_changed_field_is_found(commands in stamped(), which in any::<prop::sample::Index>(), field in 0_usize..320) {
        let terms = terms();
        let mut entries = run(&terms, commands).entries;
        prop_assume!(!entries.is_empty());
        let at = which.index(entries.len());
        let honest = entries.clone();
        tamper(&mut entries[at], field);
        prop_assert!(verify(&terms, &entries).is_err_and(|wrong| wrong.seq == honest[at].seq));

        let mut entries = honest.clone();
        tamper_with_command(&mut entries[at]);
        prop_assert!(verify(&terms, &entries).is_err_and(|wrong| wrong.seq == honest[at].seq));

        let mut entries = honest.clone();
        entries.remove(at);
        prop_assert!(at == entries.len() || verify(&terms, &entries).is_err());

        // Whoever rewrites the hashes too is found by the rules, or by the last hash, which was told to others.
        let mut entries = honest.clone();
        tamper_with_command(&mut entries[at]);
        let mut previous = Lot::new(&terms).hash;
        for entry in &mut entries {
            entry.hash = entry.hash_after(&terms.auction_id, previous);
            previous = entry.hash;
        }
        let told = honest.last().map(|entry| entry.hash);
        prop_assert!(verify(&terms, &entries).is_ok_and(|lot| Some(lot.hash) != told) || verify(&terms, &entries).is_err());
    }

    #[test]
    fn changed_terms_are_found(commands in stamped(), which in 0..3) {
        let honest = run(&terms(), commands).entries;
        prop_assume!(!honest.is_empty());
        let mut changed = terms();
        match which {
            0 => changed.reserve = Some(1),
            1 => changed.scheduled_end_ms += 1,
            _ => changed.seller_id = "mallory".into(),
        }
        prop_assert!(verify(&changed, &honest).is_err_and(|wrong| wrong.seq == 1));
    }
}
