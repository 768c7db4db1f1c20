create table colleges (
    id uuid not null,
    code text not null,
    name text not null,
    name_en text,
    campus text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint colleges_pkey primary key (id),
    constraint colleges_code_key unique (code),
    constraint colleges_code_check check (code ~ '^[a-z0-9-]+$')
);

-- A class is college + major + label + entry or graduation year; 届 and 级 stay apart.
create table class_groups (
    id uuid not null,
    college_id uuid not null,
    major text not null,
    label text,
    entry_year smallint,
    graduation_year smallint,
    headcount integer,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint class_groups_pkey primary key (id),
    constraint class_groups_college_fkey foreign key (college_id) references colleges (id),
    constraint class_groups_id_college_key unique (id, college_id),
    constraint class_groups_identity_key unique nulls not distinct (college_id, major, label, entry_year, graduation_year),
    constraint class_groups_year_check check (num_nonnulls(entry_year, graduation_year) >= 1),
    constraint class_groups_years_check check (graduation_year >= entry_year),
    constraint class_groups_headcount_check check (headcount >= 0)
);
create index class_groups_college_years_idx on class_groups (college_id, graduation_year, entry_year, id);
create index class_groups_graduation_idx on class_groups (graduation_year);
create index class_groups_entry_idx on class_groups (entry_year);
