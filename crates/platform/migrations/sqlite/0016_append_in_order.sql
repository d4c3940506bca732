-- The history of bids and the log of events become tables in the order of insertion. Clustered by auction and topic, a
-- commit that adds a row to each of a thousand lots rewrote a page of every lot for each of them, and a page more for
-- every event that is longer than a quarter of a page; now the rows go to the end and only the keys are spread.
create table events_in_order (
    topic text not null,
    seq bigint not null,
    kind text not null,
    payload text not null,
    at_ms bigint not null,
    primary key (topic, seq)
);

insert into events_in_order (topic, seq, kind, payload, at_ms)
    select topic, seq, kind, payload, at_ms from events order by at_ms, topic, seq;
drop table events;
alter table events_in_order rename to events;
create index events_at on events (at_ms);

create table auction_entries_in_order (
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
);

insert into auction_entries_in_order
        (auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount, target_seq, price, leader_id, bid_count,
         ends_at_ms, late_extension_ms, hash, data)
    select auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount, target_seq, price, leader_id, bid_count,
           ends_at_ms, late_extension_ms, hash, data
    from auction_entries order by at_ms, auction_id, seq;
drop table auction_entries;
alter table auction_entries_in_order rename to auction_entries;
create index auction_entries_bidder on auction_entries (bidder_id, auction_id, seq) where bidder_id is not null;
create index auction_entries_target on auction_entries (auction_id, target_seq) where target_seq is not null;
