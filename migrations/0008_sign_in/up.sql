-- A refresh token whose answer was lost may come again: its newest successor, and the one that lost its place.
alter table refresh_tokens
    add column successor bytea,
    add column superseded_at timestamptz;

-- What a person recognises a session by.
alter table sessions
    add column last_used_at timestamptz not null default now(),
    add column user_agent text,
    add constraint sessions_user_agent_check check (char_length(user_agent) between 1 and 200),
    drop constraint sessions_end_reason_check,
    add constraint sessions_end_reason_check
        check (end_reason in ('signed_out', 'replayed', 'ended_by_owner', 'password_changed'));
update sessions set last_used_at = coalesce(ended_at, created_at);

-- Wrong passwords by identifier, by identifier and address, by address: the key is a kind and a hash, so that this
-- table names nobody. Its first byte is the kind, and in the order of keys rows are locked.
create table sign_in_failures (
    key bytea not null,
    failures integer not null,
    started_at timestamptz not null,
    blocked_until timestamptz,
    familiar_until timestamptz,
    constraint sign_in_failures_pkey primary key (key),
    constraint sign_in_failures_failures_check check (failures >= 0)
);

-- What sets a password once without the one before: handed out with an invitation.
create table password_tokens (
    hash bytea not null,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint password_tokens_pkey primary key (hash),
    constraint password_tokens_account_fkey foreign key (account_id) references accounts (id)
);
create index password_tokens_account_idx on password_tokens (account_id);

-- Tells a sign-in that began before it from one that knows the new password.
alter table accounts add column password_changed_at timestamptz;
