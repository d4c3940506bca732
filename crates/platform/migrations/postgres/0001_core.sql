-- Events: one numbered log per topic. `seq` of a topic is the number of its newest event.
create table topics (
    topic text not null primary key,
    seq bigint not null,
    pruned_seq bigint not null default 0
);

create table events (
    topic text not null,
    seq bigint not null,
    kind text not null,
    payload text not null,
    at_ms bigint not null,
    primary key (topic, seq)
);

create index events_at on events (at_ms);

-- Jobs: work to do at or after run_at_ms. `generation` grows whenever a job is moved, so that a worker that finishes
-- the earlier plan cannot remove the later one.
create table jobs (
    name text not null,
    key text not null,
    payload text not null,
    run_at_ms bigint not null,
    attempts bigint not null default 0,
    generation bigint not null default 0,
    lease_owner text,
    lease_until_ms bigint,
    last_error text,
    failed_at_ms bigint,
    created_at_ms bigint not null,
    primary key (name, key)
);

create index jobs_due on jobs (run_at_ms) where failed_at_ms is null and lease_owner is null;
create index jobs_leased on jobs (lease_until_ms) where lease_owner is not null;

-- Audit: who did what to which thing when. Rows are only ever added.
create table audit (
    id text not null primary key,
    at_ms bigint not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text
);

create index audit_target on audit (target, at_ms);
