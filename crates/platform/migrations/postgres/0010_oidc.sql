-- People of an outside issuer, one account each. `roles_at_s` and `profile_at_s` say how new the token is that roles, and
-- name and e-mail, are from: an older one that arrives later changes nothing.
create table oidc_identities (
    issuer text not null,
    subject text not null,
    account_id text not null references accounts (id),
    roles_at_s bigint not null,
    profile_at_s bigint not null,
    created_at_ms bigint not null,
    constraint oidc_identities_pkey primary key (issuer, subject),
    constraint oidc_identities_account_key unique (account_id)
);
