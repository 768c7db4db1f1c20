-- Access given by hand: role × scope × period. Offices, appointments and devices join the view later.
create table role_grants (
    id uuid not null,
    account_id uuid not null,
    role text not null,
    scope_kind text not null,
    organization_id uuid,
    college_id uuid,
    class_group_id uuid,
    event_id uuid,
    starts_on date not null,
    ends_on date,
    created_at timestamptz not null,
    constraint role_grants_pkey primary key (id),
    constraint role_grants_account_fkey foreign key (account_id) references accounts (id),
    constraint role_grants_organization_fkey foreign key (organization_id) references organizations (id),
    constraint role_grants_college_fkey foreign key (college_id) references colleges (id),
    constraint role_grants_class_group_fkey foreign key (class_group_id) references class_groups (id),
    constraint role_grants_event_fkey foreign key (event_id) references events (id),
    constraint role_grants_role_check check (role in ('system_admin', 'office_staff', 'office_director', 'college_admin', 'chapter_secretary', 'treasurer', 'receipt_controller', 'liaison', 'check_in', 'auditor')),
    constraint role_grants_scope_kind_check check (scope_kind in ('all', 'organization', 'college', 'class_group', 'event')),
    constraint role_grants_scope_check check (
        (scope_kind = 'organization') = (organization_id is not null)
        and (scope_kind = 'college') = (college_id is not null)
        and (scope_kind = 'class_group') = (class_group_id is not null)
        and (scope_kind = 'event') = (event_id is not null)
    ),
    constraint role_grants_period_check check (ends_on >= starts_on)
);
create index role_grants_account_idx on role_grants (account_id);
create index role_grants_organization_idx on role_grants (organization_id);
create index role_grants_college_idx on role_grants (college_id);
create index role_grants_class_group_idx on role_grants (class_group_id);
create index role_grants_event_idx on role_grants (event_id);

create view effective_grants as
    select id, account_id, role, scope_kind,
        coalesce(organization_id, college_id, class_group_id, event_id) as scope_id,
        starts_on, ends_on, 'manual'::text as source
    from role_grants;
