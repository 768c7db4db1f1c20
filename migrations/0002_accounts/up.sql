create table accounts (
    id uuid not null,
    name text not null,
    status text not null,
    password_hash text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint accounts_pkey primary key (id),
    constraint accounts_status_check check (status in ('active', 'disabled'))
);

-- What one signs in with. An account may have many; other kinds can join later.
create table account_identifiers (
    id uuid not null,
    account_id uuid not null,
    kind text not null,
    value text not null,
    created_at timestamptz not null,
    constraint account_identifiers_pkey primary key (id),
    constraint account_identifiers_value_key unique (kind, value),
    constraint account_identifiers_account_fkey foreign key (account_id) references accounts (id),
    constraint account_identifiers_kind_check check (kind in ('email', 'phone')),
    constraint account_identifiers_email_check check (kind <> 'email' or value = lower(value))
);
create index account_identifiers_account_idx on account_identifiers (account_id);

-- One sign-in on one device: a family of refresh tokens that ends as a whole.
create table sessions (
    id uuid not null,
    account_id uuid not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    constraint sessions_pkey primary key (id),
    constraint sessions_account_fkey foreign key (account_id) references accounts (id),
    constraint sessions_end_reason_check check (end_reason in ('signed_out', 'replayed')),
    constraint sessions_ended_check check ((ended_at is null) = (end_reason is null))
);
create index sessions_account_idx on sessions (account_id);
create index sessions_ended_at_idx on sessions (ended_at) where ended_at is not null;

create table refresh_tokens (
    hash bytea not null,
    session_id uuid not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint refresh_tokens_pkey primary key (hash),
    constraint refresh_tokens_session_fkey foreign key (session_id) references sessions (id)
);
create index refresh_tokens_session_idx on refresh_tokens (session_id);
