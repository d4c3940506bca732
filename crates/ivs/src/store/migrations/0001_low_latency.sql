create table meta (
    name text primary key not null,
    value blob not null
) strict;

-- `document` is the channel as low_latency::channel::Channel serialises it.
create table channels (
    seq integer primary key autoincrement,
    arn text not null unique,
    name text not null,
    document text not null,
    created_at_ms integer not null
) strict;
create index channels_by_name on channels (name, seq);

-- `digest` finds a presented key, `sealed` shows it again to who may see it.
create table stream_keys (
    seq integer primary key autoincrement,
    arn text not null unique,
    channel_arn text not null references channels (arn) on delete cascade,
    digest blob not null unique,
    sealed blob not null,
    tags text not null,
    created_at_ms integer not null
) strict;
create index stream_keys_by_channel on stream_keys (channel_arn, seq);

-- One row per live period. `channel` is the channel as it was when the key was accepted. The row outlives its channel,
-- because the end of a stream is recorded after the encoder is gone and the channel may be deleted by then.
create table stream_sessions (
    seq integer primary key autoincrement,
    stream_id text not null unique,
    channel_arn text not null,
    channel text not null,
    ingest text,
    created_at_ms integer not null,
    started_at_ms integer,
    disconnected_at_ms integer,
    ended_at_ms integer,
    has_error integer not null default 0
) strict;
create index stream_sessions_by_channel on stream_sessions (channel_arn, seq);
create index stream_sessions_open on stream_sessions (seq) where ended_at_ms is null;

create table stream_events (
    seq integer primary key autoincrement,
    stream_id text not null references stream_sessions (stream_id) on delete cascade,
    type text not null,
    name text not null,
    code text,
    at_ms integer not null
) strict;
create index stream_events_by_stream on stream_events (stream_id, seq);

-- Events on their way out, in order of `seq`. A parked one was given up and is kept for inspection.
create table outbox (
    seq integer primary key autoincrement,
    body text not null,
    created_at_ms integer not null,
    attempts integer not null default 0,
    parked_at_ms integer
) strict;
create index outbox_waiting on outbox (seq) where parked_at_ms is null;
