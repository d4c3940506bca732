-- Outgoing mail. `id` is a keyed hash of the key that makes a mail unique. `sealed` holds subject and bodies until the
-- mail is delivered or given up. `state` is queued, sent, failed or kept (a development server's, never sent).
create table mails (
    id text not null primary key,
    recipient text not null,
    sealed text,
    state text not null,
    lane bigint not null,
    attempts bigint not null default 0,
    next_attempt_at_ms bigint not null,
    last_error text,
    created_at_ms bigint not null,
    settled_at_ms bigint
) without rowid;

create index mails_due on mails (lane, next_attempt_at_ms, id) where state = 'queued';
create index mails_newest on mails (state, created_at_ms desc, id desc);
create index mails_settled on mails (settled_at_ms) where settled_at_ms is not null;

-- What a person is told in the application. `subject_key` is what the notice is about: one notice per person and key.
create table notifications (
    id text not null primary key,
    account_id text not null,
    kind text not null,
    subject_key text not null,
    title text not null,
    text text not null,
    href text not null,
    created_at_ms bigint not null,
    read_at_ms bigint,
    constraint notifications_subject unique (account_id, subject_key)
) without rowid;

create index notifications_newest on notifications (account_id, created_at_ms desc, id desc);
create index notifications_unread on notifications (account_id) where read_at_ms is null;
create index notifications_age on notifications (created_at_ms);

-- How far the people of a running auction were told that they were outbid: the number of the last bid that was looked at.
create table auction_notices (
    auction_id text not null primary key,
    outbid_seq bigint not null
) without rowid;
