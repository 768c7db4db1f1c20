-- What the API processes together have let through in a minute: shares taken by each. Nothing is lost that matters when
-- a crash empties it, so it writes no log.
create unlogged table rate_windows (
    budget bytea not null,
    minute bigint not null,
    taken integer not null,
    constraint rate_windows_pkey primary key (budget, minute)
);
create index rate_windows_minute_idx on rate_windows (minute);
