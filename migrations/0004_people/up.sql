create table people (
    id uuid not null,
    name text not null,
    name_latin text,
    name_pinyin text not null,
    former_names text[] not null,
    gender text,
    birth_year smallint,
    city text,
    country text,
    employer text,
    title text,
    industry text,
    alumni_status text not null,
    key_contact boolean not null,
    deceased_on date,
    do_not_contact boolean not null,
    -- One array answers who may see the person: college:…, class:…, org:… (search words join it).
    tokens text[] not null default '{}',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint people_pkey primary key (id),
    constraint people_gender_check check (gender in ('female', 'male', 'other')),
    constraint people_alumni_status_check check (alumni_status in ('verified', 'unverified', 'student', 'non_alumnus')),
    constraint people_birth_year_check check (birth_year between 1850 and 2200)
);
create index people_tokens_idx on people using gin (tokens);
create index people_city_idx on people (city, id);
create index people_key_contact_idx on people (id) where key_contact;
create index people_alumni_status_idx on people (alumni_status, id);

create table educations (
    id uuid not null,
    person_id uuid not null,
    college_id uuid not null,
    major text,
    class_group_id uuid,
    level text,
    entry_year smallint,
    graduation_year smallint,
    student_no text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint educations_pkey primary key (id),
    constraint educations_person_fkey foreign key (person_id) references people (id),
    constraint educations_college_fkey foreign key (college_id) references colleges (id),
    -- A class of another college cannot be stored.
    constraint educations_class_group_fkey foreign key (class_group_id, college_id) references class_groups (id, college_id),
    constraint educations_student_no_key unique (student_no),
    constraint educations_level_check check (level in ('associate', 'bachelor', 'master', 'doctor', 'other')),
    constraint educations_years_check check (graduation_year >= entry_year)
);
create index educations_person_idx on educations (person_id);
create index educations_college_idx on educations (college_id, graduation_year);
create index educations_class_group_idx on educations (class_group_id, college_id);
create index educations_graduation_idx on educations (graduation_year, person_id);
create index educations_entry_idx on educations (entry_year, person_id);

alter table accounts add column person_id uuid;
alter table accounts add constraint accounts_person_fkey foreign key (person_id) references people (id);
alter table accounts add constraint accounts_person_key unique (person_id);
