-- The ledger of stored files, written before the file itself. `pending` files are dropped at `drop_at_ms` unless somebody
-- keeps them first; a file that is being dropped can be kept no more.
create table stored_files (
    path text not null primary key,
    state text not null,
    created_at_ms bigint not null,
    drop_at_ms bigint
);

create index stored_files_due on stored_files (state, drop_at_ms) where state <> 'kept';

-- The pictures of an auction, in the order of `position`: stored ones have a name, links have an address.
create table auction_pictures (
    id text not null primary key,
    auction_id text not null references auctions (id),
    position bigint not null,
    name text,
    thumbnail text,
    link text,
    width bigint,
    height bigint,
    created_at_ms bigint not null
);

create index auction_pictures_auction on auction_pictures (auction_id, position);

insert into auction_pictures (id, auction_id, position, link, created_at_ms)
    select id, id, 0, image_url, created_at_ms from auctions where image_url is not null;

-- Viewers times milliseconds, counted up to the row's last change: samples are dropped after a day, this stays.
alter table broadcasts add column viewer_ms bigint not null default 0;

-- What the channel was made as; it decides what the provider charges for input.
alter table video_resources add column channel_type text;
