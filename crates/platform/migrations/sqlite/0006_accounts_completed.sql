-- Sessions: a sign-in and what grew from it, for people to see and to end. `id` is the family of its refresh tokens.
create table account_sessions (
    id text not null primary key,
    account_id text not null references accounts (id),
    created_at_ms bigint not null,
    last_used_at_ms bigint not null,
    expires_at_ms bigint not null,
    address text,
    user_agent text not null
) without rowid;

create index account_sessions_account on account_sessions (account_id, last_used_at_ms);
create index account_sessions_expiry on account_sessions (expires_at_ms);

insert into account_sessions (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, address, user_agent)
select family, account_id, min(created_at_ms), max(created_at_ms), max(expires_at_ms), null, ''
from refresh_tokens group by family, account_id;

-- An account without a password has an empty `password_hash`, which no password verifies against, also not in versions
-- that know nothing of it.

-- Codes sent by e-mail, one per attempt to sign in. `session` is the keyed hash of what the client holds. `code_hash` is
-- empty when no code was sent because nobody could be signed in; such a row is there so that the answers are alike.
create table sign_in_codes (
    session text not null primary key,
    email text not null,
    challenge text not null,
    name text not null,
    code_hash text not null,
    tries bigint not null,
    created_at_ms bigint not null,
    expires_at_ms bigint not null
) without rowid;

create index sign_in_codes_email on sign_in_codes (email, created_at_ms);
create index sign_in_codes_age on sign_in_codes (created_at_ms);

-- Links to set a new password, found by keyed hash: at most one per account. A used one stays, expired, so that the job
-- that made it does not make it again.
create table password_resets (
    account_id text not null primary key references accounts (id),
    hash text not null,
    expires_at_ms bigint not null,
    constraint password_resets_hash_key unique (hash)
) without rowid;

create index password_resets_expiry on password_resets (expires_at_ms);

-- When mail was asked for an address (by keyed hash), so that nobody's mailbox is flooded: a JSON list of epoch ms, the
-- latest hour only.
create table account_mailings (
    email_hash text not null primary key,
    sent_at_ms text not null,
    expires_at_ms bigint not null
) without rowid;

create index account_mailings_expiry on account_mailings (expires_at_ms);
