-- Bids. What the seller fixes is on the auction; everything that moves is on its lot, a narrow row, because a bid must not
-- rewrite the listing with its picture. Amounts are minor units of the auction's currency.
alter table auctions add column bid_increment bigint not null default 100;
alter table auctions add column reserve_price bigint;
alter table auctions add column buy_now_price bigint;
alter table auctions add column proxy_bidding bigint not null default 1;
alter table auctions add column late_window_ms bigint not null default 30000;
alter table auctions add column late_extension_ms bigint not null default 30000;
alter table auctions add column late_extensions_max bigint not null default 5;
alter table auctions add column starts_at_ms bigint;

-- One whole unit in currencies that do not have two decimals.
update auctions set bid_increment = 1 where currency in
    ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF');
update auctions set bid_increment = 1000 where currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND');

-- The state after the newest entry of the history. `auctions.ends_at_ms` stays the scheduled end; the columns about bids
-- that `auctions` got before this step are no longer used. `top` is a JSON list of [bidder, amount, seq, at_ms].
create table lots (
    auction_id text not null primary key references auctions (id),
    phase text not null,
    price bigint,
    leader_id text,
    leader_max bigint,
    top text not null default '[]',
    bid_count bigint not null default 0,
    ends_at_ms bigint not null,
    paused_remaining_ms bigint,
    late_extensions bigint not null default 0,
    ended_at_ms bigint,
    end_reason text,
    winner_id text,
    winning_bid bigint,
    seq bigint not null default 0,
    at_ms bigint not null default 0,
    hash text
) without rowid;

insert into lots (auction_id, phase, ends_at_ms, ended_at_ms, end_reason)
    select id, case when status = 'live' then 'open' else 'unsold' end, ends_at_ms, ended_at_ms, end_reason from auctions;

-- The history: only ever added to, each entry chained to the one before by its hash. `data` is JSON: what a command that
-- is no bid asked for, and whether a bid was confirmed.
create table auction_entries (
    auction_id text not null,
    seq bigint not null,
    at_ms bigint not null,
    kind text not null,
    verdict text not null,
    bidder_id text,
    amount bigint,
    max_amount bigint,
    target_seq bigint,
    price bigint,
    leader_id text,
    bid_count bigint not null,
    ends_at_ms bigint not null,
    late_extension_ms bigint not null,
    hash text not null,
    data text,
    primary key (auction_id, seq)
) without rowid;

create index auction_entries_bidder on auction_entries (bidder_id, auction_id, seq) where bidder_id is not null;
create index auction_entries_target on auction_entries (auction_id, target_seq) where target_seq is not null;

-- Idempotency keys. `id` is a hash of account and key, `request` of what was asked; `seq` is the entry that answered, 0
-- when the bid came too late for one.
create table bid_keys (
    id text not null primary key,
    request text not null,
    auction_id text not null,
    seq bigint not null,
    expires_at_ms bigint not null
) without rowid;

create index bid_keys_expiry on bid_keys (expires_at_ms);
