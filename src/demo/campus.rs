//! The `campus` demo: as much data as a large university has, for the benchmark.
//!
//! It begins as `tiny`, through the actions. The rest is made by a few statements for all rows at once, and that passes
//! the actions by: those rows have no entries in the journal. They obey the same rules (`tests/api/campus.rs`).

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use uuid::Uuid;

use super::names::{CITIES, Names, Person, Random};
use super::tiny;
use crate::access::tx::Tx;
use crate::base::error::{Error, Result};
use crate::people;
use crate::schema::class_groups;

/// How much is made besides the `tiny` demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// People, each with one study.
    pub people: i32,
    /// How many of them have accounts, all with the demo's password: `person-000001@demo.example` …
    pub accounts: i32,
    /// Events: nine of ten lie in the past.
    pub events: i32,
    /// Registrations, many for a few events and few for many; fewer for one event than there are people.
    pub registrations: i32,
}

/// What the benchmark runs on.
pub const CAMPUS: Scale = Scale { people: 250_000, accounts: 12_000, events: 2_000, registrations: 300_000 };

const SEED: u64 = 1951;
const CHUNK: i32 = 10_000;

/// Ids as `Tx::id` makes them, for statements that make many, and tables that go with the transaction.
const PREPARE: &str = "
    set local statement_timeout = 0;
    create function pg_temp.uuid_v7(at timestamptz) returns uuid language sql as $$
        select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
    $$;
    create temp table campus_people (ord int primary key, id uuid not null) on commit drop";

/// Two classes a year in each college, five since the universities grew.
const CLASSES: &str = "
    insert into class_groups (id, college_id, major, label, entry_year, graduation_year, created_at, updated_at)
    select pg_temp.uuid_v7($1), c.id, regexp_replace(c.name, '学院$', ''), entry || '-' || n || '班', entry, entry + 4, $1, $1
    from colleges c cross join generate_series(1960, 2020) entry cross join generate_series(1, 5) n
    where entry >= 1999 or n <= 2";

/// A chapter of every college in every city.
const CHAPTERS: &str = "
    with city as (
        select * from unnest($2, $3, $4, $5) with ordinality as c (name, name_en, country, region_code, ord)
    ), made as (
        insert into organizations (id, kind, name, name_en, code, parent_id, college_id, region_code, country, time_zone,
            status, created_at, updated_at)
        select pg_temp.uuid_v7($1), case city.country when 'CN' then 'regional_chapter' else 'overseas_chapter' end,
            c.name || city.name || '校友会', c.name_en || ', ' || city.name_en || ' Chapter', c.code || '-' || ord, b.id, c.id,
            city.region_code, city.country, 'Asia/Shanghai', case when ord % 11 = 0 then 'preparing' else 'active' end, $1, $1
        from organizations b join colleges c on c.id = b.college_id cross join city
        where b.kind = 'college_branch'
        returning id, parent_id, status
    ), steps as (
        insert into organization_transitions (id, organization_id, from_status, to_status, happened_on, created_at)
        select pg_temp.uuid_v7($1), id, from_status, to_status, $1::date, $1
        from made cross join (values ('preparing', 'approved'), ('approved', 'active')) s (from_status, to_status)
        where status = 'active'
    )
    insert into organization_ancestors (organization_id, ancestor_id, depth)
    select id, id, 0 from made
    union all
    select made.id, a.ancestor_id, a.depth + 1 from made join organization_ancestors a on a.organization_id = made.parent_id";

/// People of a class each, with the tokens that the study gives them.
const PEOPLE: &str = "
    with someone as materialized (
        select $2 + place::int as ord, at, pg_temp.uuid_v7(at) as id, n.*, g.college_id, g.major, g.entry_year, g.graduation_year
        from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) with ordinality
                as n (class_id, name, pinyin, gender, birth_year, city, country, employer, title, industry, place)
            cross join lateral (select $1 - make_interval(mins => 400000 - $2 - place::int) as at) o
            join class_groups g on g.id = class_id
    ), made as (
        insert into people (id, name, name_pinyin, former_names, gender, birth_year, city, country, employer, title, industry,
            alumni_status, key_contact, do_not_contact, tokens, created_at, updated_at)
        select id, name, pinyin, '{}', gender, birth_year, city, country, employer, title, industry,
            case when ord % 20 = 0 then 'unverified' else 'verified' end, ord % 50 = 0, ord % 200 = 0,
            array['class:' || class_id, 'college:' || college_id], at, at
        from someone
    ), kept as (
        insert into pg_temp.campus_people select ord, id from someone
    )
    insert into educations (id, person_id, college_id, major, class_group_id, level, entry_year, graduation_year, student_no,
        created_at, updated_at)
    select pg_temp.uuid_v7(at), id, college_id, major, class_id, 'bachelor', entry_year, graduation_year,
        'C' || lpad(ord::text, 7, '0'), at, at
    from someone";

const ACCOUNTS: &str = "
    with chosen as materialized (
        select c.ord, c.id as person_id, p.name, pg_temp.uuid_v7($1) as id
        from pg_temp.campus_people c join people p on p.id = c.id where c.ord <= $2
    ), made as (
        insert into accounts (id, name, status, password_hash, person_id, created_at, updated_at)
        select id, name, 'active', $3, person_id, $1, $1 from chosen
    )
    insert into account_identifiers (id, account_id, kind, value, created_at)
    select pg_temp.uuid_v7($1), id, 'email', 'person-' || lpad(ord::text, 6, '0') || '@demo.example', $1 from chosen";

/// What events are about to be: nine of ten over the last eight years, the others in the coming two months.
///
/// Popularity is spread as in life: the n-th most popular draws an n-th of the most popular.
const PLANS: &str = "
    create temp table campus_events on commit drop as
    with hosts as (
        select array_agg(id order by code) as ids from organizations where status = 'active'
    ), planned as (
        select n, ids[1 + (n * 7919) % cardinality(ids)] as host, n % 40 <> 0 and n % 67 <> 0 as taken_up,
            n % 40 = 0 as is_draft, n <= total * 9 / 10 as is_past, n % 5 < 2 as waitlist, n % 10 = 9 as is_unlimited,
            case when n <= total * 9 / 10 then -1 - (total * 9 / 10 - n) * 2900 / total else 1 + (n - total * 9 / 10) * 600 / total end as day
        from hosts, (select $2::int as total) t, generate_series(1, total) n
    ), dated as (
        select *, (($1 at time zone 'Asia/Shanghai')::date + day)::timestamp + make_interval(hours => 9 + n % 10) as starts_local
        from planned
    ), weighed as (
        select *, case when taken_up then 1.0 / (1 + (n * 7919) % 97) else 0 end as weight,
            least(starts_local at time zone 'Asia/Shanghai' - interval '30 days', $1 - interval '10 days') as published_at
        from dated
    )
    select *, pg_temp.uuid_v7(published_at - interval '7 days') as id,
        (floor($3 * sum(weight) over (order by n) / sum(weight) over ())
            - floor($3 * (sum(weight) over (order by n) - weight) / sum(weight) over ()))::int as demand,
        case when not taken_up then case when is_draft then 'draft' else 'cancelled' end
            when is_past then 'completed' else 'published' end as status
    from weighed";

const EVENTS: &str = "
    with made as (
        insert into events (id, organization_id, kind, title, title_en, summary, starts_local, ends_local, time_zone, starts_at,
            ends_at, venue_text, city, audience, questions, sequence_no, status, published_at, version, created_at, updated_at)
        select e.id, host, kinds[1 + n % cardinality(kinds)], o.name || '第' || n || '次活动', o.name_en || ', No. ' || n,
            '校友、在校师生齐聚一堂，交流各自的工作与研究，共叙同窗之谊。活动由' || o.name || '主办，欢迎各届校友报名参加，请提前十五分钟到场签到。',
            starts_local, starts_local + interval '3 hours', 'Asia/Shanghai', starts_local at time zone 'Asia/Shanghai',
            starts_local at time zone 'Asia/Shanghai' + interval '3 hours', '校友之家', '青岛', '{\"kind\": \"open\", \"values\": []}', '[]',
            n, e.status, case when taken_up then e.published_at end, 4, e.published_at - interval '7 days', e.published_at
        from campus_events e join organizations o on o.id = host,
            (select array['lecture', 'forum', 'annual_meeting', 'seminar', 'reunion', 'exhibition', 'other'] as kinds) k
    )
    insert into event_seats (event_id, capacity, waitlist, takes_claims)
    select id, case when waitlist then 5 + demand * 4 / 5 when not is_unlimited then 20 + demand * 2 end, waitlist, status = 'published'
    from campus_events";

/// Parties in their order: a tenth come as two, one of 25 has withdrawn, and the first that does not fit begins the queue.
const REGISTRATIONS: &str = "
    with asked as (
        select e.id as event_id, k, 1 + (k % 10 = 0)::int as size, k % 25 = 0 as withdrawn,
            1 + ((e.n::bigint * 7919 + k::bigint * 104729) % $1)::int as ord,
            e.published_at + k * (interval '5 days' / e.demand) as at
        from campus_events e cross join generate_series(1, e.demand) k
    ), queued as (
        select asked.*, coalesce(sum(size) filter (where not withdrawn) over (partition by asked.event_id order by k) > capacity, false) as waits
        from asked join event_seats s using (event_id)
    )
    insert into registrations (id, event_id, person_id, party_size, answers, status, queue_no, ticket, created_at, updated_at)
    select pg_temp.uuid_v7(at), event_id, p.id, size, '{}',
        case when withdrawn then 'withdrawn' when waits then 'waitlisted' else 'confirmed' end,
        case when waits and not withdrawn then
            count(*) filter (where waits and not withdrawn) over (partition by event_id order by k) end,
        rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '='), at, at
    from queued join pg_temp.campus_people p using (ord)";

const SEATS: &str = "
    update event_seats s set seats_taken = taken, waiting = queued, last_queue_no = queued
    from (select event_id, coalesce(sum(party_size) filter (where status = 'confirmed'), 0) as taken,
            count(*) filter (where status = 'waitlisted') as queued from registrations group by event_id) r
    where s.event_id = r.event_id and s.event_id in (select id from campus_events)";

pub async fn make(tx: &mut Tx, password_hash: &str, scale: Scale, say: &impl Fn(&str)) -> Result<()> {
    let now = tx.now();
    tiny::make(tx, password_hash, say).await?;
    tx.batch_execute(PREPARE).await?;
    let classes = diesel::sql_query(CLASSES).bind::<Timestamptz, _>(now).execute(&mut **tx).await?;
    let city = |of: fn(&super::names::City) -> &'static str| CITIES.iter().map(of).collect::<Vec<_>>();
    let chapters = diesel::sql_query(CHAPTERS)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(city(|city| city.name))
        .bind::<Array<Text>, _>(city(|city| city.name_en))
        .bind::<Array<Text>, _>(city(|city| city.country))
        .bind::<Array<Nullable<Text>>, _>(CITIES.iter().map(|city| city.region_code).collect::<Vec<_>>());
    chapters.execute(&mut **tx).await?;
    say(&format!("{classes} more classes, a chapter of every college in {} cities", CITIES.len()));
    make_people(tx, scale, say).await?;
    let accounts = diesel::sql_query(ACCOUNTS)
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(scale.accounts)
        .bind::<Text, _>(password_hash);
    say(&format!("{} accounts", accounts.execute(&mut **tx).await?));
    let plans = diesel::sql_query(PLANS).bind::<Timestamptz, _>(now);
    plans.bind::<Integer, _>(scale.events).bind::<Integer, _>(scale.registrations).execute(&mut **tx).await?;
    say(&format!("{} events", diesel::sql_query(EVENTS).execute(&mut **tx).await?));
    let registrations = diesel::sql_query(REGISTRATIONS).bind::<Integer, _>(scale.people).execute(&mut **tx).await?;
    diesel::sql_query(SEATS).execute(&mut **tx).await?;
    say(&format!("{registrations} registrations"));
    Ok(tx.batch_execute("analyze").await?)
}

async fn make_people(tx: &mut Tx, scale: Scale, say: &impl Fn(&str)) -> Result<()> {
    let classes: Vec<(Uuid, Option<i16>)> = class_groups::table
        .filter(class_groups::graduation_year.is_not_null())
        .order((class_groups::graduation_year, class_groups::label, class_groups::college_id))
        .select((class_groups::id, class_groups::graduation_year))
        .load(&mut **tx)
        .await?;
    let (mut names, mut random) = (Names::new(SEED), Random::new(SEED));
    let count = u64::try_from(classes.len()).map_err(Error::internal)?;
    let mut made = 0;
    while made < scale.people {
        let size = CHUNK.min(scale.people - made);
        let chosen = (0..size).filter_map(|_| {
            // Later classes are more, and the larger: the lists of the early ones were lost.
            let place = random.below(count).max(random.below(count));
            let (class, graduation) = *classes.get(usize::try_from(place).ok()?)?;
            Some((class, names.person(graduation? - 22)))
        });
        insert_people(tx, made, &chosen.collect::<Vec<_>>()).await?;
        made += size;
        if made % 50_000 == 0 || made == scale.people {
            say(&format!("{made} of {} people", scale.people));
        }
    }
    Ok(())
}

async fn insert_people(tx: &mut Tx, before: i32, people: &[(Uuid, Person)]) -> Result<()> {
    fn each<'a, T>(people: &'a [(Uuid, Person)], of: impl Fn(&'a Person) -> T) -> Vec<T> {
        people.iter().map(|(_, person)| of(person)).collect()
    }
    let insert = diesel::sql_query(PEOPLE)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Integer, _>(before)
        .bind::<Array<SqlUuid>, _>(people.iter().map(|(class, _)| *class).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(each(people, |person| person.name.as_str()))
        .bind::<Array<Text>, _>(each(people, |person| people::pinyin(&person.name)))
        .bind::<Array<Text>, _>(each(people, |person| person.gender))
        .bind::<Array<SmallInt>, _>(each(people, |person| person.birth_year))
        .bind::<Array<Text>, _>(each(people, |person| person.city.name))
        .bind::<Array<Text>, _>(each(people, |person| person.city.country))
        .bind::<Array<Nullable<Text>>, _>(each(people, |person| person.employer))
        .bind::<Array<Nullable<Text>>, _>(each(people, |person| person.title))
        .bind::<Array<Nullable<Text>>, _>(each(people, |person| person.industry.map(|industry| industry.code)));
    insert.execute(&mut **tx).await?;
    Ok(())
}
