-- Accounts. `roles` is a JSON list. `token_version` grows when every access token must end (password changed, closed).
create table accounts (
    id text not null primary key,
    email text not null,
    name text not null,
    password_hash text not null,
    roles text not null,
    token_version bigint not null default 0,
    created_at_ms bigint not null,
    closed_at_ms bigint,
    constraint accounts_email_key unique (email)
) without rowid;

-- Refresh tokens, found by keyed hash. All tokens that grew from one sign-in form a family; a used token stays until it
-- expires, so that its second use is noticed.
create table refresh_tokens (
    hash text not null primary key,
    family text not null,
    account_id text not null references accounts (id),
    created_at_ms bigint not null,
    expires_at_ms bigint not null,
    used_at_ms bigint
) without rowid;

create index refresh_tokens_family on refresh_tokens (family);
create index refresh_tokens_account on refresh_tokens (account_id);
create index refresh_tokens_expiry on refresh_tokens (expires_at_ms);

-- Service keys, found by keyed hash.
create table service_keys (
    id text not null primary key,
    name text not null,
    hash text not null,
    roles text not null,
    created_by text not null,
    created_at_ms bigint not null,
    constraint service_keys_hash_key unique (hash)
) without rowid;

-- The one-time token of the set-up link: at most one row.
create table setup_tokens (
    id bigint not null primary key check (id = 1),
    hash text not null,
    expires_at_ms bigint not null
);
