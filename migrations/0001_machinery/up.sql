-- Secrets that every API process of one deployment shares (cursor seal and the like).
create table secrets (
    name text not null,
    value bytea not null,
    created_at timestamptz not null default now(),
    constraint secrets_pkey primary key (name)
);

-- Ed25519 keys that sign access tokens; the newest signs, the others still verify.
create table signing_keys (
    kid text not null,
    private_key bytea not null,
    public_key bytea not null,
    created_at timestamptz not null default now(),
    constraint signing_keys_pkey primary key (kid)
);

-- The stored answer of a keyed POST, written in the transaction of its effect.
create table idempotency_keys (
    principal uuid not null,
    route text not null,
    key text not null,
    fingerprint bytea not null,
    status smallint not null,
    location text,
    etag text,
    body bytea not null,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (principal, route, key)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- Who, when, why. Rows are only ever added; the sealer gives each its position and hash once.
create table journal_entries (
    id uuid not null,
    at timestamptz not null,
    act text not null,
    actor_id uuid,
    subject_kind text not null,
    subject_id uuid not null,
    fields text[] not null,
    facts jsonb not null,
    reason text,
    request_id uuid,
    position bigint,
    hash bytea,
    constraint journal_entries_pkey primary key (id),
    constraint journal_entries_position_key unique (position),
    constraint journal_entries_sealed_check check ((position is null) = (hash is null))
);
create index journal_entries_unsealed_idx on journal_entries (id) where position is null;
create index journal_entries_subject_idx on journal_entries (subject_kind, subject_id, id);

create function journal_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.position is null
        and (new.id, new.at, new.act, new.actor_id, new.subject_kind, new.subject_id, new.fields, new.facts, new.reason, new.request_id)
            is not distinct from
            (old.id, old.at, old.act, old.actor_id, old.subject_kind, old.subject_id, old.fields, old.facts, old.reason, old.request_id)
    then
        return new;
    end if;
    raise exception 'the journal is append-only' using errcode = 'restrict_violation';
end
$$;
create trigger journal_entries_append_only before update or delete on journal_entries
    for each row execute function journal_is_append_only();
create trigger journal_entries_no_truncate before truncate on journal_entries
    for each statement execute function journal_is_append_only();

-- What is true of this deployment as a whole: that its data is the demo's.
create table deployment (
    name text not null,
    value text not null,
    constraint deployment_pkey primary key (name)
);
