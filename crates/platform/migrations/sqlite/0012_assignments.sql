-- Who may broadcast on which channel. A host has one channel at most; several hosts may share one.
create table channel_assignments (
    host_user_id text not null primary key references accounts (id),
    channel_id text not null references channels (id),
    assigned_at_ms bigint not null,
    assigned_by text not null
) without rowid;

create index channel_assignments_channel on channel_assignments (channel_id, assigned_at_ms);

-- The calendar of a channel: windows, half open, that never overlap on one channel. Writers hold the channel's row.
create table channel_bookings (
    id text not null primary key,
    channel_id text not null references channels (id),
    host_user_id text not null references accounts (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    note text,
    created_by text not null,
    created_at_ms bigint not null,
    constraint channel_bookings_order check (starts_at_ms < ends_at_ms)
) without rowid;

create index channel_bookings_calendar on channel_bookings (channel_id, ends_at_ms, starts_at_ms);
create index channel_bookings_host on channel_bookings (host_user_id, ends_at_ms);

-- Stream keys that are being changed: from the commit that ordered it until the new key is stored, the old key counts as
-- revoked and nobody is shown any. `holder` is who is at it, until `held_until_ms`.
create table channel_key_changes (
    channel_id text not null primary key references channels (id),
    requested_by text not null,
    requested_at_ms bigint not null,
    holder text,
    held_until_ms bigint
) without rowid;
