//! Tables as diesel sees them: written by `bin/schema` from a migrated database, never by hand.

diesel::table! {
    account_identifiers (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        value -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        name -> Text,
        status -> Text,
        password_hash -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        person_id -> Nullable<Uuid>,
        password_changed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    class_groups (id) {
        id -> Uuid,
        college_id -> Uuid,
        major -> Text,
        label -> Nullable<Text>,
        entry_year -> Nullable<Int2>,
        graduation_year -> Nullable<Int2>,
        headcount -> Nullable<Int4>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    colleges (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        campus -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    deployment (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    educations (id) {
        id -> Uuid,
        person_id -> Uuid,
        college_id -> Uuid,
        major -> Nullable<Text>,
        class_group_id -> Nullable<Uuid>,
        level -> Nullable<Text>,
        entry_year -> Nullable<Int2>,
        graduation_year -> Nullable<Int2>,
        student_no -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    effective_grants (id) {
        id -> Uuid,
        account_id -> Uuid,
        role -> Text,
        scope_kind -> Text,
        scope_id -> Nullable<Uuid>,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        source -> Text,
    }
}

diesel::table! {
    event_seats (event_id) {
        event_id -> Uuid,
        capacity -> Nullable<Int4>,
        waitlist -> Bool,
        takes_claims -> Bool,
        seats_taken -> Int4,
        waiting -> Int4,
        last_queue_no -> Int8,
        last_seated -> Int4,
    }
}

diesel::table! {
    events (id) {
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        title -> Text,
        title_en -> Nullable<Text>,
        summary -> Nullable<Text>,
        starts_local -> Timestamp,
        ends_local -> Timestamp,
        time_zone -> Text,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        venue_text -> Nullable<Text>,
        city -> Nullable<Text>,
        online_url -> Nullable<Text>,
        max_party -> Nullable<Int4>,
        registration_opens_at -> Nullable<Timestamptz>,
        registration_closes_at -> Nullable<Timestamptz>,
        audience -> Jsonb,
        questions -> Jsonb,
        sequence_no -> Nullable<Int4>,
        status -> Text,
        status_reason -> Nullable<Text>,
        published_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (principal, route, key) {
        principal -> Uuid,
        route -> Text,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    journal_entries (id) {
        id -> Uuid,
        at -> Timestamptz,
        act -> Text,
        actor_id -> Nullable<Uuid>,
        subject_kind -> Text,
        subject_id -> Uuid,
        fields -> Array<Text>,
        facts -> Jsonb,
        reason -> Nullable<Text>,
        request_id -> Nullable<Uuid>,
        position -> Nullable<Int8>,
        hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    organization_ancestors (organization_id, ancestor_id) {
        organization_id -> Uuid,
        ancestor_id -> Uuid,
        depth -> Int2,
    }
}

diesel::table! {
    organization_transitions (id) {
        id -> Uuid,
        organization_id -> Uuid,
        from_status -> Text,
        to_status -> Text,
        happened_on -> Date,
        document_no -> Nullable<Text>,
        reason -> Nullable<Text>,
        actor_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        code -> Text,
        parent_id -> Nullable<Uuid>,
        college_id -> Nullable<Uuid>,
        region_code -> Nullable<Text>,
        country -> Nullable<Text>,
        industry -> Nullable<Text>,
        time_zone -> Text,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    password_tokens (hash) {
        hash -> Bytea,
        account_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    people (id) {
        id -> Uuid,
        name -> Text,
        name_latin -> Nullable<Text>,
        name_pinyin -> Text,
        former_names -> Array<Text>,
        gender -> Nullable<Text>,
        birth_year -> Nullable<Int2>,
        city -> Nullable<Text>,
        country -> Nullable<Text>,
        employer -> Nullable<Text>,
        title -> Nullable<Text>,
        industry -> Nullable<Text>,
        alumni_status -> Text,
        key_contact -> Bool,
        deceased_on -> Nullable<Date>,
        do_not_contact -> Bool,
        tokens -> Array<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        session_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        successor -> Nullable<Bytea>,
        superseded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rate_windows (budget, minute) {
        budget -> Bytea,
        minute -> Int8,
        taken -> Int4,
    }
}

diesel::table! {
    registrations (id) {
        id -> Uuid,
        event_id -> Uuid,
        person_id -> Nullable<Uuid>,
        guest_name -> Nullable<Text>,
        party_size -> Int4,
        answers -> Jsonb,
        status -> Text,
        queue_no -> Nullable<Int8>,
        ticket -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Uuid,
        account_id -> Uuid,
        role -> Text,
        scope_kind -> Text,
        organization_id -> Nullable<Uuid>,
        college_id -> Nullable<Uuid>,
        class_group_id -> Nullable<Uuid>,
        event_id -> Nullable<Uuid>,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        account_id -> Uuid,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
        last_used_at -> Timestamptz,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_failures (key) {
        key -> Bytea,
        failures -> Int4,
        started_at -> Timestamptz,
        blocked_until -> Nullable<Timestamptz>,
        familiar_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        private_key -> Bytea,
        public_key -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_identifiers,
    accounts,
    class_groups,
    colleges,
    deployment,
    educations,
    effective_grants,
    event_seats,
    events,
    idempotency_keys,
    journal_entries,
    organization_ancestors,
    organization_transitions,
    organizations,
    password_tokens,
    people,
    refresh_tokens,
    rate_windows,
    registrations,
    role_grants,
    secrets,
    sessions,
    sign_in_failures,
    signing_keys,
);
