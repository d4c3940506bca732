-- One row per person who keeps groups and programmes: it orders that person's changes, so that limits hold.
create table group_owners (
    owner_id text not null primary key,
    version bigint not null
);

-- What a programme manager plans together. `tags` is a JSON list of words; the picture's columns are all null or none.
create table program_groups (
    id text not null primary key,
    owner_id text not null references accounts (id),
    name text not null,
    description text,
    category text,
    visibility text not null,
    tags text not null,
    picture_name text,
    picture_thumbnail text,
    picture_width bigint,
    picture_height bigint,
    created_at_ms bigint not null,
    updated_at_ms bigint not null
);

create index program_groups_owner on program_groups (owner_id, id);

-- Programmes, in a group in the order of `position`, or in none. `tags` is a JSON list of words.
create table programs (
    id text not null primary key,
    owner_id text not null references accounts (id),
    group_id text references program_groups (id),
    position bigint not null,
    title text not null,
    description text,
    broadcast_type text not null,
    program_url text,
    program_image text,
    is_premium bigint not null,
    duration_s bigint,
    tags text not null,
    source_type text,
    s3_key text,
    created_at_ms bigint not null,
    updated_at_ms bigint not null
);

create index programs_owner on programs (owner_id, id);
create index programs_group on programs (group_id, position) where group_id is not null;

-- Asking for a channel. A request outlives its group, whose name it keeps. `channel_id` is chosen before the channel is made,
-- so that an approval that goes on after a crash makes the same one; it is the channel's once the request is approved.
-- `approval_id` is the approval under way, which nobody disturbs until `approval_until_ms`.
create table channel_requests (
    id text not null primary key,
    group_id text not null,
    group_name text not null,
    owner_id text not null references accounts (id),
    requested_by text not null,
    proposed_name text not null,
    note text,
    status text not null,
    reason text,
    channel_id text,
    approval_id text,
    approval_until_ms bigint,
    requested_at_ms bigint not null,
    decided_at_ms bigint,
    decided_by text
);

create unique index channel_requests_pending on channel_requests (group_id) where status = 'PENDING';
create index channel_requests_owner on channel_requests (owner_id, id);
create index channel_requests_status on channel_requests (status, id);
create index channel_requests_group on channel_requests (group_id, id);
create index channel_requests_channel on channel_requests (channel_id) where channel_id is not null;
