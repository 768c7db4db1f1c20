//! The tables agree with each other and with FACTS.

use super::events::demo_events;
use super::*;
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::{HashMap, HashSet};

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap()
}

fn organizations() -> Vec<Chapter> {
    let mut all = vec![ASSOCIATION];
    all.extend(BRANCHES);
    all.extend(CHAPTERS);
    all
}

fn became_in_2019(kind: impl Fn(&Chapter) -> bool) -> usize {
    organizations()
        .iter()
        .filter(|o| kind(o) && o.steps.iter().any(|s| s.to == "active" && s.on.starts_with("2019")))
        .count()
}

fn held(kind: &str) -> usize {
    let held = |e: &&Event| e.status == "completed" && e.starts_local.starts_with("2019");
    demo_events().iter().filter(held).filter(|e| e.kind == kind).count()
}

fn count(figure: u32) -> usize {
    usize::try_from(figure).unwrap()
}

#[test]
fn every_college_has_its_branch() {
    assert_eq!(COLLEGES.len(), 17);
    let codes: HashSet<&str> = COLLEGES.iter().map(|c| c.code).collect();
    assert_eq!(codes.len(), 17);
    for (college, branch) in COLLEGES.iter().zip(BRANCHES) {
        assert_eq!(branch.code, format!("branch-{}", college.code));
        assert_eq!(branch.college, Some(college.code));
        assert_eq!(branch.name, format!("{}校友会", college.name));
        assert_eq!(branch.name_en, format!("{} Alumni Branch", college.name_en));
    }
}

#[test]
fn the_tree_hangs_together_and_every_step_follows_the_one_before() {
    let mut seen: HashMap<&str, Chapter> = HashMap::new();
    for organization in organizations() {
        let code = organization.code;
        assert_eq!(organization.parent.is_none(), code == "association");
        if let Some(parent) = organization.parent {
            assert!(seen.contains_key(parent), "{code}: its parent comes first");
        }
        assert!(organization.name.ends_with("校友会") || code == "association");
        assert!(organization.region_code.is_none_or(|region| region.len() == 6));
        let order = ["preparing", "approved", "active"];
        for (step, to) in organization.steps.iter().zip(order) {
            assert_eq!(step.to, to, "{code}");
            assert_eq!(step.document_no.is_some(), to == "approved", "{code}");
        }
        assert!(organization.steps.is_sorted_by(|a, b| date(a.on) < date(b.on)), "{code}");
        let last = organization.steps.last().unwrap();
        assert_eq!(organization.status, last.to, "{code}");
        let first_term = organization.terms.first().map(|term| term.starts_on);
        assert_eq!(first_term, (last.to == "active").then_some(last.on), "{code}");
        for (ordinal, term) in (1..).zip(organization.terms) {
            assert_eq!(term.ordinal, ordinal, "{code}");
            assert!(date(term.starts_on) < date(term.planned_ends_on), "{code}");
        }
        for pair in organization.terms.windows(2) {
            let ended = date(pair[0].ended_on.unwrap());
            assert_eq!(ended.succ_opt(), Some(date(pair[1].starts_on)), "{code}");
            assert!(ended <= date(pair[0].planned_ends_on), "{code}");
        }
        assert!(seen.insert(code, organization).is_none(), "{code} twice");
    }
    for child in seen.values().filter(|o| o.parent.is_some_and(|p| p.starts_with("branch"))) {
        let parent = seen[child.parent.unwrap()];
        assert!(date(parent.steps[2].on) < date(child.steps[0].on), "{}", child.code);
    }
}

#[test]
fn the_year_gives_back_its_figures() {
    let figures = FIGURES_2019;
    let branch = |o: &Chapter| o.kind == "college_branch";
    assert_eq!(became_in_2019(branch), count(figures.branches_founded));
    assert_eq!(became_in_2019(|o| !branch(o)), count(figures.chapters_founded));
    assert_eq!(held("re_election"), count(figures.re_elections));
    assert_eq!(held("annual_meeting"), count(figures.annual_meetings));
    assert_eq!(held("lecture"), count(figures.lectures));
    assert_eq!(held("appointment"), count(figures.appointment_conferences));
    let preparing = CHAPTERS.iter().filter(|o| o.status == "preparing").count();
    assert_eq!(preparing, count(figures.chapters_prepared));
    assert_eq!(LEGAL_REGISTRATION.last().unwrap().to, "submitted");
    assert!(OFFICERS_ADJUSTED.on.starts_with("2019"));
    let second_terms = |o: &&Chapter| o.terms.iter().any(|t| t.starts_on.starts_with("2019") && t.ordinal > 1);
    assert_eq!(CHAPTERS.iter().filter(second_terms).count(), count(figures.re_elections));
}

#[test]
fn the_classes_that_came_add_up_to_the_figures() {
    let classes = demo_classes();
    let came = reunions_2019();
    assert_eq!(came.len(), count(FIGURES_2019.reunion_classes));
    assert_eq!(came.iter().map(|(_, alumni)| alumni).sum::<i64>(), i64::from(FIGURES_2019.reunion_alumni));
    assert_eq!(classes[came[0].0].label, "经济69届");
    for (place, alumni) in came {
        assert!(alumni > 20 && alumni < i64::from(classes[place].headcount));
    }
}

#[test]
fn every_class_that_came_has_its_reunion_held_by_its_branch() {
    let reunions = reunion_events();
    assert_eq!(reunions.len(), count(FIGURES_2019.reunion_classes));
    assert_eq!(reunions.iter().map(|reunion| reunion.alumni).sum::<i64>(), i64::from(FIGURES_2019.reunion_alumni));
    let first = *EVENTS.iter().find(|event| event.kind == "reunion").unwrap();
    // That of the smaller demo, with other seats.
    assert_eq!(reunions[0].event(), Event { capacity: Some(60), ..first });
    let titles: HashSet<String> = reunions.iter().map(|reunion| reunion.event().title_en.to_owned()).collect();
    assert_eq!(titles.len(), reunions.len());
    let classes = demo_classes();
    for reunion in &reunions {
        let event = reunion.event();
        let branch = BRANCHES.iter().find(|branch| branch.code == event.host).unwrap();
        assert_eq!(branch.college, Some(classes[reunion.class].college));
        let begins = local(event.starts_local).date();
        assert!(date(branch.steps[2].on) + chrono::Days::new(30) <= begins, "{}", event.title);
        assert!(begins < date("2019-12-01") && i64::from(event.capacity.unwrap()) > reunion.alumni);
    }
}

#[test]
fn the_people_of_the_classes_add_up_and_fit_in() {
    let (classes, known) = (demo_classes(), people_of_classes());
    assert_eq!((known.len(), known.iter().sum::<i64>()), (classes.len(), PEOPLE));
    for (class, known) in classes.iter().zip(&known) {
        assert!((15..=i64::from(class.headcount)).contains(known), "{}: {known}", class.label);
    }
    assert!(reunions_2019().iter().all(|(place, alumni)| *alumni <= known[*place]));
    for account in ACCOUNTS.iter().filter_map(|account| account.class) {
        let holders = ACCOUNTS.iter().filter(|one| one.class == Some(account)).count();
        assert!(i64::try_from(holders).unwrap() <= known[account]);
    }
}

#[test]
fn what_is_coming_is_held_by_bodies_that_are_there() {
    for coming in COMING.iter().chain(MORE_COMING) {
        let host = organizations().into_iter().find(|o| o.code == coming.event.host).unwrap();
        assert_eq!(host.status, "active");
        let (starts, ends) = coming.times(date("2026-02-03"));
        assert!(local(&starts) < local(&ends) && local(&starts).date() > date("2026-02-03"));
        assert!(coming.event.capacity.is_none_or(|seats| coming.registrations <= usize::try_from(seats).unwrap()));
    }
}

#[test]
fn classes_are_well_formed() {
    assert_eq!(CLASSES.len(), 30);
    let classes = demo_classes();
    assert_eq!((classes.len(), &classes[..30]), (160, CLASSES));
    assert_eq!(classes, demo_classes());
    let mut labels = HashSet::new();
    for class in &classes {
        assert!(COLLEGES.iter().any(|c| c.code == class.college), "{}", class.label);
        assert!(labels.insert((class.college, class.label.clone())), "{}", class.label);
        assert!(class.entry_year.is_some() || class.graduation_year.is_some());
        if let (Some(entry), Some(graduation)) = (class.entry_year, class.graduation_year) {
            assert!((3..=5).contains(&(graduation - entry)), "{}", class.label);
        }
        assert!((25..=80).contains(&class.headcount), "{}", class.label);
    }
    let of = |label: &str| CLASSES.iter().find(|c| c.label == label).unwrap();
    assert_eq!(of("经济69届").milestone(2019), Some(("graduation", 50)));
    assert_eq!(of("测量81级").milestone(2021), Some(("entry", 40)));
    assert_eq!(of("测量81级").milestone(2019), None);
    assert_eq!(of("矿测79级").milestone(2019), Some(("entry", 40)));
}

#[test]
fn events_belong_to_bodies_that_were_there() {
    let all = demo_events();
    assert!(all.is_sorted_by_key(|event| event.starts_local));
    for event in &all {
        assert!(local(event.starts_local) < local(event.ends_local), "{}", event.title);
        assert!(!event.title.is_empty() && !event.title_en.is_empty());
        assert!(!event.summary.is_empty() && !event.summary_en.is_empty() && !event.venue_text.is_empty());
        let host = organizations().into_iter().find(|o| o.code == event.host).unwrap();
        let founded = date(host.steps.last().unwrap().on);
        assert_eq!(host.status, "active");
        assert!(founded <= local(event.starts_local).date(), "{}", event.title);
    }
    let numbers: Vec<i32> = all.iter().filter_map(|event| event.sequence_no).collect();
    assert_eq!(numbers, (1..=39).collect::<Vec<_>>());
    for event in all.iter().filter(|event| event.kind == "lecture") {
        let number = event.sequence_no.unwrap();
        assert!(event.title.starts_with(&format!("知名校友论坛第{number}讲：")));
        assert!(event.title_en.contains(&format!("Lecture {number}: ")));
    }
    let states: HashSet<&str> = EVENTS.iter().map(|event| event.status).collect();
    assert_eq!(states.len(), 5);
}

#[test]
fn the_accounts_are_those_of_the_contract() {
    let logins: Vec<&str> = ACCOUNTS.iter().map(|account| account.login).collect();
    let staff = [
        "admin",
        "office",
        "director",
        "college.cs",
        "college.econ",
        "secretary.shenzhen",
        "secretary.shijiazhuang",
        "secretary.cs-beijing",
        "treasurer",
        "receipts",
        "liaison.2019",
        "auditor",
    ];
    assert_eq!(logins[..12], staff);
    let alumni: Vec<String> = (1..=20).map(|n| format!("alumnus{n}")).collect();
    assert_eq!(logins[12..], alumni);
    let names: HashSet<&str> = ACCOUNTS.iter().map(|account| account.name).collect();
    assert_eq!(names.len(), 32);
    for account in ACCOUNTS {
        assert_eq!(account.role.is_some(), account.scope.is_some());
        assert_eq!(account.role.is_some(), !account.login.starts_with("alumnus"));
        assert!(account.role.is_some() || account.class.is_some());
        assert!(account.class.is_none_or(|class| class < CLASSES.len()));
        assert!(crate::demo::names::CITIES.iter().any(|city| city.name == account.city));
        match account.scope {
            Some(Scope::Organization(code)) => {
                assert!(organizations().iter().any(|o| o.code == code));
            }
            Some(Scope::College(code)) => assert!(COLLEGES.iter().any(|c| c.code == code)),
            Some(Scope::ClassGroup(class)) => {
                assert_eq!(CLASSES[class].graduation_year, Some(2019));
            }
            Some(Scope::All) | None => {}
        }
    }
    assert_eq!(ACCOUNTS[0].email(), "admin@demo.example");
}
