-- `document` is the room as chat::room::Room serialises it; the columns beside it are what lists filter by.
create table rooms (
    seq integer primary key autoincrement,
    arn text not null unique,
    name text not null,
    review_uri text not null,
    document text not null,
    created_at_ms integer not null
) strict;
create index rooms_by_name on rooms (name, seq);
