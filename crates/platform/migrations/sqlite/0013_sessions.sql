-- Shows: what a host announces and goes on air with.
create table shows (
    id text not null primary key,
    title text not null,
    description text,
    host_user_id text not null,
    status text not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null
) without rowid;

create index shows_newest on shows (created_at_ms desc, id desc);
create index shows_host on shows (host_user_id, created_at_ms desc, id desc);

-- Sessions: a host's claim on a channel, from start to end. While one runs, its lease is that of the channel's claim. How long
-- it was on air follows from the broadcasts. `publisher` is what became of the encoder at the end: null when none was on air,
-- `left`, `stopped`, or what went wrong.
create table sessions (
    id text not null primary key,
    channel_id text not null references channels (id),
    host_user_id text not null,
    show_id text not null references shows (id),
    episode_id text,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    ended_at_ms bigint,
    end_cause text,
    ended_by text,
    publisher text
) without rowid;

create unique index sessions_active on sessions (channel_id) where ended_at_ms is null;
create index sessions_host on sessions (host_user_id, id desc);
create index sessions_channel on sessions (channel_id, id desc);
