-- The ledger learns a second kind of resource: chat rooms beside channels.
alter table video_resources add column kind text not null default 'channel';

-- The chat of an auction. `listen_until_ms` is when nobody can be in it any more; until then one process listens, holds the
-- lease `listener` and says until when it certainly hears everything.
create table chat_rooms (
    auction_id text not null primary key references auctions (id),
    arn text not null,
    resource_id text not null references video_resources (id),
    created_at_ms bigint not null,
    last_seq bigint not null default 0,
    listen_until_ms bigint not null default 0,
    listener text,
    lease_until_ms bigint not null default 0,
    heard_until_ms bigint not null default 0
);

create index chat_rooms_listened on chat_rooms (listen_until_ms) where listen_until_ms > 0;

-- Who ever got a token for a chat, under the name that others see, and what they may not do there. Epoch ms; 0 is "may".
create table chat_members (
    auction_id text not null,
    user_id text not null,
    account_id text not null,
    username text not null,
    role text not null,
    muted_until_ms bigint not null default 0,
    banned_until_ms bigint not null default 0,
    reason text,
    restricted_at_ms bigint not null default 0,
    primary key (auction_id, user_id)
);

-- What was said, in the order it was heard. The text of a deleted message is gone.
create table chat_messages (
    auction_id text not null,
    seq bigint not null,
    message_id text not null,
    user_id text not null,
    username text not null,
    message text not null,
    sent_at_ms bigint not null,
    is_deleted bigint not null default 0,
    primary key (auction_id, seq)
);

create unique index chat_messages_id on chat_messages (auction_id, message_id);
