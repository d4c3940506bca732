-- Persistent channels. A row stays when its channel is deleted, so that what happened on it keeps its name; the stream key
-- goes then. The claim is who is using the channel: all of its columns are null, or none but the lease and the session.
-- `stream_key` is sealed.
create table channels (
    id text not null primary key,
    name text not null,
    ivs_name text not null,
    arn text not null,
    playback_url text not null,
    ingest_endpoint text not null,
    video_resource_id text not null references video_resources (id),
    stream_key text,
    recording_enabled bigint not null,
    recording_configuration_arn text,
    disabled_at_ms bigint,
    claim_kind text,
    claim_id text,
    claim_session_id text,
    claimed_by text,
    claimed_at_ms bigint,
    claim_lease_ms bigint,
    sessions_ended bigint not null default 0,
    session_ended_at_ms bigint,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    deleted_at_ms bigint
);

create index channels_newest on channels (created_at_ms desc, id desc) where deleted_at_ms is null;
create index channels_arn on channels (arn);
create index channels_lease on channels (claim_lease_ms) where claim_lease_ms is not null;

-- When sessions used a channel: what was on air meanwhile is no broadcast of its own.
create table channel_uses (
    channel_id text not null references channels (id),
    claim_id text not null,
    since_ms bigint not null,
    until_ms bigint,
    primary key (channel_id, claim_id)
);

create index channel_uses_since on channel_uses (channel_id, since_ms);

-- Places in the pool that a creation holds while the provider is asked. The one row of `channel_pool` orders those who count.
create table channel_pool (
    id bigint not null primary key check (id = 1),
    version bigint not null
);

insert into channel_pool (id, version) values (1, 0);

create table channel_reservations (
    channel_id text not null primary key,
    attempt text not null,
    reserved_at_ms bigint not null
);

-- The recording configuration of an installation is made once, however many ask for it at the same time.
create unique index video_resources_recording on video_resources (purpose)
    where kind = 'recording' and state in ('creating', 'active');
