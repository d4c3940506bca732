-- Auctions. Prices are minor units of `currency`. The columns about bids stay at their defaults until somebody bids.
create table auctions (
    id text not null primary key,
    host_user_id text not null,
    title text not null,
    description text,
    category text,
    seller_name text not null,
    condition text not null,
    image_url text,
    duration_s bigint not null,
    currency text not null,
    starting_bid bigint not null,
    status text not null,
    created_at_ms bigint not null,
    ends_at_ms bigint not null,
    ended_at_ms bigint,
    end_reason text,
    current_high_bid bigint,
    high_bidder_id text,
    high_bidder_username text,
    bid_count bigint not null default 0,
    anti_snipe_count bigint not null default 0,
    winner_id text,
    winner_username text,
    winning_bid bigint,
    ivs_channel_arn varchar(255) not null,
    ivs_stream_key text not null,
    ivs_playback_url text not null,
    ivs_ingest_endpoint text not null,
    video_resource_id text not null references video_resources (id),
    version bigint not null default 1
) without rowid;

create index auctions_newest on auctions (created_at_ms desc, id desc);
create index auctions_status on auctions (status, created_at_ms desc);
create index auctions_host on auctions (host_user_id, created_at_ms desc);
create index auctions_channel on auctions (ivs_channel_arn);
