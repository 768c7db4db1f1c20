create table events (
    id uuid not null,
    organization_id uuid not null,
    kind text not null,
    title text not null,
    title_en text,
    summary text,
    starts_local timestamp not null,
    ends_local timestamp not null,
    time_zone text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    venue_text text,
    city text,
    online_url text,
    max_party integer,
    registration_opens_at timestamptz,
    registration_closes_at timestamptz,
    audience jsonb not null,
    questions jsonb not null,
    sequence_no integer,
    status text not null,
    status_reason text,
    published_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint events_pkey primary key (id),
    constraint events_organization_fkey foreign key (organization_id) references organizations (id),
    constraint events_kind_check check (kind in ('lecture', 'forum', 'annual_meeting', 'matchmaking', 'seminar', 'congress', 'appointment', 're_election', 'reunion', 'exhibition', 'other')),
    constraint events_status_check check (status in ('draft', 'submitted', 'returned', 'approved', 'published', 'completed', 'cancelled')),
    -- What was never published is not public, also when it was cancelled.
    constraint events_published_check check (status = 'cancelled' or (status in ('published', 'completed')) = (published_at is not null)),
    constraint events_times_check check (ends_at > starts_at),
    constraint events_registration_times_check check (registration_closes_at > registration_opens_at),
    constraint events_max_party_check check (max_party between 1 and 100),
    constraint events_sequence_no_check check (sequence_no >= 1)
);
create index events_organization_idx on events (organization_id, starts_at, id);
create index events_starts_at_idx on events (starts_at, id);
create index events_published_idx on events (starts_at, id) where published_at is not null;
create index events_status_idx on events (status, starts_at, id);

-- The hot row of an event, kept narrow: every seat is claimed by one statement here.
create table event_seats (
    event_id uuid not null,
    capacity integer,
    waitlist boolean not null,
    -- Published and neither cancelled nor completed: a claim that waited for a cancellation finds it here.
    takes_claims boolean not null default false,
    seats_taken integer not null default 0,
    waiting integer not null default 0,
    last_queue_no bigint not null default 0,
    -- How many parties the last claim seated: how that one statement tells its caller.
    last_seated integer not null default 0,
    constraint event_seats_pkey primary key (event_id),
    constraint event_seats_event_fkey foreign key (event_id) references events (id),
    constraint event_seats_capacity_check check (capacity >= 1),
    constraint event_seats_taken_check check (seats_taken >= 0 and (capacity is null or seats_taken <= capacity)),
    constraint event_seats_waiting_check check (waiting >= 0)
) with (fillfactor = 50);

create table registrations (
    id uuid not null,
    event_id uuid not null,
    person_id uuid,
    guest_name text,
    party_size integer not null,
    answers jsonb not null,
    status text not null,
    queue_no bigint,
    ticket text not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint registrations_pkey primary key (id),
    constraint registrations_event_fkey foreign key (event_id) references events (id),
    constraint registrations_person_fkey foreign key (person_id) references people (id),
    constraint registrations_ticket_key unique (ticket),
    constraint registrations_status_check check (status in ('confirmed', 'waitlisted', 'withdrawn')),
    constraint registrations_someone_check check (num_nonnulls(person_id, guest_name) = 1),
    constraint registrations_party_size_check check (party_size between 1 and 100),
    -- A place in the queue exists exactly while one waits.
    constraint registrations_queue_check check ((status = 'waitlisted') = (queue_no is not null))
);
create unique index registrations_one_live_key on registrations (event_id, person_id) where status <> 'withdrawn';
create unique index registrations_queue_key on registrations (event_id, queue_no) where queue_no is not null;
create index registrations_event_idx on registrations (event_id, id);
create index registrations_person_idx on registrations (person_id, id);
