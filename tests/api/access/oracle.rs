//! Nobody reads or writes outside, and nobody is refused inside: random worlds against a plain oracle.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::json;

use super::world::{Account, Grant, Place, World};

const OFFICE: [&str; 2] = ["office_staff", "office_director"];
const WRITERS: [&str; 4] = ["office_staff", "office_director", "college_admin", "chapter_secretary"];

fn any_of(base: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [base, more].concat()
}

fn is_in_force(grant: &Grant) -> bool {
    grant.days.0 <= 0 && grant.days.1.is_none_or(|last| last >= 0)
}

impl World {
    /// An organization with all above it.
    fn chain(&self, organization: usize) -> Vec<usize> {
        let mut chain = vec![organization];
        while let Some(parent) = self.organizations[*chain.last().unwrap()].parent {
            chain.push(parent);
        }
        chain
    }

    fn covers_organization(&self, place: Place, organization: usize) -> bool {
        let chain = self.chain(organization);
        match place {
            Place::All => true,
            Place::Organization(at) => chain.contains(&at),
            Place::College(at) => chain.iter().any(|one| self.organizations[*one].college == Some(at)),
            Place::Class(_) | Place::Event(_) => false,
        }
    }

    fn covers_event(&self, place: Place, event: usize) -> bool {
        matches!(place, Place::Event(at) if at == event) || self.covers_organization(place, self.events[event].host)
    }

    fn covers_person(&self, place: Place, person: usize) -> bool {
        let studies = &self.people[person].studies;
        match place {
            Place::All => true,
            Place::College(at) => studies.iter().any(|(college, _)| *college == at),
            Place::Class(at) => studies.iter().any(|(_, class)| *class == Some(at)),
            Place::Organization(_) | Place::Event(_) => false,
        }
    }
}

fn holds(account: &Account, roles: &[&str], covers: impl Fn(Place) -> bool) -> bool {
    let mut grants = account.grants.iter().filter(|grant| is_in_force(grant) && roles.contains(&grant.role));
    grants.any(|grant| covers(grant.place))
}

/// What a change of something should be answered.
fn status(seen: bool, changed: bool) -> u16 {
    match (seen, changed) {
        (false, _) => 404,
        (true, false) => 403,
        (true, true) => 200,
    }
}

/// Everything in which the program and the oracle differ for one account.
async fn differences(world: &World, n: usize) -> Vec<String> {
    let account = &world.accounts[n];
    let mut found = vec![];
    let mut differ = |what: String, oracle: String, program: String| {
        if oracle != program {
            found.push(format!(
                "account {n} {what}: {oracle} by the oracle, {program} by the program; {:?}",
                account.grants
            ));
        }
    };
    let change = |path: String, body: serde_json::Value| async move {
        let call = account.actor.call(Method::PATCH, &path).header("if-match", "*");
        call.json(&body).send().await.status
    };

    let readers = any_of(&WRITERS, &["auditor"]);
    let (mut events, mut organizations, mut people) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (at, event) in world.events.iter().enumerate() {
        let by = |roles: &[&str]| holds(account, roles, |place| world.covers_event(place, at));
        if event.is_public || by(&readers) {
            events.insert(event.id.clone());
        }
        let seen = event.is_public || by(&any_of(&readers, &["check_in"]));
        let path = format!("/events/{}", event.id);
        let read = account.actor.get(&path).await.status;
        differ(format!("reads event {at}"), status(seen, true).to_string(), read.to_string());
        let changed = change(path, json!({"summary": "x"})).await;
        differ(format!("changes event {at}"), status(seen, by(&WRITERS)).to_string(), changed.to_string());
    }
    for (at, organization) in world.organizations.iter().enumerate() {
        let by = |roles: &[&str]| holds(account, roles, |place| world.covers_organization(place, at));
        let seen = organization.is_active || by(&any_of(&readers, &["system_admin", "treasurer"]));
        if seen {
            organizations.insert(organization.id.clone());
        }
        let path = format!("/organizations/{}", organization.id);
        let read = account.actor.get(&path).await.status;
        differ(format!("reads organization {at}"), status(seen, true).to_string(), read.to_string());
        let changed = change(path, json!({"name_en": "x"})).await;
        differ(format!("changes organization {at}"), status(seen, by(&WRITERS)).to_string(), changed.to_string());
    }
    for (at, person) in world.people.iter().enumerate() {
        let by = |roles: &[&str]| holds(account, roles, |place| world.covers_person(place, at));
        let seen = account.person == Some(at) || by(&any_of(&readers, &["liaison"]));
        if seen {
            people.insert(person.id.clone());
        }
        let path = format!("/people/{}", person.id);
        let read = account.actor.get(&path).await.status;
        differ(format!("reads person {at}"), status(seen, true).to_string(), read.to_string());
        let changed = change(path, json!({"city": "x"})).await;
        let may = by(&any_of(&OFFICE, &["college_admin"]));
        differ(format!("changes person {at}"), status(seen, may).to_string(), changed.to_string());
    }
    for (path, oracle) in [("/events", events), ("/organizations", organizations), ("/people", people)] {
        let program: BTreeSet<_> = account.actor.all_of(path, "id").await.into_iter().collect();
        differ(format!("lists {path}"), format!("{oracle:?}"), format!("{program:?}"));
    }
    found
}

async fn all_differences(world: &World) -> Vec<String> {
    let mut found = vec![];
    for n in 0..world.accounts.len() {
        found.extend(differences(world, n).await);
    }
    found
}

async fn agrees(seed: u64) {
    let world = World::make(seed).await;
    assert_eq!(all_differences(&world).await, Vec::<String>::new(), "seed {seed}");
}

#[actix_web::test]
async fn in_a_first_random_world_everybody_reads_and_writes_exactly_inside() {
    agrees(1).await;
}

#[actix_web::test]
async fn in_a_second_random_world_everybody_reads_and_writes_exactly_inside() {
    agrees(2).await;
}

#[actix_web::test]
async fn in_a_third_random_world_everybody_reads_and_writes_exactly_inside() {
    agrees(3).await;
}

#[actix_web::test]
async fn in_a_world_of_today_everybody_reads_and_writes_exactly_inside() {
    // Another world each day; the seed is told when it fails.
    let today = homecoming::base::clock::Clock::wall().date_naive();
    agrees(u64::try_from(today.signed_duration_since(chrono::NaiveDate::MIN).num_days()).unwrap()).await;
}

/// The negative control: the comparison sees a tree, a person's places, or a grant that came apart.
#[actix_web::test]
async fn the_comparison_detects_a_world_that_came_apart() {
    for harm in [
        "delete from organization_ancestors where depth > 0",
        "insert into organization_ancestors select a.id, b.id, 9 from organizations a, organizations b where a.id <> b.id on conflict do nothing",
        "update people set tokens = '{}'",
        "update people set tokens = (select array_agg('college:' || id) from colleges)",
        "update role_grants set starts_on = '2000-01-01', ends_on = null",
    ] {
        let world = World::make(1).await;
        world.app.sql(harm).await;
        let mut found = vec![];
        for n in 0..world.accounts.len() {
            if found.is_empty() {
                found = differences(&world, n).await;
            }
        }
        assert!(!found.is_empty(), "{harm}");
    }
}
