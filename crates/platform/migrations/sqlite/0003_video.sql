-- The ledger: everything we ever asked the video provider for, written before the call. Rows are never removed, so that
-- late news about a deleted channel still finds its owner.
create table video_resources (
    id text not null primary key,
    owner text not null,
    purpose text not null,
    name text not null,
    state text not null,
    arn text,
    attempts bigint not null default 0,
    last_error text,
    created_at_ms bigint not null,
    changed_at_ms bigint not null
) without rowid;

create unique index video_resources_arn on video_resources (arn) where arn is not null;
create index video_resources_owner on video_resources (owner);
create index video_resources_open on video_resources (state) where state <> 'deleted';

-- Broadcasts: one row per on-air period of a channel. A channel has at most one that is not over.
create table broadcasts (
    stream_id text not null primary key,
    channel_arn text not null,
    started_at_ms bigint not null,
    ended_at_ms bigint,
    end_cause text,
    health text not null,
    health_at_ms bigint not null,
    viewers bigint not null,
    peak_viewers bigint not null,
    ingest text,
    told_at_ms bigint not null,
    changed_at_ms bigint not null
) without rowid;

create unique index broadcasts_live on broadcasts (channel_arn) where ended_at_ms is null;
create index broadcasts_channel on broadcasts (channel_arn, started_at_ms);

create table broadcast_samples (
    stream_id text not null,
    at_ms bigint not null,
    video_bitrate_bps bigint not null,
    audio_bitrate_bps bigint not null,
    frame_rate double precision not null,
    keyframe_interval_ms bigint,
    viewers bigint not null,
    primary key (stream_id, at_ms)
) without rowid;

create index broadcast_samples_at on broadcast_samples (at_ms);

-- Ids of the provider's events that were taken, so that a second delivery changes nothing.
create table broadcast_events (
    id text not null primary key,
    at_ms bigint not null
) without rowid;

create index broadcast_events_at on broadcast_events (at_ms);
