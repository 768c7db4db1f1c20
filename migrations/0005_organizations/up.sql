create table organizations (
    id uuid not null,
    kind text not null,
    name text not null,
    name_en text,
    code text not null,
    parent_id uuid,
    college_id uuid,
    region_code text,
    country text,
    industry text,
    time_zone text not null,
    status text not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint organizations_pkey primary key (id),
    constraint organizations_code_key unique (code),
    constraint organizations_parent_fkey foreign key (parent_id) references organizations (id),
    constraint organizations_college_fkey foreign key (college_id) references colleges (id),
    constraint organizations_kind_check check (kind in ('association', 'college_branch', 'regional_chapter', 'industry_chapter', 'overseas_chapter')),
    constraint organizations_status_check check (status in ('preparing', 'approved', 'active', 'suspended', 'merged', 'dissolved', 'withdrawn', 'rejected')),
    constraint organizations_code_check check (code ~ '^[a-z0-9-]+$'),
    constraint organizations_root_check check ((kind = 'association') = (parent_id is null)),
    constraint organizations_parent_check check (parent_id <> id),
    constraint organizations_branch_college_check check (kind <> 'college_branch' or college_id is not null)
);
create unique index organizations_one_association_key on organizations (kind) where kind = 'association';
create unique index organizations_one_live_branch_key on organizations (college_id)
    where kind = 'college_branch' and status in ('preparing', 'approved', 'active', 'suspended');
create index organizations_parent_idx on organizations (parent_id);
create index organizations_college_idx on organizations (college_id);
create index organizations_region_idx on organizations (region_code text_pattern_ops);
create index organizations_status_idx on organizations (status, id);

-- Every organization with itself and all above it: the governance axis, ready to join.
create table organization_ancestors (
    organization_id uuid not null,
    ancestor_id uuid not null,
    depth smallint not null,
    constraint organization_ancestors_pkey primary key (organization_id, ancestor_id),
    constraint organization_ancestors_organization_fkey foreign key (organization_id) references organizations (id),
    constraint organization_ancestors_ancestor_fkey foreign key (ancestor_id) references organizations (id),
    constraint organization_ancestors_depth_check check (depth >= 0 and (depth = 0) = (organization_id = ancestor_id))
);
create index organization_ancestors_ancestor_idx on organization_ancestors (ancestor_id, organization_id);

-- Every step of a lifecycle is a row: who, when, why, under which document.
create table organization_transitions (
    id uuid not null,
    organization_id uuid not null,
    from_status text not null,
    to_status text not null,
    happened_on date not null,
    document_no text,
    reason text,
    actor_id uuid,
    created_at timestamptz not null,
    constraint organization_transitions_pkey primary key (id),
    constraint organization_transitions_organization_fkey foreign key (organization_id) references organizations (id),
    constraint organization_transitions_actor_fkey foreign key (actor_id) references accounts (id),
    constraint organization_transitions_step_check check (from_status <> to_status)
);
create index organization_transitions_organization_idx on organization_transitions (organization_id, id);
create index organization_transitions_actor_idx on organization_transitions (actor_id);
